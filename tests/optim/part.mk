check_PROGRAMS += %D%/test_optim
%C%_test_optim_SOURCES = %D%/test_optim.c
%C%_test_optim_LDADD = $(TEST_LIBS)
TESTS += %D%/test_optim
check_PROGRAMS += %D%/test_average
%C%_test_average_SOURCES = %D%/test_average.c
%C%_test_average_LDADD = $(TEST_LIBS)
TESTS += %D%/test_average
