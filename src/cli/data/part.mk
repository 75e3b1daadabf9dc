libipdlam_a_SOURCES += \
	%D%/data.c %D%/data.h \
	%D%/fetch.c \
	%D%/show.c
