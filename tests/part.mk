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
EXTRA_DIST += %D%/tap.h %D%/golden.h %D%/lsan.supp %D%/tsan.supp \
	%D%/peers/README.md %D%/peers/common.py %D%/peers/compare %D%/peers/numpy_iteration.py \
	%D%/peers/torch_adam.py %D%/peers/torch_notebook.py

include %D%/base/part.mk
include %D%/data/part.mk
include %D%/net/part.mk
include %D%/history/part.mk
include %D%/solver/part.mk
include %D%/optim/part.mk
include %D%/plot/part.mk
include %D%/run/part.mk
include %D%/lua/part.mk
include %D%/tui/part.mk
include %D%/cli/part.mk
