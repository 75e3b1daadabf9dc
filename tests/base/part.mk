check_PROGRAMS += %D%/test_base
%C%_test_base_SOURCES = %D%/test_base.c
%C%_test_base_LDADD = $(TEST_LIBS)
TESTS += %D%/test_base
dist_check_SCRIPTS += %D%/layers.t %D%/style.t
TESTS += %D%/layers.t %D%/style.t
