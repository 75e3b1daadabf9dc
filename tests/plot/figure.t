#!/usr/bin/env bash
# Figures: ip.figure in every form, and ipdlam plot.
. "$TOP_SRCDIR/tests/cli/tap.sh"
export LC_ALL=C.UTF-8 TERM=xterm
cd "$tmp" || exit 1

cat > figure.lua <<'END'
local inf, nan = math.huge, 0 / 0
local panels = {
  { title = "log", log_y = true, x_label = "epoch", y_label = "phi", whole_x = true,
    series = { { name = "a", y = { 1000, 100, 10, 1 }, low = { 900, 90, 9, 0.9 }, high = { 1100, 110, 11, 1.1 } },
               { name = "b", y = { 5, nan, 0, inf } } } },
  { title = "percent", percent = true, series = { { name = "b", y = { 0.9, 0.95 } },
    { name = "points", x = { 1, 1.5 }, y = { 0.91, 0.94 }, line = false } } },
  { log_x = true, y = { 0, 1 }, series = { { name = "beyond", x = { 1, 10, 100 }, y = { 1e30, 0.5, -1e300 } } } } }
local figure = ip.figure { title = "three", panels = panels }
for _, name in ipairs { "a.txt", "b.txt", "a.svg", "b.svg", "a.pdf", "b.pdf", "a.png", "b.png" } do
  local path, message = figure:save(name)
  if not path then print(message) end
end
io.open("direct.txt", "w"):write(figure:text(78, 18), "\n"):close()
panels[1].series[1].y[1] = "x"
print("done")
END
check "all forms are written" 0 "done" "" "$IPDLAM" run --no-history figure.lua
cmp -s a.txt direct.txt
is ".txt is what :text gives" $? 0
cmp -s a.txt "$TOP_SRCDIR/tests/plot/golden/figure.txt"
is ".txt is as in golden/figure.txt" $? 0
if [ -f a.svg ]; then
    for form in svg pdf png; do
        cmp -s a.$form b.$form
        is "the same bytes twice: $form" $? 0
    done
    cp a.svg first.svg
    cp a.pdf first.pdf
    "$IPDLAM" run --no-history figure.lua > /dev/null
    cmp -s a.svg first.svg && cmp -s a.pdf first.pdf
    is "the same bytes in another process" $? 0
    is "an SVG, a PDF, a PNG" "$(head -c 5 a.svg)$(head -c 5 a.pdf)$(head -c 4 a.png | tail -c 3)" "<?xml%PDF-PNG"
    if python3 -c '' 2> /dev/null; then
        python3 -c 'import sys, xml.dom.minidom as m
d = m.parse("a.svg"); r = d.documentElement
assert float(r.getAttribute("width").rstrip("pt")) == 504 and len(d.getElementsByTagName("path")) > 20'
        is "the SVG is well formed, of its size" $? 0
    fi
else
    check "without cairo a message says so" 0 "built without cairo.*install libcairo2-dev" "" "$IPDLAM" run --no-history figure.lua
fi

cat > numbers.lua <<'END'
local tiny, huge = { 1e-310, 2e-310 }, { 1.7e308, -1.7e308 }
for _, y in ipairs { tiny, huge, { 5e-324, 1.7e308 }, { 0.1, 0.1 } } do
  for _, log in ipairs { false, true } do
    local figure = ip.figure { series = { { name = "a", y = y, x = y[1] < y[2] and y or nil } }, log_y = log, log_x = log }
    assert(#tostring(figure) > 100)
    assert(figure:save("numbers.svg") or not io.open("a.svg"))
  end
end
print(ip.figure { series = { { name = "s", x = { 5, 1, 9 }, y = { 3, 1, 2 }, line = false } } }:text(50, 8))
END
check "doubles of any size are drawn" 0 "" "" "$IPDLAM" run --no-history numbers.lua
"$IPDLAM" run --no-history numbers.lua > said
is "points in any order are all drawn, without a line" "$(grep -o '●' said | wc -l) $(LC_ALL=C grep -c "$(printf '\342[\240-\243]')" said)" "4 0"
printf 'x,y\n1,1e-310\n2,2e-310\n' > tiny.csv
check "plot: subnormal numbers" 0 "2.000e-310" "" "$IPDLAM" plot tiny.csv --x x --y y
printf 'x,y\n1,1.7e308\n2,-1.7e308\n1e-310,1.79e308\n' > huge.csv
check "plot: the largest numbers" 0 "1.78e308" "" "$IPDLAM" plot huge.csv --x x --y y --log-y --log-x

wrong() { # NAME MESSAGE LUA
    echo "$3" > wrong.lua
    check "$1" 1 "" "$2" "$IPDLAM" run --no-history wrong.lua
}
wrong "a wrong field" "wrong.lua:1: unknown field of a panel 'log_t'. Did you mean 'log_x'" 'ip.figure { log_t = true, series = { { y = { 1 } } } }'
wrong "lists of different lengths" "x has 2 values and y has 1" 'ip.figure { series = { { x = { 1, 2 }, y = { 1 } } } }'
wrong "no list" "y must be a list of numbers, but element 2 is a string" 'ip.figure { series = { { y = { 1, "two" } } } }'
wrong "no series" "series must be a list of at least one table" 'ip.figure { title = "nothing" }'
wrong "an unknown form" "fig.jpg: the name of a figure must end in .svg, .pdf, .png or .txt" 'ip.figure { series = { { y = { 1 } } } }:save("fig.jpg")'
echo 'print(ip.figure { series = { { y = { 1 } } } }:save("/dev/null/fig.txt"))' > folder.lua
check "a device for a folder" 0 "^nil	/dev/null/fig.txt: cannot be written" "" "$IPDLAM" run --no-history folder.lua

cat > runs.lua <<'END'
local data = ip.dataset("digits", { train = 60, test = 20 })
local a = ip.run { data = data, net = { 784, 5, 10 }, name = "first" }
local b = ip.run { data = data, net = { 784, 5, 10 }, name = "first", seed = 2 }
local adam = ip.run { data = data, net = { 784, 5, 10 }, name = "adam", method = "adam" }
a:step(3) b:step(2) adam:step(3)
local row = ip.runs { where = "name = adam" }[1]
local function heads(spec)
  for line in tostring(ip.figure(spec)):gmatch("[^\n]+") do
    if line:find("──") then print(spec.title, (line:gsub("[%d.]+e?-?%d*%f[^%d.]", "N"):gsub("[─╌┈┬┤└ ]+", " "))) end
  end
end
heads { title = "same", series = { { run = a, y = "phi" }, { run = a, y = "forward_loss" } } }
heads { title = "two", series = { { run = a, y = "phi" }, { run = a, y = "loss" }, { run = adam, y = "forward_loss" } } }
heads { title = "names", series = { { run = a }, { run = b } } }
heads { title = "default", series = { { run = a }, { run = adam } } }
heads { title = "row", series = { { run = row, y = "forward_loss" }, { run = row.id, y = "forward_loss" } } }
heads { title = "history", series = { { run = ip.history(row.id), y = "test_accuracy", name = "mine" } } }
print(pcall(ip.figure, { series = { { run = adam, y = "phi" } } }))
print(pcall(ip.figure, { series = { { run = adam, y = "auxiliary_accuracy" } } }))
print(pcall(ip.figure, { series = { { run = {}, y = "phi" } } }))
print(pcall(ip.figure, { series = { { run = 99, y = "phi" } } }))
END
check "figures of runs" 0 "" "" env XDG_DATA_HOME="$tmp/runs" "$IPDLAM" run runs.lua
cp "$out" said
check "two curves of a run have their own names" 0 "" "" grep -q '^same.*phi .*forward_loss N' said
check "two curves of a run have its name, too, beside another run" 0 "" "" grep -q '^two.*first phi .*first loss .*adam N' said
check "runs of one name have their numbers" 0 "" "" grep -q '^names.*#N first .*#N first' said
check "without y, a field that all runs have is drawn" 0 "" "" grep -q '^default.*first .*adam N' said
is "curves of forward_loss are named so" "$(grep -c 'forward_loss' said)" 3
check "rows of ip.runs and numbers are runs" 0 "" "" grep -q '^row.*forward_loss.*forward_loss N' said
check "runs of the history can be drawn" 0 "" "" grep -q '^history.*mine N' said
check "phi of a run without phi is refused" 0 "" "" grep -q '^false.*run adam has no phi. Use y = "forward_loss".$' said
check "a field that the run does not have is refused" 0 "" "" grep -q '^false.*run adam has no auxiliary_accuracy$' said
check "a table that is no run is refused" 0 "" "" grep -q '^false.*run must be a run, a row of ip.runs, or a number of the history, not a table$' said
check "a number that is not in the history is refused" 0 "" "" grep -q '^false	/.*runs.db: run 99 not found$' said

"$IPDLAM" train --no-history --quiet --train 300 --test 50 --layers 10 --iterations 4 --csv run.csv
check "plot: phi" 0 "iteration" "" "$IPDLAM" plot run.csv
check "plot: two panels" 0 "test_accuracy" "" "$IPDLAM" plot run.csv --y phi,test_accuracy --log-y
check "plot: from the standard input" 0 "iteration" "" bash -c '"$1" plot - < run.csv' - "$IPDLAM"
printf 'iteration,seconds,seed,alpha,run,phi\n1,1,1,0.1,"a ""1""",4\n2,1,1,0.1,"a ""1""",2\n1,3,2,0.1,"a ""1""",6\n2,3,2,0.1,"a ""1""",\n1,1,1,0.2,b,8\n2,1,1,0.2,b,9\n' > sweep.csv
check "plot: averages over seeds, one series per run" 0 'a "1"' "" "$IPDLAM" plot sweep.csv
check "plot: by a column" 0 'alpha = 0.2' "" "$IPDLAM" plot sweep.csv --by alpha,seed --width 90
is "plot: the mean of two seeds" "$("$IPDLAM" plot sweep.csv --by alpha --width 60 --height 8 | grep -c ' alpha = 0.1 5.000 .* alpha = 0.2 8.000   at 1$')" 1
check "plot: a figure" 0 "" "" "$IPDLAM" plot sweep.csv --x seconds --output plot.txt
check "plot: .txt holds it" 0 "seconds" "" cat plot.txt
check "plot: an unknown column" 2 "" 'unknown column .ph.. Did you mean .phi.' "$IPDLAM" plot run.csv --y ph
check "plot: a column of texts" 2 "" 'column run holds text' "$IPDLAM" plot sweep.csv --y run
check "plot: no file" 2 "" "name a file" "$IPDLAM" plot
check "plot: a file that is not there" 1 "" "nope.csv: cannot be read: No such file" "$IPDLAM" plot nope.csv
printf 'a,b\n1,2\n3\n' > short.csv
check "plot: a short line" 1 "" "short.csv, line 3: has 1 cell, but the first line names 2" "$IPDLAM" plot short.csv --x a --y b
printf 'a,b\n1,"2\n' > open.csv
check "plot: an open quote" 1 "" "open.csv, line 2: a quoted cell does not end" "$IPDLAM" plot open.csv --x a --y b
: > empty.csv
check "plot: an empty file" 1 "" "empty.csv: is empty" "$IPDLAM" plot empty.csv
printf '\xef\xbb\xbfiteration,phi\r\n1,4\r\n2,NaN\r\n\r\n3,NA\r\n4,Inf\r\n5,3\r\n' > windows.csv
check "plot: as other programs write it" 0 "phi 3.000" "" "$IPDLAM" plot windows.csv
is "plot: infinity is an arrow" "$("$IPDLAM" plot windows.csv | grep -c '▲')" 1
printf 'x,y\n1,1\nnan,2\n2,3\ninf,4\n1,5\n' > gaps.csv
check "plot: rows without x have no place" 0 "y 3.000" "" "$IPDLAM" plot gaps.csv --x x --y y
check "plot: an endless file" 1 "" "/dev/zero: is not a text file" "$IPDLAM" plot /dev/zero
printf '\xff\xfei\0' > utf16.csv
check "plot: UTF-16" 1 "" "utf16.csv: is UTF-16 text. Save it as UTF-8" "$IPDLAM" plot utf16.csv
"$IPDLAM" train --no-history --quiet --train 300 --test 50 --layers 10 --iterations 3 --method adam --csv adam.csv
check "plot: a run without phi by its loss" 0 "^forward_loss" "" "$IPDLAM" plot adam.csv
check "plot: beside a run with phi, the loss is drawn, too" 0 "^forward_loss .*run .*adam" "" "$IPDLAM" plot run.csv adam.csv
check "plot: --y phi of a run without phi" 1 "" "adam.csv: column phi has no values. Use --y forward_loss." "$IPDLAM" plot adam.csv --y phi
check "plot: --y phi draws only runs with phi, and names the others" 0 "^phi   ── run" \
    "ipdlam plot: adam has no phi. --y forward_loss draws every run." "$IPDLAM" plot run.csv adam.csv --y phi
mkdir other && cp run.csv other/
check "plot: files of one name are two series" 0 "── run.csv .*╌╌ other/run.csv" "" "$IPDLAM" plot run.csv other/run.csv
printf 'iteration,phi\n' > rows.csv
check "plot: no rows" 1 "" "rows.csv: no rows yet" "$IPDLAM" plot rows.csv
done_testing
