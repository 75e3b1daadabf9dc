dist_check_SCRIPTS += %D%/broken.t %D%/fetch.t %D%/formats.t %D%/import.t %D%/malformed.t %D%/own.t %D%/predict.t %D%/scikit.t
TESTS += %D%/broken.t %D%/fetch.t %D%/formats.t %D%/import.t %D%/malformed.t %D%/own.t %D%/predict.t %D%/scikit.t
EXTRA_DIST += %D%/broken.py %D%/fetch.py %D%/formats.py %D%/helper.py %D%/import.py %D%/measure.py %D%/malformed.py %D%/own.py %D%/predict.py %D%/scikit.py

check_PROGRAMS += %D%/fetch_probe %D%/test_data %D%/fuzz_idx %D%/fuzz_gzip %D%/fuzz_image %D%/fuzz_table \
	%D%/fuzz_arrays %D%/fuzz_encoding %D%/fuzz_store
%C%_fetch_probe_SOURCES = %D%/fetch_probe.c
%C%_fetch_probe_LDADD = $(TEST_LIBS)
%C%_test_data_SOURCES = %D%/test_data.c
%C%_test_data_LDADD = $(TEST_LIBS)
%C%_fuzz_idx_SOURCES = %D%/fuzz_idx.c
%C%_fuzz_idx_LDADD = $(TEST_LIBS)
%C%_fuzz_image_SOURCES = %D%/fuzz_image.c
%C%_fuzz_image_LDADD = $(TEST_LIBS)
%C%_fuzz_gzip_SOURCES = %D%/fuzz_gzip.c
%C%_fuzz_gzip_LDADD = $(TEST_LIBS)
TESTS += %D%/test_data %D%/fuzz_idx %D%/fuzz_gzip %D%/fuzz_image %D%/fuzz_table \
	%D%/fuzz_arrays %D%/fuzz_encoding %D%/fuzz_store
%C%_fuzz_table_SOURCES = %D%/fuzz_table.c
%C%_fuzz_table_LDADD = $(TEST_LIBS)
%C%_fuzz_arrays_SOURCES = %D%/fuzz_arrays.c
%C%_fuzz_arrays_LDADD = $(TEST_LIBS)
%C%_fuzz_store_SOURCES = %D%/fuzz_store.c
%C%_fuzz_store_LDADD = $(TEST_LIBS)
%C%_fuzz_encoding_SOURCES = %D%/fuzz_encoding.c
%C%_fuzz_encoding_LDADD = $(TEST_LIBS)
EXTRA_DIST += %D%/corpus_table %D%/corpus_arrays %D%/corpus_encoding %D%/corpus_store
EXTRA_DIST += %D%/corpus_idx %D%/corpus_gzip %D%/corpus_image
