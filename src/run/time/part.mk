libipdlam_a_SOURCES += \
	%D%/archive.c \
	%D%/archive_methods.c \
	%D%/archive_records.c \
	%D%/checkpoint.c %D%/checkpoint.h \
	%D%/checkpoint_files.c \
	%D%/keep.c %D%/keep.h \
	%D%/log.c %D%/log.h \
	%D%/log_old.c \
	%D%/remove.c %D%/remove.h \
	%D%/replay.c %D%/replay.h \
	%D%/rewind.c \
	%D%/snapshot.c \
	%D%/snapshot_archive.c \
	%D%/space.c %D%/space.h \
	%D%/state.h \
	%D%/tree.c %D%/tree.h \
	%D%/tree_archive.c \
	%D%/undo.c \
	%D%/writer.c %D%/writer.h
