dist_man_MANS += %D%/ipdlam-data.1
