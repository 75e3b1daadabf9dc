libipdlam_a_SOURCES += \
	%D%/blocks.c \
	%D%/changes.c \
	%D%/charts.c \
	%D%/boundary.c \
	%D%/confusion.c \
	%D%/console.c \
	%D%/curves.c %D%/curves.h \
	%D%/curves_drawing.c %D%/curves_drawing.h \
	%D%/curves_figure.c %D%/curves_figure.h \
	%D%/curves_axis.c %D%/curves_axis.h \
	%D%/curves_keys.c \
	%D%/distribution.c \
	%D%/difference.c %D%/difference.h \
	%D%/events.c \
	%D%/field.c %D%/field.h \
	%D%/help.c \
	%D%/keys.c \
	%D%/layers.c \
	%D%/marks.c %D%/marks.h \
	%D%/objective.c \
	%D%/order.c \
	%D%/popup.c %D%/popup.h \
	%D%/runs.c \
	%D%/samples.c \
	%D%/settings.c \
	%D%/status.c \
	%D%/tiles.c %D%/tiles.h \
	%D%/tree.c \
	%D%/watch.c \
	%D%/typed.c %D%/typed.h \
	%D%/values.c \
	%D%/view.c %D%/view.h \
	%D%/weights.c
