libipdlam_a_SOURCES += \
	%D%/activation.c %D%/activation.h \
	%D%/definitions.c %D%/definitions.h \
	%D%/loss.c %D%/loss.h \
	%D%/program.c %D%/program.h \
	%D%/minimise.c %D%/minimise.h \
	%D%/network.c %D%/network.h \
	%D%/own.c %D%/own.h %D%/own_check.c %D%/own_check.h \
	%D%/regularizer.c %D%/regularizer.h \
	%D%/smooth.c %D%/smooth.h
