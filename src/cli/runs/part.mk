libipdlam_a_SOURCES += \
	%D%/charts.c \
	%D%/compare.c \
	%D%/edit.c \
	%D%/export.c \
	%D%/list.c \
	%D%/runs.c %D%/runs.h \
	%D%/show.c \
	%D%/text.c
