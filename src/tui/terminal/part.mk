libipdlam_a_SOURCES += \
	%D%/keyboard.c %D%/keyboard.h \
	%D%/output.c %D%/output.h \
	%D%/picture.c %D%/picture.h \
	%D%/screen.c %D%/screen.h \
	%D%/sequence.c %D%/sequence.h \
	%D%/signals.c %D%/signals.h \
	%D%/terminal.c %D%/terminal.h
