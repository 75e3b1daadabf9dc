libipdlam_a_SOURCES += \
	%D%/change.c \
	%D%/check.c \
	%D%/number.c \
	%D%/presets.c \
	%D%/private.h \
	%D%/schedule.c %D%/schedule.h \
	%D%/settings.c %D%/settings.h \
	%D%/table.c \
	%D%/use.c
