libipdlam_a_SOURCES += \
	%D%/actor.c \
	%D%/alter.c \
	%D%/event.c \
	%D%/look.c %D%/look.h \
	%D%/memory.c %D%/memory.h \
	%D%/poll.c \
	%D%/question.c \
	%D%/reply.c \
	%D%/rescue.c \
	%D%/row.c \
	%D%/run.c %D%/run.h \
	%D%/run_private.h \
	%D%/save.c \
	%D%/switch.c \
	%D%/tell.c \
	%D%/travel.c \
	%D%/view.c \
	%D%/worker.c
