check_PROGRAMS += %D%/test_prox
%C%_test_prox_SOURCES = %D%/test_prox.c
%C%_test_prox_LDADD = $(TEST_LIBS)
TESTS += %D%/test_prox
