libipdlam_a_SOURCES += \
	%D%/actor.c \
	%D%/apply.c \
	%D%/ask.c \
	%D%/event.c \
	%D%/look.c %D%/look.h \
	%D%/mailbox.c \
	%D%/memory.c %D%/memory.h \
	%D%/open.c \
	%D%/poll.c \
	%D%/publish.c \
	%D%/question.c \
	%D%/reply.c \
	%D%/rescue.c \
	%D%/row.c \
	%D%/run.h \
	%D%/run_private.h \
	%D%/switch.c \
	%D%/view.c \
	%D%/worker.c
