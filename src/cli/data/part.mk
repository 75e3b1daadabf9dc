libipdlam_a_SOURCES += \
	%D%/data.c %D%/data.h \
	%D%/fetch.c \
	%D%/import.c \
	%D%/info.c \
	%D%/rows.c \
	%D%/show.c \
	%D%/synth.c
