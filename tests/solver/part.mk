EXTRA_DIST += \
	%D%/golden/cross_entropy.json \
	%D%/golden/custom_order.json \
	%D%/golden/hinge.json \
	%D%/golden/identity.json \
	%D%/golden/increase.json \
	%D%/golden/leaky_relu.json \
	%D%/golden/live_changes.json \
	%D%/golden/low_rho_cross_entropy.json \
	%D%/golden/minibatch_increase.json \
	%D%/golden/minibatch_inner.json \
	%D%/golden/minibatch_nested_reverse.json \
	%D%/golden/minibatch_plain.json \
	%D%/golden/minibatch_ridge.json \
	%D%/golden/nested_reverse.json \
	%D%/golden/one_layer.json \
	%D%/golden/plain_am.json \
	%D%/golden/plain_am_singular.json \
	%D%/golden/product_after_W.json \
	%D%/golden/relaxed_am_damping_by_layer.json \
	%D%/golden/relaxed_am_deep_leaky.json \
	%D%/golden/relaxed_am_hinge.json \
	%D%/golden/relaxed_am_identity.json \
	%D%/golden/relaxed_am_norm.json \
	%D%/golden/relaxed_am_norm_bottleneck.json \
	%D%/golden/relaxed_am_relu.json \
	%D%/golden/relaxed_am_shrink_rho.json \
	%D%/golden/reverse.json \
	%D%/golden/ridge.json \
	%D%/golden/separate_inertia.json \
	%D%/golden/singular_large_side.json \
	%D%/golden/singular_small_side.json \
	%D%/golden/values_autoencoder_dlam.json \
	%D%/golden/values_autoencoder_ipdlam.json \
	%D%/golden/values_autoencoder_ipdlam_minibatch.json \
	%D%/golden/values_autoencoder_relaxed_am.json \
	%D%/golden/values_regression_dlam.json \
	%D%/golden/values_regression_ipdlam.json \
	%D%/golden/values_regression_ipdlam_minibatch.json \
	%D%/golden/values_regression_relaxed_am.json \
	%D%/golden/wide_output_first.json
check_PROGRAMS += %D%/test_schedule
%C%_test_schedule_SOURCES = %D%/test_schedule.c
%C%_test_schedule_LDADD = $(TEST_LIBS)
TESTS += %D%/test_schedule
EXTRA_DIST += %D%/mutate %D%/problem.h %D%/values.py
check_PROGRAMS += %D%/test_blocks
%C%_test_blocks_SOURCES = %D%/test_blocks.c
%C%_test_blocks_LDADD = $(TEST_LIBS)
TESTS += %D%/test_blocks
check_PROGRAMS += %D%/test_audit
%C%_test_audit_SOURCES = %D%/test_audit.c
%C%_test_audit_LDADD = $(TEST_LIBS)
TESTS += %D%/test_audit
check_PROGRAMS += %D%/planted
%C%_planted_SOURCES = %D%/planted.c
%C%_planted_LDADD = $(TEST_LIBS)
dist_check_SCRIPTS += %D%/planted.t
TESTS += %D%/planted.t
# PLANTED_PROGRAM := tests/solver/planted, or another main, with a changed source file of the solver, for planted.t.
PLANTED_MAIN = %D%/planted.$(OBJEXT)
.PHONY: planted-solver
planted-solver:
	$(AM_V_at)$(CC) $(DEFS) $(DEFAULT_INCLUDES) $(AM_CPPFLAGS) $(CPPFLAGS) $(AM_CFLAGS) $(CFLAGS) $(AM_LDFLAGS) $(LDFLAGS) \
		-o $(PLANTED_PROGRAM) $(PLANTED_SOURCE) $(PLANTED_MAIN) $(TEST_LIBS) $(LIBS)
check_PROGRAMS += %D%/test_bcd
%C%_test_bcd_SOURCES = %D%/test_bcd.c
%C%_test_bcd_LDADD = $(TEST_LIBS)
TESTS += %D%/test_bcd
check_PROGRAMS += %D%/test_descent
%C%_test_descent_SOURCES = %D%/test_descent.c
%C%_test_descent_LDADD = $(TEST_LIBS)
TESTS += %D%/test_descent
check_PROGRAMS += %D%/test_repeat
%C%_test_repeat_SOURCES = %D%/test_repeat.c
%C%_test_repeat_LDADD = $(TEST_LIBS)
TESTS += %D%/test_repeat
EXTRA_DIST += \
	%D%/golden_optim/adadelta.json \
	%D%/golden_optim/adagrad.json \
	%D%/golden_optim/adam.json \
	%D%/golden_optim/adamax.json \
	%D%/golden_optim/amsgrad.json \
	%D%/golden_optim/rmsprop.json \
	%D%/golden_optim/sgd.json \
	%D%/golden_optim/sgd_momentum.json \
	%D%/golden_optim/sgd_nesterov.json \
	%D%/golden_optim/values_autoencoder_adadelta.json \
	%D%/golden_optim/values_autoencoder_adagrad.json \
	%D%/golden_optim/values_autoencoder_adam.json \
	%D%/golden_optim/values_autoencoder_adamax.json \
	%D%/golden_optim/values_autoencoder_amsgrad.json \
	%D%/golden_optim/values_autoencoder_rmsprop.json \
	%D%/golden_optim/values_autoencoder_sgd.json \
	%D%/golden_optim/values_regression_adadelta.json \
	%D%/golden_optim/values_regression_adagrad.json \
	%D%/golden_optim/values_regression_adam.json \
	%D%/golden_optim/values_regression_adamax.json \
	%D%/golden_optim/values_regression_amsgrad.json \
	%D%/golden_optim/values_regression_rmsprop.json \
	%D%/golden_optim/values_regression_sgd.json
check_PROGRAMS += %D%/test_relaxed
%C%_test_relaxed_SOURCES = %D%/test_relaxed.c
%C%_test_relaxed_LDADD = $(TEST_LIBS)
TESTS += %D%/test_relaxed
check_PROGRAMS += %D%/test_rest
%C%_test_rest_SOURCES = %D%/test_rest.c
%C%_test_rest_LDADD = $(TEST_LIBS)
TESTS += %D%/test_rest
check_PROGRAMS += %D%/test_sparse
%C%_test_sparse_SOURCES = %D%/test_sparse.c
%C%_test_sparse_LDADD = $(TEST_LIBS)
TESTS += %D%/test_sparse
check_PROGRAMS += %D%/test_archive
%C%_test_archive_SOURCES = %D%/test_archive.c
%C%_test_archive_LDADD = $(TEST_LIBS)
TESTS += %D%/test_archive
check_PROGRAMS += %D%/test_plain
%C%_test_plain_SOURCES = %D%/test_plain.c
%C%_test_plain_LDADD = $(TEST_LIBS)
TESTS += %D%/test_plain
check_PROGRAMS += %D%/test_records
%C%_test_records_SOURCES = %D%/test_records.c
%C%_test_records_LDADD = $(TEST_LIBS)
TESTS += %D%/test_records

check_PROGRAMS += %D%/test_batches
%C%_test_batches_SOURCES = %D%/test_batches.c
%C%_test_batches_LDADD = $(TEST_LIBS)
TESTS += %D%/test_batches

check_PROGRAMS += %D%/test_so_far
%C%_test_so_far_SOURCES = %D%/test_so_far.c
%C%_test_so_far_LDADD = $(TEST_LIBS)
TESTS += %D%/test_so_far
