libipdlam_a_SOURCES += \
	%D%/bench.c %D%/bench.h \
	%D%/reference.c %D%/reference.h \
	%D%/reference_private.h \
	%D%/reference_read.c
