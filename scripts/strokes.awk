# strokes.awk - turns data/digits.strokes into C tables (see src/data/strokes.h).

function fail(why) {
    printf "%s:%d: %s\n", FILENAME, FNR, why > "/dev/stderr"
    failed = 1
    exit 1
}

function finish_variant() {
    if (variants && points == first)
        fail("a digit without strokes")
    if (variants)
        table[variants] = sprintf("{%d, %d, %d, %d}", digit, weight, first, points - first)
}

BEGIN {
    print "/* Made from data/digits.strokes by scripts/strokes.awk. */"
    print "#include \"data/strokes.h\"\n"
    print "const ipd_stroke_point ipd_stroke_points[] = {"
}

{ sub(/#.*/, "") }

NF == 0 { next }

$1 == "digit" {
    if (NF != 3 || $2 !~ /^[0-9]$/ || $3 !~ /^[1-9][0-9]*$/)
        fail("\"digit D W\" is expected")
    finish_variant()
    variants++
    digit = $2
    weight = $3
    first = points
    next
}

$1 == "stroke" {
    if (!variants)
        fail("a stroke before the first digit")
    n = 0
    for (i = 2; i <= NF; i++) {
        if ($i == "/" && n) {
            corner[n] = 1
            continue
        }
        if ($i !~ /^[0-9]+$/ || $(i + 1) !~ /^[0-9]+$/ || $i > 100 || $(i + 1) > 100)
            fail("pairs of numbers from 0 to 100 are expected")
        x[++n] = $i
        y[n] = $(++i)
        corner[n] = 0
    }
    if (n < 2)
        fail("a stroke of fewer than two points")
    for (i = 1; i <= n; i++)
        printf "    {%d, %d, %d, %d},\n", x[i], y[i], corner[i], i == n
    points += n
    if (points - first > 32)
        fail("more than 32 points in a digit (IPD_STROKE_MOST)")
    next
}

{ fail("unknown word " $1) }

END {
    if (failed)
        exit 1
    finish_variant()
    print "};\n\nconst ipd_stroke_variant ipd_stroke_variants[] = {"
    for (i = 1; i <= variants; i++)
        printf "    %s,\n", table[i]
    printf "};\n\nconst int ipd_stroke_variant_count = %d;\n", variants
}
