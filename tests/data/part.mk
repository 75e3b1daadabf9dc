dist_check_SCRIPTS += %D%/fetch.t %D%/malformed.t
TESTS += %D%/fetch.t %D%/malformed.t
EXTRA_DIST += %D%/fetch.py %D%/malformed.py

check_PROGRAMS += %D%/fetch_probe %D%/test_data %D%/fuzz_idx
%C%_fetch_probe_SOURCES = %D%/fetch_probe.c
%C%_fetch_probe_LDADD = $(TEST_LIBS)
%C%_test_data_SOURCES = %D%/test_data.c
%C%_test_data_LDADD = $(TEST_LIBS)
%C%_fuzz_idx_SOURCES = %D%/fuzz_idx.c
%C%_fuzz_idx_LDADD = $(TEST_LIBS)
TESTS += %D%/test_data %D%/fuzz_idx

EXTRA_DIST += \
	%D%/corpus/after.gz \
	%D%/corpus/claim.gz \
	%D%/corpus/cut.gz \
	%D%/corpus/float \
	%D%/corpus/images \
	%D%/corpus/images-many.gz \
	%D%/corpus/images.gz \
	%D%/corpus/labels \
	%D%/corpus/labels.gz \
	%D%/corpus/long \
	%D%/corpus/long.gz \
	%D%/corpus/overflow \
	%D%/corpus/stored.gz \
	%D%/corpus/twice.gz
