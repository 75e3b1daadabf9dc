libipdlam_a_SOURCES += \
	%D%/actions.c \
	%D%/bindings.c \
	%D%/changes.c %D%/changes.h \
	%D%/course.c %D%/course.h \
	%D%/columns.c %D%/columns.h \
	%D%/keys.c %D%/keys.h \
	%D%/model.c %D%/model.h \
	%D%/overlay.c %D%/overlay.h \
	%D%/run_list.c %D%/run_list.h \
	%D%/scrollback.c %D%/scrollback.h \
	%D%/controller.c %D%/controller.h \
	%D%/stepping.c %D%/stepping.h
