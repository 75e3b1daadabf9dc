bin_PROGRAMS += ipdlam
ipdlam_SOURCES = %D%/main.c
ipdlam_LDADD = libipdlam.a $(IPD_LIBS)
libipdlam_a_SOURCES += \
	%D%/announce.c %D%/announce.h \
	%D%/bar.c %D%/bar.h \
	%D%/bench.c \
	%D%/cli.h \
	%D%/complete.c \
	%D%/data_choice.c %D%/data_choice.h \
	%D%/doctor.c \
	%D%/error.c \
	%D%/eval.c \
	%D%/json_output.c %D%/json_output.h \
	%D%/live.c %D%/live.h \
	%D%/lua_host.c %D%/lua_host.h \
	%D%/machine.c %D%/machine.h \
	%D%/options.c %D%/options.h \
	%D%/plot.c %D%/plot.h \
	%D%/plot_series.c \
	%D%/predict.c \
	%D%/methods.c \
	%D%/presets.c \
	%D%/repl.c %D%/repl.h \
	%D%/repl_chunk.c \
	%D%/repl_prompt.c \
	%D%/run.c \
	%D%/setting_options.c %D%/setting_options.h \
	%D%/sweep.c \
	%D%/verify.c \
	%D%/workbench.c
