libipdlam_a_SOURCES += \
	%D%/curve.c \
	%D%/database.c \
	%D%/edit.c \
	%D%/fields.c \
	%D%/history.c %D%/history.h \
	%D%/names.c \
	%D%/private.h \
	%D%/query.c %D%/query.h \
	%D%/queue.c \
	%D%/read.c \
	%D%/runs.c \
	%D%/schema.c \
	%D%/state.c \
	%D%/write.c
