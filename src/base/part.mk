libipdlam_a_SOURCES += \
	%D%/archive.c %D%/archive.h \
	%D%/blas.c %D%/blas.h %D%/blas_start.c %D%/clock.c %D%/clock.h %D%/contract.c %D%/contract.h %D%/decompose.c %D%/decompose.h %D%/elements.c %D%/elements.h %D%/kernel.c %D%/kernel.h %D%/lapack.c %D%/cholesky_of.h %D%/list.c %D%/list.h \
	%D%/ending.c %D%/ending.h \
	%D%/error.c %D%/error.h \
	%D%/expression.c %D%/expression.h \
	%D%/file.c %D%/file.h %D%/file_read.c \
	%D%/fingerprint.c %D%/fingerprint.h \
	%D%/leftover.c %D%/leftover.h \
	%D%/machine.c %D%/machine.h \
	%D%/matrix.c %D%/matrix.h %D%/matrix64.c %D%/matrix64.h %D%/min.h \
	%D%/parallel.c %D%/parallel.h \
	%D%/path.c %D%/path.h \
	%D%/space.c %D%/space.h \
	%D%/process.c %D%/process.h \
	%D%/random.c %D%/random.h \
	%D%/text.c %D%/text.h \
	%D%/vector.c %D%/vector.h
