libipdlam_a_SOURCES += \
	%D%/class.c \
	%D%/host.c %D%/host.h \
	%D%/internal.h \
	%D%/question.c \
	%D%/task.c \
	%D%/wait.c
