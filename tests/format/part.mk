check_PROGRAMS += %D%/fuzz_npz
%C%_fuzz_npz_SOURCES = %D%/fuzz_npz.c
%C%_fuzz_npz_LDADD = $(TEST_LIBS)
TESTS += %D%/fuzz_npz
EXTRA_DIST += \
	%D%/corpus_npz/deflated.npz \
	%D%/corpus_npz/fortran.npy \
	%D%/corpus_npz/fortran.npz \
	%D%/corpus_npz/huge.npy \
	%D%/corpus_npz/matrix.npy \
	%D%/corpus_npz/objects.npy \
	%D%/corpus_npz/records.npy \
	%D%/corpus_npz/scalar.npy \
	%D%/corpus_npz/short.npy \
	%D%/corpus_npz/stored.npz \
	%D%/corpus_npz/vector.npy \
	%D%/corpus_npz/zeros.npz
