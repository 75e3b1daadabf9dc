libipdlam_a_SOURCES += \
	%D%/data.c %D%/data.h \
	%D%/fetch.c \
	%D%/rows.c \
	%D%/show.c
