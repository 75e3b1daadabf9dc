libipdlam_a_SOURCES += \
	%D%/checksum.c %D%/checksum.h \
	%D%/dataset.c %D%/dataset.h \
	%D%/digits.c %D%/digits.h \
	%D%/download.c %D%/download.h \
	%D%/fetch.c %D%/fetch.h \
	%D%/folder.c %D%/folder.h \
	%D%/idx.c %D%/idx.h \
	%D%/image.c %D%/image.h \
	%D%/strokes.h
nodist_libipdlam_a_SOURCES += %D%/strokes.c
CLEANFILES += %D%/strokes.c

%D%/strokes.c: data/digits.strokes scripts/strokes.awk
	@$(MKDIR_P) %D%
	$(AM_V_GEN)$(AWK) -f $(top_srcdir)/scripts/strokes.awk $(top_srcdir)/data/digits.strokes >$@.new \
		&& mv $@.new $@
