libipdlam_a_SOURCES += \
	%D%/checkpoint.c \
	%D%/output.c \
	%D%/report.c \
	%D%/train.c %D%/train.h
