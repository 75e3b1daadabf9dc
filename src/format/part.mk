libipdlam_a_SOURCES += \
	%D%/export.c %D%/export.h \
	%D%/tensorboard.c %D%/tensorboard.h \
	%D%/weights.c %D%/weights.h
