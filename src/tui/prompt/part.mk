libipdlam_a_SOURCES += \
	%D%/commands.c %D%/commands.h \
	%D%/complete.c %D%/complete.h \
	%D%/history.c %D%/history.h \
	%D%/prompt.c %D%/prompt.h
