dist_check_SCRIPTS += %D%/verify.t
TESTS += %D%/verify.t
EXTRA_DIST += %D%/tap.sh
