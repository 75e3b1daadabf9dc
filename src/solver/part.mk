libipdlam_a_SOURCES += \
	%D%/W_forms.h \
	%D%/W_dual.c \
	%D%/W_step.c \
	%D%/a_step.c \
	%D%/audit.c %D%/audit.h \
	%D%/audit_blocks.c %D%/audit_checks.h \
	%D%/audit_relaxed.c \
	%D%/audit_z.c \
	%D%/b_step.c \
	%D%/average.c %D%/average.h \
	%D%/batches.c %D%/batches.h \
	%D%/bcd.c \
	%D%/forward.c \
	%D%/gram.c \
	%D%/ipdlam.c \
	%D%/method.c %D%/method.h \
	%D%/penalty_step.c \
	%D%/order.c %D%/order.h \
	%D%/relaxed_am.c \
	%D%/relaxed_forward.c \
	%D%/relaxed_steps.c %D%/relaxed_steps.h \
	%D%/record.c %D%/record.h \
	%D%/records.c %D%/records.h \
	%D%/schedule.c %D%/schedule.h \
	%D%/written.c %D%/written.h %D%/written_private.h \
	%D%/written_audit.c \
	%D%/written_moves.c \
	%D%/written_samples.c \
	%D%/written_transfer.c \
	%D%/solver.c %D%/solver.h \
	%D%/sparse.c %D%/sparse.h \
	%D%/sparse_step.c \
	%D%/spectrum.c \
	%D%/steps.h \
	%D%/sweep.c %D%/sweep.h \
	%D%/sweep_state.c \
	%D%/sweep_write.c \
	%D%/tiles.c \
	%D%/variable.c %D%/variable.h \
	%D%/variables.h \
	%D%/z_step.c
