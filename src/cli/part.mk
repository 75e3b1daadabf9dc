bin_PROGRAMS += ipdlam
ipdlam_SOURCES = %D%/main.c
ipdlam_LDADD = libipdlam.a $(IPD_LIBS)
libipdlam_a_SOURCES += \
	%D%/cli.h \
	%D%/announce.c %D%/announce.h \
	%D%/live.c %D%/live.h \
	%D%/lua_host.c %D%/lua_host.h \
	%D%/bench.c \
	%D%/repl.c %D%/repl.h \
	%D%/repl_prompt.c \
	%D%/run.c \
	%D%/data.c %D%/data.h %D%/data_fetch.c %D%/data_show.c \
	%D%/doctor.c \
	%D%/complete.c \
	%D%/eval.c \
	%D%/predict.c \
	%D%/machine.c %D%/machine.h \
	%D%/json_output.c %D%/json_output.h \
	%D%/options.c %D%/options.h \
	%D%/plot.c %D%/plot_series.c %D%/plot.h \
	%D%/presets.c \
	%D%/runs.c %D%/runs.h \
	%D%/runs_charts.c %D%/runs_compare.c \
	%D%/runs_edit.c \
	%D%/runs_export.c \
	%D%/runs_list.c \
	%D%/runs_show.c \
	%D%/setting_options.c %D%/setting_options.h \
	%D%/sweep.c \
	%D%/train.c %D%/train.h \
	%D%/train_checkpoint.c \
	%D%/train_report.c \
	%D%/verify.c \
	%D%/workbench.c
