check_PROGRAMS += %D%/test_prox
%C%_test_prox_SOURCES = %D%/test_prox.c
%C%_test_prox_LDADD = $(TEST_LIBS)
TESTS += %D%/test_prox
check_PROGRAMS += %D%/test_own
%C%_test_own_SOURCES = %D%/test_own.c
%C%_test_own_LDADD = $(TEST_LIBS)
TESTS += %D%/test_own
