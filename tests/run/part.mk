check_PROGRAMS += %D%/test_files
%C%_test_files_SOURCES = %D%/test_files.c
%C%_test_files_LDADD = $(TEST_LIBS)
TESTS += %D%/test_files
