libipdlam_a_SOURCES += \
	%D%/arrays.c \
	%D%/cells.c %D%/cells.h \
	%D%/checksum.c %D%/checksum.h \
	%D%/columns.c %D%/columns.h \
	%D%/data_options.c %D%/data_options.h \
	%D%/dataset.c %D%/dataset.h \
	%D%/dataset_open.c \
	%D%/digits.c %D%/digits.h \
	%D%/download.c %D%/download.h \
	%D%/fetch.c %D%/fetch.h \
	%D%/folder.c %D%/folder.h \
	%D%/folder_files.c %D%/folder_files.h \
	%D%/idx.c %D%/idx.h \
	%D%/import.c \
	%D%/image.c %D%/image.h \
	%D%/npz.c \
	%D%/pictures.c \
	%D%/reading.h \
	%D%/encoding.c %D%/encoding.h \
	%D%/inputs.c %D%/inputs.h \
	%D%/table_files.c \
	%D%/progress.c \
	%D%/safetensors.c \
	%D%/scale.c \
	%D%/split.c \
	%D%/store.c %D%/store.h \
	%D%/strokes.h \
	%D%/synth.c %D%/synth.h \
	%D%/table.c \
	%D%/targets.c \
	%D%/tensor_file.c \
	%D%/tensors.c %D%/tensors.h \
	%D%/truth.h \
	%D%/unpack.c
nodist_libipdlam_a_SOURCES += %D%/strokes.c
CLEANFILES += %D%/strokes.c

%D%/strokes.c: data/digits.strokes scripts/strokes.awk
	@$(MKDIR_P) %D%
	$(AM_V_GEN)$(AWK) -f $(top_srcdir)/scripts/strokes.awk $(top_srcdir)/data/digits.strokes >$@.new \
		&& mv $@.new $@
