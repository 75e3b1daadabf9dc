check_PROGRAMS += %D%/fuzz_keys %D%/fuzz_layouts %D%/fuzz_sequence %D%/test_layout %D%/test_panes
%C%_fuzz_keys_SOURCES = %D%/fuzz_keys.c
%C%_fuzz_keys_LDADD = $(TEST_LIBS)
%C%_fuzz_layouts_SOURCES = %D%/fuzz_layouts.c
%C%_fuzz_layouts_LDADD = $(TEST_LIBS)
%C%_fuzz_sequence_SOURCES = %D%/fuzz_sequence.c
%C%_fuzz_sequence_LDADD = $(TEST_LIBS)
%C%_test_panes_SOURCES = %D%/test_panes.c
%C%_test_panes_LDADD = $(TEST_LIBS)
%C%_test_layout_SOURCES = %D%/test_layout.c
%C%_test_layout_LDADD = $(TEST_LIBS)
TESTS += %D%/fuzz_keys %D%/fuzz_layouts %D%/fuzz_sequence %D%/test_layout %D%/test_panes %D%/boundary.t %D%/keys.t %D%/charts.t %D%/numbers.t %D%/picture.t %D%/layouts.t %D%/manual.t %D%/random_keys.t %D%/replay.t \
	%D%/prompt.t %D%/runs.t %D%/runs_pane.t %D%/terminal.t %D%/workbench.t
dist_check_SCRIPTS += %D%/boundary.t %D%/keys.t %D%/charts.t %D%/numbers.t %D%/picture.t %D%/layouts.t %D%/manual.t %D%/random_keys.t %D%/replay.t %D%/prompt.t \
	%D%/runs.t %D%/runs_pane.t %D%/terminal.t %D%/workbench.t
EXTRA_DIST += %D%/fuzz_layouts.dict %D%/corpus_keys %D%/corpus_layouts %D%/screen.py %D%/latency \
	%D%/golden/completions_80x24_utf8.txt \
	%D%/golden/focus_80x24_ascii.txt \
	%D%/golden/focus_80x24_utf8.txt \
	%D%/golden/help_40x12_ascii.txt \
	%D%/golden/help_80x24_utf8.txt \
	%D%/golden/screen_200x60_40_ascii.txt \
	%D%/golden/screen_200x60_40_monochrome.txt \
	%D%/golden/screen_200x60_40_utf8.txt \
	%D%/golden/screen_40x12_5_ascii.txt \
	%D%/golden/screen_40x12_5_monochrome.txt \
	%D%/golden/screen_40x12_5_utf8.txt \
	%D%/golden/screen_80x24_-1_ascii.txt \
	%D%/golden/screen_80x24_-1_monochrome.txt \
	%D%/golden/screen_80x24_-1_utf8.txt \
	%D%/golden/screen_80x24_0_ascii.txt \
	%D%/golden/screen_80x24_0_monochrome.txt \
	%D%/golden/screen_80x24_0_utf8.txt \
	%D%/golden/screen_80x24_300_ascii.txt \
	%D%/golden/screen_80x24_300_monochrome.txt \
	%D%/golden/screen_80x24_300_utf8.txt \
	%D%/golden/screen_80x24_5_ascii.txt \
	%D%/golden/screen_80x24_5_monochrome.txt \
	%D%/golden/screen_80x24_5_utf8.txt
check_PROGRAMS += %D%/test_views
%C%_test_views_SOURCES = %D%/test_views.c
%C%_test_views_LDADD = $(TEST_LIBS)
TESTS += %D%/test_views
EXTRA_DIST += \
	%D%/golden/view_accuracy.txt \
	%D%/golden/view_blocks.txt \
	%D%/golden/view_changes.txt \
	%D%/golden/view_confusion.txt \
	%D%/golden/view_events.txt \
	%D%/golden/view_gaps.txt \
	%D%/golden/view_layers.txt \
	%D%/golden/view_metrics.txt \
	%D%/golden/view_moved.txt \
	%D%/golden/view_objective.txt \
	%D%/golden/view_order.txt \
	%D%/golden/view_parameters.txt \
	%D%/golden/view_runs.txt \
	%D%/golden/view_samples.txt \
	%D%/golden/view_settings.txt \
	%D%/golden/view_steps.txt \
	%D%/golden/view_tree.txt \
	%D%/golden/view_values.txt \
	%D%/golden/view_weights.txt
check_PROGRAMS += %D%/test_curves
%C%_test_curves_SOURCES = %D%/test_curves.c
%C%_test_curves_LDADD = $(TEST_LIBS)
TESTS += %D%/test_curves
check_PROGRAMS += %D%/test_batch_points
%C%_test_batch_points_SOURCES = %D%/test_batch_points.c
%C%_test_batch_points_LDADD = $(TEST_LIBS)
TESTS += %D%/test_batch_points
check_PROGRAMS += %D%/test_overlay_fields
%C%_test_overlay_fields_SOURCES = %D%/test_overlay_fields.c
%C%_test_overlay_fields_LDADD = $(TEST_LIBS)
TESTS += %D%/test_overlay_fields
check_PROGRAMS += %D%/test_lists
%C%_test_lists_SOURCES = %D%/test_lists.c
%C%_test_lists_LDADD = $(TEST_LIBS)
TESTS += %D%/test_lists
