EXTRA_DIST += %D%/strokes.awk
