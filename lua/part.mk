# Lua that is part of the program: embedded, so that nothing has to be found at run time.
EXTRA_DIST += %D%/prelude.lua %D%/help.lua %D%/complete.lua %D%/commands.lua %D%/screen.lua
EXTRA_DIST += %D%/figure.lua %D%/sweep.lua %D%/sweep_choice.lua %D%/sweep_space.lua %D%/sweep_halving.lua %D%/sweep_train.lua %D%/sweep_table.lua %D%/sweep_state.lua %D%/sweep_plan.lua
