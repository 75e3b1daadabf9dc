dist_check_SCRIPTS += %D%/repl_pty.t
TESTS += %D%/repl_pty.t
