libipdlam_a_SOURCES += \
	%D%/actor.c %D%/alter.c %D%/archive.c \
	%D%/bench.c %D%/bench.h \
	%D%/change_list.c %D%/change_list.h \
	%D%/describe.c %D%/describe.h \
	%D%/event.c \
	%D%/export.c %D%/export.h \
	%D%/history.c %D%/history.h %D%/history_private.h \
	%D%/history_curve.c \
	%D%/history_edit.c \
	%D%/history_names.c \
	%D%/history_query.c %D%/history_query.h \
	%D%/history_read.c \
	%D%/history_runs.c \
	%D%/history_schema.c \
	%D%/history_write.c \
	%D%/look.c %D%/look.h \
	%D%/memory.c %D%/memory.h \
	%D%/keep.c %D%/keep.h %D%/save.c %D%/view.c %D%/writer.c %D%/writer.h \
	%D%/learned.c %D%/learned.h \
	%D%/poll.c %D%/presets.c \
	%D%/question.c %D%/replay.c %D%/reply.c %D%/rescue.c \
	%D%/row.c %D%/run.c %D%/run.h %D%/run_private.h \
	%D%/script.c %D%/script.h \
	%D%/script_history.c %D%/script_check.c %D%/script_check.h \
	%D%/npz.c %D%/npz.h %D%/npz_write.c \
	%D%/safetensors.c \
	%D%/tensors.c %D%/tensors.h \
	%D%/weights.c %D%/weights.h \
	%D%/change.c \
	%D%/tensorboard.c %D%/tensorboard.h \
	%D%/checkpoint.c %D%/checkpoint.h \
	%D%/checkpoint_files.c \
	%D%/settings.c %D%/settings.h %D%/settings_private.h \
	%D%/settings_check.c %D%/settings_table.c %D%/settings_use.c \
	%D%/snapshot.c %D%/space.c %D%/space.h \
	%D%/switch.c \
	%D%/tell.c %D%/travel.c %D%/undo.c \
	%D%/worker.c
libipdlam_a_SOURCES += \
	%D%/reference.c %D%/reference.h %D%/reference_private.h \
	%D%/reference_optimizer.c \
	%D%/reference_read.c
