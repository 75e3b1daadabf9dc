check_PROGRAMS += %D%/test_query
%C%_test_query_SOURCES = %D%/test_query.c
%C%_test_query_LDADD = $(TEST_LIBS)
TESTS += %D%/test_query
