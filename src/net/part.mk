libipdlam_a_SOURCES += \
	%D%/activation.c %D%/activation.h \
	%D%/loss.c %D%/loss.h \
	%D%/network.c %D%/network.h \
	%D%/regularizer.c %D%/regularizer.h \
	%D%/smooth.c %D%/smooth.h
