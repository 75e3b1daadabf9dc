EXTRA_DIST += %D%/digits.strokes
