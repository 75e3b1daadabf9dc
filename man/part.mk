dist_man_MANS += %D%/ipdlam-data.1
dist_man_MANS += %D%/ipdlam-lua.7
dist_man_MANS += %D%/ipdlam-repl.1
dist_man_MANS += %D%/ipdlam-run.1
