dist_check_SCRIPTS += %D%/upgrade.t
TESTS += %D%/upgrade.t
EXTRA_DIST += %D%/branched.checkpoint.xz %D%/changed.checkpoint.xz %D%/changed.lua %D%/damped.checkpoint.xz %D%/held.checkpoint.xz %D%/held.csv.state %D%/held.db.xz %D%/kept.safetensors.xz %D%/layouts %D%/names %D%/names.lua %D%/runs.db.xz \
	%D%/script.lua %D%/steered.lua %D%/sweep.csv %D%/sweep.csv.state %D%/weights.npz %D%/weights.safetensors
