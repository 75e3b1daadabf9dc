libipdlam_a_SOURCES += \
	%D%/export.c %D%/export.h \
	%D%/npz.c \
	%D%/safetensors.c \
	%D%/tensorboard.c %D%/tensorboard.h \
	%D%/tensor_file.c \
	%D%/tensors.c %D%/tensors.h \
	%D%/weights.c %D%/weights.h
