EXTRA_DIST += %D%/digits.strokes %D%/workbench.svg
