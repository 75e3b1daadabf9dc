libipdlam_a_SOURCES += \
	%D%/change_list.c %D%/change_list.h \
	%D%/describe.c %D%/describe.h \
	%D%/diagnostics.c %D%/diagnostics.h \
	%D%/script.c %D%/script.h \
	%D%/script_check.c %D%/script_check.h \
	%D%/script_history.c
