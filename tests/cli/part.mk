dist_check_SCRIPTS += %D%/bench.t %D%/checkpoint.t %D%/completion.t %D%/models.t %D%/outputs.t %D%/demo.t %D%/install.t %D%/keep.t %D%/interop.t %D%/json.t %D%/kernel.t %D%/kill.t %D%/limits.t %D%/man.t %D%/pages.t %D%/presets.t %D%/runs.t %D%/train.t %D%/valgrind.t %D%/verify.t
TESTS += %D%/bench.t %D%/checkpoint.t %D%/completion.t %D%/models.t %D%/outputs.t %D%/demo.t %D%/install.t %D%/keep.t %D%/interop.t %D%/json.t %D%/kernel.t %D%/kill.t %D%/limits.t %D%/man.t %D%/pages.t %D%/presets.t %D%/runs.t %D%/train.t %D%/valgrind.t %D%/verify.t
EXTRA_DIST += %D%/fault_malloc.c %D%/tap.sh
