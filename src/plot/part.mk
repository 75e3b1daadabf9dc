libipdlam_a_SOURCES += \
	%D%/canvas.c %D%/canvas.h \
	%D%/chart.c %D%/chart.h \
	%D%/glyph.c %D%/glyph.h \
	%D%/raster.c %D%/raster.h \
	%D%/scale.c %D%/scale.h
