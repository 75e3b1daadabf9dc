EXTRA_DIST += %D%/demo %D%/embed %D%/nightly %D%/paper/results %D%/picture %D%/setup %D%/strokes.awk %D%/test
# The paper's experiments, installed with the program.
nobase_dist_pkgdata_DATA += %D%/paper/accurate.lua %D%/paper/best.lua %D%/paper/common.lua %D%/paper/fig1.lua %D%/paper/fig2.lua %D%/paper/fig3.lua \
	%D%/paper/depth.lua %D%/paper/fig4.lua %D%/paper/race.lua %D%/paper/table1.lua %D%/paper/warmup.lua
uninstall-hook:
	-rmdir "$(DESTDIR)$(pkgdatadir)/scripts/paper" "$(DESTDIR)$(pkgdatadir)/scripts" "$(DESTDIR)$(pkgdatadir)/lua/methods" \
		"$(DESTDIR)$(pkgdatadir)/lua" "$(DESTDIR)$(pkgdatadir)" 2>/dev/null || :

# The shells find their completions in these folders.
bashcompletiondir = $(datadir)/bash-completion/completions
dist_bashcompletion_DATA = %D%/completion/bash/ipdlam
zshcompletiondir = $(datadir)/zsh/site-functions
dist_zshcompletion_DATA = %D%/completion/zsh/_ipdlam
fishcompletiondir = $(datadir)/fish/vendor_completions.d
dist_fishcompletion_DATA = %D%/completion/fish/ipdlam.fish
