EXTRA_DIST += %D%/demo %D%/embed %D%/setup %D%/strokes.awk %D%/test
# The paper's experiments, installed with the program.
nobase_dist_pkgdata_DATA += %D%/paper/best.lua %D%/paper/common.lua %D%/paper/fig1.lua %D%/paper/fig2.lua %D%/paper/fig3.lua \
	%D%/paper/fig4.lua %D%/paper/table1.lua %D%/paper/warmup.lua
