libipdlam_a_SOURCES += %D%/record.c %D%/record.h
