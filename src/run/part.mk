libipdlam_a_SOURCES += \
	%D%/apply.c \
	%D%/ask.c \
	%D%/event.c \
	%D%/journal.h \
	%D%/distribution.c %D%/distribution.h \
	%D%/probe.c %D%/probe.h \
	%D%/mailbox.c %D%/mailbox.h \
	%D%/memory.c %D%/memory.h \
	%D%/name.c \
	%D%/open.c \
	%D%/poll.c \
	%D%/private.h \
	%D%/publish.c \
	%D%/reply.c \
	%D%/request.c %D%/request.h \
	%D%/rescue.c \
	%D%/row.c \
	%D%/run.h \
	%D%/switch.c \
	%D%/trainer.c %D%/trainer.h \
	%D%/view.c \
	%D%/worker.c %D%/worker.h
