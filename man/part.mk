dist_man_MANS += \
	%D%/ipdlam.1 \
	%D%/ipdlam-data.1 \
	%D%/ipdlam-bench.1 \
	%D%/ipdlam-checkpoint.5 \
	%D%/ipdlam-doctor.1 \
	%D%/ipdlam-eval.1 \
	%D%/ipdlam-predict.1 \
	%D%/ipdlam-history.5 \
	%D%/ipdlam-lua.7 \
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
