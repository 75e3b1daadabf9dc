check_PROGRAMS += %D%/fuzz_safetensors %D%/test_files
%C%_fuzz_safetensors_SOURCES = %D%/fuzz_safetensors.c
%C%_fuzz_safetensors_LDADD = $(TEST_LIBS)
%C%_test_files_SOURCES = %D%/test_files.c
%C%_test_files_LDADD = $(TEST_LIBS)


check_PROGRAMS += %D%/test_run
%C%_test_run_SOURCES = %D%/test_run.c
%C%_test_run_LDADD = $(TEST_LIBS)
TESTS += %D%/test_run
check_PROGRAMS += %D%/test_settings
%C%_test_settings_SOURCES = %D%/test_settings.c
%C%_test_settings_LDADD = $(TEST_LIBS)
TESTS += %D%/test_settings
