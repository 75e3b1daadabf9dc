libipdlam_a_SOURCES += \
	%D%/by_hand.c \
	%D%/callback.c %D%/catch.c \
	%D%/class.c \
	%D%/event.c \
	%D%/handle.c \
	%D%/hear.c \
	%D%/host.c %D%/host.h \
	%D%/internal.h \
	%D%/memory.c \
	%D%/park.c \
	%D%/parking.c \
	%D%/push.c \
	%D%/request.c \
	%D%/report.c \
	%D%/runs.c \
	%D%/schedule.c \
	%D%/task.c \
	%D%/wait.c
