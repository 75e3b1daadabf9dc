libipdlam_a_SOURCES += \
	%D%/layout.c %D%/layout.h \
	%D%/layouts.c %D%/layouts.h \
	%D%/pane.c %D%/pane.h \
	%D%/place.c
