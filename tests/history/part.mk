check_PROGRAMS += %D%/fuzz_where %D%/test_query
%C%_fuzz_where_SOURCES = %D%/fuzz_where.c
%C%_fuzz_where_LDADD = $(TEST_LIBS)
%C%_test_query_SOURCES = %D%/test_query.c
%C%_test_query_LDADD = $(TEST_LIBS)
TESTS += %D%/fuzz_where %D%/test_query
EXTRA_DIST += \
	%D%/fuzz_where.dict \
	%D%/corpus_where/arithmetic \
	%D%/corpus_where/deep \
	%D%/corpus_where/fields \
	%D%/corpus_where/hostile \
	%D%/corpus_where/parentheses \
	%D%/corpus_where/patterns \
	%D%/corpus_where/quotes \
	%D%/corpus_where/sort \
	%D%/corpus_where/sql \
	%D%/corpus_where/tags \
	%D%/corpus_where/words
