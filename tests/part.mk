# Every test speaks TAP. Programs in C link the library; scripts get the built program and the
# source tree through the environment.
TEST_LOG_DRIVER = env AM_TAP_AWK='$(AWK)' $(SHELL) $(top_srcdir)/build-aux/tap-driver.sh
TEST_EXTENSIONS = .t
T_LOG_DRIVER = $(TEST_LOG_DRIVER)
LOG_DRIVER = $(TEST_LOG_DRIVER)
AM_TESTS_ENVIRONMENT = IPDLAM='$(abs_top_builddir)/ipdlam'; export IPDLAM; \
	TOP_SRCDIR='$(abs_top_srcdir)'; export TOP_SRCDIR; \
	TOP_BUILDDIR='$(abs_top_builddir)'; export TOP_BUILDDIR; \
	LSAN_OPTIONS='suppressions=$(abs_top_srcdir)/tests/lsan.supp:print_suppressions=0'; export LSAN_OPTIONS;
AM_DEFAULT_SOURCE_EXT = .c
TEST_LIBS = libipdlam.a $(IPD_LIBS)
# make check runs what is done in seconds: units, reference cases, one screen test of each kind. These tests take longer and run
# in make check-long, which scripts/test calls. A test named in TESTS= runs in any case.
LONG_TESTS = %D%/cli/bench.t %D%/cli/checkpoint.t %D%/cli/completion.t %D%/cli/demo.t %D%/cli/faults.t %D%/cli/hostile.t %D%/cli/inputs.t %D%/cli/install.t \
	%D%/cli/interop.t %D%/cli/json.t %D%/cli/keep.t %D%/cli/kill.t %D%/cli/limits.t %D%/cli/man.t %D%/cli/models.t %D%/cli/npz.t \
	%D%/cli/outputs.t %D%/cli/presets.t %D%/cli/signals.t %D%/cli/valgrind.t %D%/data/broken.t %D%/data/fetch.t %D%/data/import.t %D%/data/own.t %D%/data/formats.t %D%/lua/manual.t \
	%D%/lua/method.t %D%/lua/method_cases.t \
	%D%/lua/paper.t %D%/lua/park.t %D%/lua/repeat.t %D%/lua/script.t %D%/lua/search.t %D%/lua/sweep.t %D%/lua/test_host \
	%D%/plot/test_doubles %D%/run/test_combinations %D%/run/test_digits %D%/run/test_keep %D%/run/test_resume \
	%D%/run/test_rewind %D%/solver/planted.t %D%/solver/test_audit %D%/solver/test_blocks %D%/solver/test_descent \
	%D%/tui/boundary.t %D%/tui/keys.t %D%/tui/manual.t %D%/tui/prompt.t %D%/tui/random_keys.t %D%/tui/replay.t %D%/tui/runs.t %D%/tui/runs_pane.t \
	%D%/tui/terminal.t %D%/upgrade/upgrade.t
CHOSEN_TESTS = $(if $(filter command,$(origin TESTS)),$(TESTS),$(filter-out $(LONG_TESTS),$(TESTS)))
AM_MAKEFLAGS = TESTS='$(CHOSEN_TESTS)'
.PHONY: check-long fuzzers
# The longest begin, so that no processor waits for one of them at the end.
SLOW_TESTS = %D%/lua/method.t %D%/lua/method_cases.t %D%/cli/man.t %D%/cli/faults.t %D%/run/test_digits %D%/lua/search.t %D%/solver/planted.t \
	%D%/cli/presets.t %D%/tui/terminal.t %D%/solver/test_audit %D%/lua/penalty.t %D%/lua/manual.t %D%/lua/paper.t %D%/cli/hostile.t
# make check-long WITHOUT='TEST...' leaves tests out.
check-long:
	$(MAKE) check TESTS='$(filter-out $(WITHOUT),$(SLOW_TESTS) $(filter-out $(SLOW_TESTS),$(TESTS)))'

# The fuzz targets for libFuzzer, in fuzzers/. Needs clang: scripts/nightly configures a build for it.
fuzzers: libipdlam.a
	$(MKDIR_P) fuzzers
	for file in $(top_srcdir)/tests/*/fuzz_*.c; do \
		$(CC) $(DEFS) $(DEFAULT_INCLUDES) $(AM_CPPFLAGS) $(CPPFLAGS) $(AM_CFLAGS) $(CFLAGS) -DIPD_LIBFUZZER -fsanitize=fuzzer \
			$(AM_LDFLAGS) $(LDFLAGS) -o fuzzers/$$(basename $$file .c) $$file $(TEST_LIBS) $(LIBS) || exit 1; \
	done

EXTRA_DIST += %D%/long/random_commands %D%/long/random_ends %D%/long/random_scripts %D%/tap.h %D%/fuzz.h %D%/golden.h %D%/lsan.supp %D%/tsan.supp \
	%D%/peers/README.md %D%/peers/common.py %D%/peers/compare %D%/peers/numpy_iteration.py \
	%D%/peers/torch_adam.py %D%/peers/torch_notebook.py %D%/peers/torch_race.py

include %D%/base/part.mk
include %D%/data/part.mk
include %D%/net/part.mk
include %D%/format/part.mk
include %D%/history/part.mk
include %D%/solver/part.mk
include %D%/optim/part.mk
include %D%/plot/part.mk
include %D%/run/part.mk
include %D%/lua/part.mk
include %D%/tui/part.mk
include %D%/upgrade/part.mk
include %D%/cli/part.mk
