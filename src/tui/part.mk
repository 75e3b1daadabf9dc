libipdlam_a_SOURCES += \
	%D%/help_topics.c %D%/help_topics.h \
	%D%/replay.c %D%/replay.h \
	%D%/workbench.c %D%/workbench.h \
	%D%/workbench_bind.c \
	%D%/workbench_copy.c \
	%D%/workbench_draw.c \
	%D%/workbench_edit.c \
	%D%/workbench_keys.c \
	%D%/workbench_lua.c \
	%D%/workbench_private.h \
	%D%/workbench_prompt.c \
	%D%/workbench_runs.c \
	%D%/workbench_session.c \
	%D%/workbench_watch.c
