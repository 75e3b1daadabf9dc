


TESTS += %D%/terminal.t %D%/workbench.t
dist_check_SCRIPTS += %D%/terminal.t %D%/workbench.t
EXTRA_DIST += %D%/screen.py
