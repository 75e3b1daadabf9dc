check_PROGRAMS += %D%/test_host
%C%_test_host_SOURCES = %D%/test_host.c
%C%_test_host_LDADD = $(TEST_LIBS)
TESTS += %D%/test_host
dist_check_SCRIPTS += %D%/manual.t %D%/repl_pty.t %D%/script.t
TESTS += %D%/manual.t %D%/repl_pty.t %D%/script.t
