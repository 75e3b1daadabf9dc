EXTRA_DIST += %D%/demo %D%/embed %D%/setup %D%/strokes.awk %D%/test
