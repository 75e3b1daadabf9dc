EXTRA_DIST += %D%/strokes.awk
EXTRA_DIST += %D%/embed
