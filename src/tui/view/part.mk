libipdlam_a_SOURCES += \
	%D%/accuracy.c \
	%D%/blocks.c \
	%D%/changes.c \
	%D%/confusion.c \
	%D%/console.c \
	%D%/curves.c %D%/curves.h \
	%D%/curves_keys.c \
	%D%/difference.c %D%/difference.h \
	%D%/events.c \
	%D%/gaps.c \
	%D%/help.c \
	%D%/keys.c \
	%D%/layers.c \
	%D%/marks.c %D%/marks.h \
	%D%/moved.c \
	%D%/objective.c \
	%D%/order.c \
	%D%/parameters.c \
	%D%/popup.c %D%/popup.h \
	%D%/runs.c \
	%D%/samples.c \
	%D%/settings.c \
	%D%/status.c \
	%D%/steps.c \
	%D%/tiles.c %D%/tiles.h \
	%D%/typed.c %D%/typed.h \
	%D%/view.c %D%/view.h \
	%D%/weights.c
