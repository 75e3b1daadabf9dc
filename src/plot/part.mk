libipdlam_a_SOURCES += \
	%D%/canvas.c %D%/canvas.h \
	%D%/chart.c %D%/chart.h \
	%D%/chart_frame.h \
	%D%/chart_legend.c \
	%D%/chart_lines.c \
	%D%/colour.c %D%/colour.h \
	%D%/glyph.c %D%/glyph.h \
	%D%/image.c %D%/image.h \
	%D%/raster.c %D%/raster.h \
	%D%/scale.c %D%/scale.h \
	%D%/summary.c %D%/summary.h
libipdlam_a_SOURCES += %D%/csv.c %D%/csv.h %D%/figure.c %D%/figure.h %D%/figure_scales.c
if HAVE_CAIRO
libipdlam_a_SOURCES += %D%/figure_cairo.c
endif
