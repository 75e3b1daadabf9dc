dist_man_MANS += \
	%D%/ipdlam.1 \
	%D%/ipdlam-checkpoint.5 \
	%D%/ipdlam-data.5 \
	%D%/ipdlam-history.5 \
	%D%/ipdlam-method.7 \
	%D%/ipdlam-paper.7 \
	%D%/ipdlam-race.7

# The lists of these pages are what the program says: its options in --help, and in ipdlam-lua(7) what ?name shows.
made_pages = \
	%D%/ipdlam-bench.1 \
	%D%/ipdlam-data.1 \
	%D%/ipdlam-doctor.1 \
	%D%/ipdlam-eval.1 \
	%D%/ipdlam-methods.1 \
	%D%/ipdlam-plot.1 \
	%D%/ipdlam-predict.1 \
	%D%/ipdlam-presets.1 \
	%D%/ipdlam-repl.1 \
	%D%/ipdlam-run.1 \
	%D%/ipdlam-runs.1 \
	%D%/ipdlam-sweep.1 \
	%D%/ipdlam-train.1 \
	%D%/ipdlam-verify.1 \
	%D%/ipdlam-workbench.1 \
	%D%/ipdlam-lua.7
man_MANS = $(made_pages)
EXTRA_DIST += $(made_pages:=.in) %D%/lists.lua
CLEANFILES += $(made_pages)
$(made_pages): %: %.in %D%/lists.lua ipdlam$(EXEEXT)
	@$(MKDIR_P) %D%
	$(AM_V_GEN)./ipdlam$(EXEEXT) run --no-history $(srcdir)/%D%/lists.lua $< ./ipdlam$(EXEEXT) > $@.new && mv $@.new $@
