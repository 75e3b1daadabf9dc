libipdlam_a_SOURCES += \
	%D%/check.c \
	%D%/presets.c \
	%D%/private.h \
	%D%/settings.c %D%/settings.h \
	%D%/table.c \
	%D%/use.c
