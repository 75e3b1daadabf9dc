libipdlam_a_SOURCES += \
	%D%/bench.c %D%/bench.h \
	%D%/bench_private.h \
	%D%/bench_roofline.c \
	%D%/bench_train.c \
	%D%/reference.c %D%/reference.h \
	%D%/reference_private.h \
	%D%/reference_read.c
