libipdlam_a_SOURCES += \
	%D%/adadelta.c \
	%D%/adagrad.c \
	%D%/adam.c \
	%D%/adamax.c \
	%D%/backprop.c %D%/backprop.h \
	%D%/methods.c %D%/methods.h \
	%D%/optimizer.c %D%/optimizer.h \
	%D%/rmsprop.c \
	%D%/sgd.c
