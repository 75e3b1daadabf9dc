libipdlam_a_SOURCES += \
	%D%/actions.c \
	%D%/difference.c %D%/difference.h \
	%D%/help_topics.c %D%/help_topics.h \
	%D%/keyboard.c %D%/keyboard.h \
	%D%/keys.c %D%/keys.h \
	%D%/layout.c %D%/layout.h \
	%D%/layouts.c %D%/layouts.h \
	%D%/model.c %D%/model.h \
	%D%/output.c %D%/output.h \
	%D%/pane.c %D%/pane.h \
	%D%/pane_place.c \
	%D%/columns.c %D%/columns.h \
	%D%/curves.c %D%/curves.h %D%/curves_keys.c \
	%D%/marks.c %D%/marks.h \
	%D%/overlay.c %D%/overlay.h \
	%D%/popup.c %D%/popup.h \
	%D%/prompt.c %D%/prompt.h \
	%D%/prompt_commands.c %D%/prompt_commands.h \
	%D%/prompt_complete.c %D%/prompt_complete.h \
	%D%/prompt_history.c %D%/prompt_history.h \
	%D%/replay.c %D%/replay.h \
	%D%/run_list.c %D%/run_list.h \
	%D%/screen.c %D%/screen.h \
	%D%/scrollback.c %D%/scrollback.h \
	%D%/sequence.c %D%/sequence.h \
	%D%/signals.c %D%/signals.h \
	%D%/steering.c %D%/steering.h \
	%D%/stepping.c %D%/stepping.h \
	%D%/terminal.c %D%/terminal.h \
	%D%/tiles.c %D%/tiles.h \
	%D%/typed.c %D%/typed.h \
	%D%/view.c %D%/view.h \
	%D%/view_accuracy.c \
	%D%/view_blocks.c \
	%D%/view_changes.c \
	%D%/view_confusion.c \
	%D%/view_console.c \
	%D%/view_events.c \
	%D%/view_gaps.c \
	%D%/view_help.c \
	%D%/view_keys.c \
	%D%/view_layers.c \
	%D%/view_moved.c \
	%D%/view_objective.c \
	%D%/view_order.c \
	%D%/view_parameters.c \
	%D%/view_runs.c \
	%D%/view_samples.c \
	%D%/view_settings.c \
	%D%/view_steps.c \
	%D%/view_status.c \
	%D%/view_weights.c \
	%D%/workbench.c %D%/workbench.h %D%/workbench_private.h \
	%D%/workbench_keys.c \
	%D%/workbench_lua.c \
	%D%/workbench_prompt.c \
	%D%/workbench_runs.c
