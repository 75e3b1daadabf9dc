libipdlam_a_SOURCES += \
	%D%/checkpoint.c \
	%D%/classes.h \
	%D%/compare.c \
	%D%/compare_text.c \
	%D%/complete.c \
	%D%/dataset.c \
	%D%/element.c \
	%D%/embedded.h \
	%D%/ending.c \
	%D%/figure.c \
	%D%/history.c \
	%D%/kept.c \
	%D%/live.c \
	%D%/locale.c \
	%D%/metric.c \
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
	%D%/run_tree.c \
	%D%/run_variables.c \
	%D%/run_weights.c \
	%D%/session.c \
	%D%/tensor.c %D%/tensor.h \
	%D%/method_call.c \
	%D%/method_functions.c \
	%D%/method_load.c \
	%D%/method_module.c \
	%D%/method.h %D%/method_private.h \
	%D%/method_state.c %D%/method_view.c \
	%D%/tensor_class.c \
	%D%/tensor_files.c \
	%D%/tensor_linear.c \
	%D%/tensor_make.c \
	%D%/tensor_math.c \
	%D%/tensor_origin.c \
	%D%/tensor_pending.c %D%/tensor_pending.h \
	%D%/tokens.c %D%/tokens.h

# Loaded in this order, except method.lua, which is for states apart. A file uses what those before it have put into the table they share.
lua_embedded = lua/prelude.lua lua/metric.lua lua/watch.lua lua/kept.lua lua/explain.lua lua/commands.lua lua/figure.lua lua/sweep_choice.lua \
	lua/sweep_table.lua lua/sweep_halving.lua lua/sweep_state.lua lua/sweep_space.lua \
	lua/sweep_plan.lua lua/sweep_train.lua lua/sweep.lua lua/help_names.lua lua/help.lua \
	lua/screen.lua lua/complete.lua lua/method.lua
EXTRA_DIST += $(lua_embedded)
nodist_libipdlam_a_SOURCES += %D%/embedded.c
CLEANFILES += %D%/embedded.c
%D%/embedded.c: $(lua_embedded) scripts/embed
	@$(MKDIR_P) %D%
	$(AM_V_GEN)cd $(top_srcdir) && scripts/embed $(lua_embedded) >$(abs_top_builddir)/$@.new \
		&& mv $(abs_top_builddir)/$@.new $(abs_top_builddir)/$@
