check_PROGRAMS += %D%/test_callback
%C%_test_callback_SOURCES = %D%/test_callback.c
%C%_test_callback_LDADD = $(TEST_LIBS)
TESTS += %D%/test_callback

check_PROGRAMS += %D%/fuzz_safetensors %D%/test_files %D%/test_history
%C%_fuzz_safetensors_SOURCES = %D%/fuzz_safetensors.c
%C%_fuzz_safetensors_LDADD = $(TEST_LIBS)
%C%_test_files_SOURCES = %D%/test_files.c
%C%_test_files_LDADD = $(TEST_LIBS)
%C%_test_history_SOURCES = %D%/test_history.c
%C%_test_history_LDADD = $(TEST_LIBS)
TESTS += %D%/fuzz_safetensors %D%/test_files %D%/test_history

check_PROGRAMS += %D%/test_checkpoint
%C%_test_checkpoint_SOURCES = %D%/test_checkpoint.c
%C%_test_checkpoint_LDADD = $(TEST_LIBS)
TESTS += %D%/test_checkpoint

check_PROGRAMS += %D%/fuzz_checkpoint
%C%_fuzz_checkpoint_SOURCES = %D%/fuzz_checkpoint.c
%C%_fuzz_checkpoint_LDADD = $(TEST_LIBS)
TESTS += %D%/fuzz_checkpoint
EXTRA_DIST += \
	%D%/corpus_checkpoint/deep \
	%D%/corpus_checkpoint/deep-objects \
	%D%/corpus_checkpoint/format \
	%D%/corpus_checkpoint/length-huge \
	%D%/corpus_checkpoint/length-short \
	%D%/corpus_checkpoint/many \
	%D%/corpus_checkpoint/metadata-lines \
	%D%/corpus_checkpoint/metadata-long \
	%D%/corpus_checkpoint/metadata-numbers \
	%D%/corpus_checkpoint/metadata-types \
	%D%/corpus_checkpoint/name-controls \
	%D%/corpus_checkpoint/name-format \
	%D%/corpus_checkpoint/name-long \
	%D%/corpus_checkpoint/no-run \
	%D%/corpus_checkpoint/no-tensors \
	%D%/corpus_checkpoint/not-json \
	%D%/corpus_checkpoint/nothing \
	%D%/corpus_checkpoint/offsets-back \
	%D%/corpus_checkpoint/offsets-far \
	%D%/corpus_checkpoint/offsets-negative \
	%D%/corpus_checkpoint/overlap \
	%D%/corpus_checkpoint/rank \
	%D%/corpus_checkpoint/shape-overflow \
	%D%/corpus_checkpoint/three-sizes \
	%D%/corpus_checkpoint/twice \
	%D%/corpus_checkpoint/version \
	%D%/corpus/deep \
	%D%/corpus/deflated.npz \
	%D%/corpus/fortran.npz \
	%D%/corpus/stored.npz \
	%D%/corpus/zeros.npz \
	%D%/corpus/double \
	%D%/corpus/far \
	%D%/corpus/long-header \
	%D%/corpus/many \
	%D%/corpus/not-finite \
	%D%/corpus/nothing \
	%D%/corpus/one-layer \
	%D%/corpus/overflow \
	%D%/corpus/overlap \
	%D%/corpus/short \
	%D%/corpus/two-layers

check_PROGRAMS += %D%/test_question
%C%_test_question_SOURCES = %D%/test_question.c
%C%_test_question_LDADD = $(TEST_LIBS)
TESTS += %D%/test_question
check_PROGRAMS += %D%/test_learned %D%/test_run %D%/test_settings %D%/test_switch
%C%_test_learned_SOURCES = %D%/test_learned.c
%C%_test_learned_LDADD = $(TEST_LIBS)
%C%_test_run_SOURCES = %D%/test_run.c
%C%_test_run_LDADD = $(TEST_LIBS)
%C%_test_settings_SOURCES = %D%/test_settings.c
%C%_test_settings_LDADD = $(TEST_LIBS)
%C%_test_switch_SOURCES = %D%/test_switch.c
%C%_test_switch_LDADD = $(TEST_LIBS)
TESTS += %D%/test_learned %D%/test_run %D%/test_settings %D%/test_switch
check_PROGRAMS += %D%/test_digits
%C%_test_digits_SOURCES = %D%/test_digits.c
%C%_test_digits_LDADD = $(TEST_LIBS)
TESTS += %D%/test_digits
check_PROGRAMS += %D%/test_combinations
%C%_test_combinations_SOURCES = %D%/test_combinations.c
%C%_test_combinations_LDADD = $(TEST_LIBS)
TESTS += %D%/test_combinations
check_PROGRAMS += %D%/test_describe
%C%_test_describe_SOURCES = %D%/test_describe.c
%C%_test_describe_LDADD = $(TEST_LIBS)
TESTS += %D%/test_describe
EXTRA_DIST += %D%/plan.h
check_PROGRAMS += %D%/test_resume
%C%_test_resume_SOURCES = %D%/test_resume.c
%C%_test_resume_LDADD = $(TEST_LIBS)
TESTS += %D%/test_resume
check_PROGRAMS += %D%/test_look
%C%_test_look_SOURCES = %D%/test_look.c
%C%_test_look_LDADD = $(TEST_LIBS)
TESTS += %D%/test_look
check_PROGRAMS += %D%/test_rewind
%C%_test_rewind_SOURCES = %D%/test_rewind.c
%C%_test_rewind_LDADD = $(TEST_LIBS)
TESTS += %D%/test_rewind

check_PROGRAMS += %D%/test_keep
%C%_test_keep_SOURCES = %D%/test_keep.c
%C%_test_keep_LDADD = $(TEST_LIBS)
TESTS += %D%/test_keep
check_PROGRAMS += %D%/test_script_check
%C%_test_script_check_SOURCES = %D%/test_script_check.c
%C%_test_script_check_LDADD = $(TEST_LIBS)
TESTS += %D%/test_script_check
