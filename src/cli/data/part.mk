libipdlam_a_SOURCES += \
	%D%/bar.c %D%/bar.h \
	%D%/data.c %D%/data.h \
	%D%/fetch.c \
	%D%/import.c \
	%D%/info.c \
	%D%/rows.c \
	%D%/show.c \
	%D%/synth.c
