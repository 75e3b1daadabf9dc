dist_man_MANS += \
	%D%/ipdlam.1 \
	%D%/ipdlam-data.1 \
	%D%/ipdlam-bench.1 \
	%D%/ipdlam-checkpoint.5 \
	%D%/ipdlam-doctor.1 \
	%D%/ipdlam-eval.1 \
	%D%/ipdlam-predict.1 \
	%D%/ipdlam-history.5 \
	%D%/ipdlam-paper.7 \
	%D%/ipdlam-plot.1 \
	%D%/ipdlam-presets.1 \
	%D%/ipdlam-race.7 \
	%D%/ipdlam-repl.1 \
	%D%/ipdlam-run.1 \
	%D%/ipdlam-runs.1 \
	%D%/ipdlam-sweep.1 \
	%D%/ipdlam-train.1 \
	%D%/ipdlam-verify.1 \
	%D%/ipdlam-workbench.1

# The lists of ipdlam-lua(7) are what ?name says in the program.
man_MANS = %D%/ipdlam-lua.7
EXTRA_DIST += %D%/ipdlam-lua.7.in %D%/lists.lua
CLEANFILES += %D%/ipdlam-lua.7
%D%/ipdlam-lua.7: %D%/ipdlam-lua.7.in %D%/lists.lua ipdlam$(EXEEXT)
	@$(MKDIR_P) %D%
	$(AM_V_GEN)./ipdlam$(EXEEXT) run --no-history $(srcdir)/%D%/lists.lua $(srcdir)/%D%/ipdlam-lua.7.in > $@.new && mv $@.new $@
