check_PROGRAMS += %D%/test_chart %D%/test_doubles %D%/fuzz_csv
%C%_test_chart_SOURCES = %D%/test_chart.c
%C%_test_chart_LDADD = $(TEST_LIBS)
%C%_test_doubles_SOURCES = %D%/test_doubles.c %D%/doubles.h
%C%_test_doubles_LDADD = $(TEST_LIBS)
%C%_fuzz_csv_SOURCES = %D%/fuzz_csv.c
%C%_fuzz_csv_LDADD = $(TEST_LIBS)
TESTS += %D%/test_chart %D%/test_doubles %D%/fuzz_csv
EXTRA_DIST += \
	%D%/corpus_csv \
	%D%/golden/figure.txt \
	%D%/golden/accuracy_500_100x20_ascii.txt \
	%D%/golden/accuracy_500_100x20_blocks.txt \
	%D%/golden/accuracy_500_100x20_braille.txt \
	%D%/golden/accuracy_500_100x20_monochrome.txt \
	%D%/golden/accuracy_500_38x9_ascii.txt \
	%D%/golden/accuracy_500_38x9_blocks.txt \
	%D%/golden/accuracy_500_38x9_braille.txt \
	%D%/golden/accuracy_500_38x9_monochrome.txt \
	%D%/golden/accuracy_5_60x12_ascii.txt \
	%D%/golden/accuracy_5_60x12_blocks.txt \
	%D%/golden/accuracy_5_60x12_braille.txt \
	%D%/golden/accuracy_5_60x12_monochrome.txt \
	%D%/golden/objective_500_100x20_ascii.txt \
	%D%/golden/objective_500_100x20_blocks.txt \
	%D%/golden/objective_500_100x20_braille.txt \
	%D%/golden/objective_500_100x20_monochrome.txt \
	%D%/golden/objective_500_38x9_ascii.txt \
	%D%/golden/objective_500_38x9_blocks.txt \
	%D%/golden/objective_500_38x9_braille.txt \
	%D%/golden/objective_500_38x9_monochrome.txt \
	%D%/golden/objective_5_60x12_ascii.txt \
	%D%/golden/objective_5_60x12_blocks.txt \
	%D%/golden/objective_5_60x12_braille.txt \
	%D%/golden/objective_5_60x12_monochrome.txt
dist_check_SCRIPTS += %D%/figure.t
TESTS += %D%/figure.t
