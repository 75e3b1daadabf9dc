libipdlam_a_SOURCES += \
	%D%/checkpoint.c \
	%D%/compare.c \
	%D%/compare_text.c \
	%D%/complete.c \
	%D%/dataset.c \
	%D%/element.c \
	%D%/ending.c \
	%D%/figure.c \
	%D%/history.c \
	%D%/live.c \
	%D%/locale.c \
	%D%/module.c \
	%D%/network.c \
	%D%/network_compute.c \
	%D%/open.c \
	%D%/record.c \
	%D%/run.c \
	%D%/run_export.c \
	%D%/run_fields.c \
	%D%/run_settings.c \
	%D%/run_step.c \
	%D%/run_travel.c \
	%D%/run_variables.c \
	%D%/run_weights.c \
	%D%/session.c \
	%D%/tensor.c %D%/tensor.h \
	%D%/tensor_files.c \
	%D%/tensor_linear.c \
	%D%/tensor_make.c \
	%D%/tensor_math.c \
	%D%/tensor_origin.c
nodist_libipdlam_a_SOURCES += %D%/prelude.c %D%/help.c %D%/completion.c %D%/commands.c %D%/screen_lua.c
CLEANFILES += %D%/prelude.c %D%/help.c %D%/completion.c %D%/commands.c %D%/screen_lua.c
nodist_libipdlam_a_SOURCES += %D%/figure_lua.c %D%/sweep_choice_lua.c %D%/sweep_space_lua.c %D%/sweep_halving_lua.c %D%/sweep_train_lua.c %D%/sweep_table_lua.c %D%/sweep_state_lua.c %D%/sweep_plan_lua.c %D%/sweep_lua.c
CLEANFILES += %D%/figure_lua.c %D%/sweep_choice_lua.c %D%/sweep_space_lua.c %D%/sweep_halving_lua.c %D%/sweep_train_lua.c %D%/sweep_table_lua.c %D%/sweep_state_lua.c %D%/sweep_plan_lua.c %D%/sweep_lua.c

%D%/prelude.c: lua/prelude.lua scripts/embed
	@$(MKDIR_P) %D%
	$(AM_V_GEN)$(top_srcdir)/scripts/embed ipd_lua_text_prelude $(top_srcdir)/lua/prelude.lua >$@.new \
		&& mv $@.new $@
%D%/help.c: lua/help.lua scripts/embed
	@$(MKDIR_P) %D%
	$(AM_V_GEN)$(top_srcdir)/scripts/embed ipd_lua_text_help $(top_srcdir)/lua/help.lua >$@.new \
		&& mv $@.new $@
%D%/completion.c: lua/complete.lua scripts/embed
	@$(MKDIR_P) %D%
	$(AM_V_GEN)$(top_srcdir)/scripts/embed ipd_lua_text_complete $(top_srcdir)/lua/complete.lua >$@.new \
		&& mv $@.new $@
%D%/commands.c: lua/commands.lua scripts/embed
	@$(MKDIR_P) %D%
	$(AM_V_GEN)$(top_srcdir)/scripts/embed ipd_lua_text_commands $(top_srcdir)/lua/commands.lua >$@.new \
		&& mv $@.new $@
%D%/screen_lua.c: lua/screen.lua scripts/embed
	@$(MKDIR_P) %D%
	$(AM_V_GEN)$(top_srcdir)/scripts/embed ipd_lua_text_screen $(top_srcdir)/lua/screen.lua >$@.new \
		&& mv $@.new $@
%D%/figure_lua.c: lua/figure.lua scripts/embed
	@$(MKDIR_P) %D%
	$(AM_V_GEN)$(top_srcdir)/scripts/embed ipd_lua_text_figure $(top_srcdir)/lua/figure.lua >$@.new \
		&& mv $@.new $@
%D%/sweep_lua.c: lua/sweep.lua scripts/embed
	@$(MKDIR_P) %D%
	$(AM_V_GEN)$(top_srcdir)/scripts/embed ipd_lua_text_sweep $(top_srcdir)/lua/sweep.lua >$@.new \
		&& mv $@.new $@
%D%/sweep_table_lua.c: lua/sweep_table.lua scripts/embed
	@$(MKDIR_P) %D%
	$(AM_V_GEN)$(top_srcdir)/scripts/embed ipd_lua_text_sweep_table $(top_srcdir)/lua/sweep_table.lua >$@.new \
		&& mv $@.new $@
%D%/sweep_state_lua.c: lua/sweep_state.lua scripts/embed
	@$(MKDIR_P) %D%
	$(AM_V_GEN)$(top_srcdir)/scripts/embed ipd_lua_text_sweep_state $(top_srcdir)/lua/sweep_state.lua >$@.new \
		&& mv $@.new $@
%D%/sweep_train_lua.c: lua/sweep_train.lua scripts/embed
	@$(MKDIR_P) %D%
	$(AM_V_GEN)$(top_srcdir)/scripts/embed ipd_lua_text_sweep_train $(top_srcdir)/lua/sweep_train.lua >$@.new \
		&& mv $@.new $@

%D%/sweep_halving_lua.c: lua/sweep_halving.lua scripts/embed
	@$(MKDIR_P) %D%
	$(AM_V_GEN)$(top_srcdir)/scripts/embed ipd_lua_text_sweep_halving $(top_srcdir)/lua/sweep_halving.lua >$@.new \
		&& mv $@.new $@

%D%/sweep_space_lua.c: lua/sweep_space.lua scripts/embed
	@$(MKDIR_P) %D%
	$(AM_V_GEN)$(top_srcdir)/scripts/embed ipd_lua_text_sweep_space $(top_srcdir)/lua/sweep_space.lua >$@.new \
		&& mv $@.new $@

%D%/sweep_choice_lua.c: lua/sweep_choice.lua scripts/embed
	@$(MKDIR_P) %D%
	$(AM_V_GEN)$(top_srcdir)/scripts/embed ipd_lua_text_sweep_choice $(top_srcdir)/lua/sweep_choice.lua >$@.new \
		&& mv $@.new $@

%D%/sweep_plan_lua.c: lua/sweep_plan.lua scripts/embed
	@$(MKDIR_P) %D%
	$(AM_V_GEN)$(top_srcdir)/scripts/embed ipd_lua_text_sweep_plan $(top_srcdir)/lua/sweep_plan.lua >$@.new \
		&& mv $@.new $@
