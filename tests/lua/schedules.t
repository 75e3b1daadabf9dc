#!/usr/bin/env bash
# Schedules of settings: their forms, on the command line and in Lua, functions, and what ends them.
. "$TOP_SRCDIR/tests/cli/tap.sh"
run() { "$IPDLAM" run --no-history --threads 2 "$@"; }
train() { "$IPDLAM" train --data digits --train 100 --test 20 --layers 8 --no-history --quiet --threads 2 "$@"; }
# values SETTING TRAIN-OPTIONS...: the setting in every record.
values() {
    local name=$1
    shift
    train --csv - "$@" | awk -F, -v name="$name" 'NR == 1 { for (i = 1; i <= NF; i++) if ($i == name) at = i } NR > 1 { printf "%s%.6g", (NR > 2 ? " " : ""), $at } END { print "" }'
}
lua() {
    cat > "$tmp/s.lua" << 'END'
local function make(more)
  local t = { data = ip.dataset("digits", { train = 100, test = 20 }), net = { 784, 8, 10 }, batch = 50, inner = 2 }
  for k, v in pairs(more or {}) do t[k] = v end
  return ip.run(t)
end
local function print(...) local t = table.pack(...) for i = 1, t.n do t[i] = tostring(t[i]) end io.write(table.concat(t, " "), "\n") end
local function text(run, ...)
  local t = {}
  for i = 1, #run.metrics do for _, name in ipairs { ... } do t[#t + 1] = ("%.6g"):format(run.metrics[i][name]) end end
  return table.concat(t, " ")
end
END
    printf '%s\n' "$1" >> "$tmp/s.lua"
    shift
    run "$tmp/s.lua" "$@"
}

check "a schedule by steps" 0 "^0.3 0.3 0.1 0.1$" "" values delta --delta 1:0.3,3:0.1 --iterations 4
check "before the first step the value stays" 0 "^0.2 0.2 0.1$" "" values delta --schedule delta=3:0.1 --delta 0.2 --iterations 3
check "linear, to the run's end" 0 "^0.5 0.4 0.3 0.2 0.1$" "" values delta --delta linear:0.5..0.1 --iterations 5
check "linear between two iterations: a warm-up" 0 "^0.1 0.1 0.3 0.5 0.5$" "" values beta --beta linear:0.1..0.5:2..4 --iterations 5
check "cosine" 0 "^1 0.853553 0.5 0.146447 0$" "" values delta --delta cosine:1..0 --iterations 5
check "geometric" 0 "^1 0.1 0.01$" "" values delta --delta geometric:1..0.01 --iterations 3
check "anneal" 0 "^1 1 1 1 0.857143 0.714286 0.571429 0.428571 0.285714 0.142857 0$" "" values delta --delta anneal:1..0 --iterations 11
check "lr of an optimizer" 0 "^0.1 0.2 0.3$" "" values lr --method sgd --lr linear:0.1..0.3 --iterations 3
check "a whole number takes the nearest one" 0 "^1 2 4$" "" lua '
local run = make { inner = "linear:1..4", length = 3 } local t = {} for i = 1, 3 do t[i] = run.inner run:step() end print(t[1], t[2], t[3])'
check "a later number on the command line ends a schedule" 0 "^0.3$" "" values delta --delta cosine:0.5..0.1 --delta 0.3 --iterations 1
check "without a schedule the bits are those of a constant one" 0 "^true$" "" lua '
local one, two = make { delta = 0.3 }, make { delta = "1:0.3" } one:step(3) two:step(3)
print(text(one, "phi", "xi") == text(two, "phi", "xi") and one.W[1] == two.W[1])'

check "inertia stands for alpha, beta and gamma; a number ends all three" 0 "^alpha=linear:0..1 beta=linear:0..1 gamma=linear:0..1 none 0.2$" "" lua '
local run = make { inertia = "linear:0..1", length = 5, batch = 0, inner = 1 } local s = run.settings.schedule run.inertia = 0.2
print(s, run.settings.schedule, run.beta)'
check "a function: iteration, present value, last record" 0 "^1 0.3 nil;2 0.4 1;3 0.5 2; 0.4 0.5 0.6 3$" "" lua '
local s = ""
local run = make { delta = function(k, value, m) s = s .. ("%d %.3g %s;"):format(k, value, m and m.iteration) return 0.3 + 0.1 * k end, rho_schedule = "constant" }
run:set { delta = 0.3 } run.delta = function(k, value, m) s = s .. ("%d %.3g %s;"):format(k, value, m and m.iteration) return 0.3 + 0.1 * k end
run:step(3) print(s, text(run, "delta"), #run.log - 2)'
check "three functions at once, with rho" 0 "^0.1 0.2 1 0.2 0.4 2 true$" "" lua '
local run = make { alpha = function(k) return 0.1 * k end, rho = function(k) return k end, beta = function(k) return 0.2 * k end }
run:step(2) print(text(run, "alpha", "beta", "rho"), run:verify_replay())'
check "a run with schedules replays, rewinds and branches to the same bits" 0 "^true true true$" "" lua '
local run = make { delta = "cosine:0.5..0.1", alpha = function(k) return 0.1 * k end, length = 6, batch = 0, inner = 1 }
run:step(6) local want = text(run, "phi", "delta", "alpha")
local replays = run:verify_replay()
run:rewind(2) run:step(4)
local other = run:branch(3) other:step(3)
print(text(run, "phi", "delta", "alpha") == want, text(other, "phi", "delta", "alpha") == want, replays)'
check "a switch of the method keeps schedules" 0 "^0.1 0.3 sgd sgd$" "" lua '
local run = make { method = "adam", lr = "1:0.5,2:0.1,3:0.3", inner = 1 } run:step(1) run:switch("sgd") run:step(2)
print(("%.6g %.6g"):format(run.metrics[2].lr, run.metrics[3].lr), run.metrics[2].method, run.metrics[3].method)'
check "undo brings a schedule back" 0 "^delta=linear:1..0 none delta=linear:1..0$" "" lua '
local run = make { delta = "linear:1..0", length = 5 } local s = run.settings.schedule
run.delta = 0.5 local now = run.settings.schedule run:undo() print(s, now, run.settings.schedule)'
check "a checkpoint has schedules; functions must be given again" 0 "^true$" "this run takes alpha from a function.*alpha = function.k, value, m" lua '
local run = make { delta = "cosine:0.5..0.1", alpha = function(k) return 0.1 * k end, length = 6, batch = 0, inner = 1 }
run:step(2) assert(run:checkpoint(arg[1])) run:step(3)
local ok, why = pcall(ip.resume, arg[1]) io.stderr:write(tostring(why), "\n")
local again = assert(ip.resume(arg[1], { alpha = function(k) return 0.1 * k end })) again:step(3)
print(text(run, "phi", "delta", "alpha") == text(again, "phi", "delta", "alpha"))' "$tmp/c"
check "a script repeats the run, its functions as changes" 0 "^true$" "" lua '
local run = make { delta = "cosine:0.5..0.1", alpha = function(k) return 0.1 * k end, length = 4 } run:step(4)
assert(run:script(arg[1])) local text_of_script = assert(io.open(arg[1])):read("a")
assert(text_of_script:find("delta=cosine:0.5..0.1", 1, true) and not text_of_script:find("function"))
dofile(arg[1]) local runs = ip.living() local other = runs[#runs]
print(text(run, "phi", "delta", "alpha") == text(other, "phi", "delta", "alpha"))' "$tmp/again.lua"
cat > "$tmp/kept.lua" << 'END'
local run = ip.run { data = ip.dataset("digits", { train = 100, test = 20 }), net = { 784, 8, 10 }, beta = function(k) return 0.1 * k end }
run:step(2)
print(ip.again(run.id))
END
check "ip.again refuses a run with a function" 1 "" "takes beta from a function, which the history does not store. Continue from its checkpoint" \
    "$IPDLAM" run "$tmp/kept.lua"
check "a function that fails pauses the run; with a number it continues" 1 "" "delta of iteration 2: its function fails: .*oops" lua '
local run = make { delta = function(k) if k == 2 then error("oops") end return 0.2 end }
local ok, why = pcall(run.step, run, 3) assert(not ok and #run.metrics == 1) run.delta = 0.1 run:step(2) assert(#run.metrics == 3) error(why, 0)'
check "a value of a function out of range pauses the run" 1 "" "delta = -1 is out of range" lua 'make { delta = function(k) return -1 end }:step()'

wrong() { check "refused: $1" 2 "" "$2" train --iterations 2 --schedule "$1"; }
wrong "delta=cosine:1" "delta: '1' is not a pair of values"
wrong "delta=x" "delta: 'x' is not a schedule. Write steps such as 1:0.3,20:0.1, or"
wrong "delta" "delta has no schedule"
wrong "delta=geometric:0..1" "a geometric schedule needs values above 0"
wrong "delta=linear:0..1:5..2" "not a pair of iterations, the first before the last"
wrong "delta=2:1,1:3" "iteration 1 does not come after iteration 2"
wrong "delta=linear:0..1e40" "delta = 1e40 is out of range"
wrong "delta=1:1 delta=1:2" "delta is given twice"
wrong "rho=1:2" "rho has its own. Set rho_schedule = 1:2"
wrong "seed=1:2" "seed is not a number that can change"
wrong "nothing=1:2" "there is no setting 'nothing'"
wrong "delta=function" "delta = function needs a function"
# rho has the same forms, in rho_schedule.
check "steps of rho" 0 "^1 1 5 2 2$" "" values rho --rho-schedule 1:1,3:5,4:2 --rho-max 9 --iterations 5
check "a form as rho" 0 "^1 2 3$" "" values rho --rho linear:1..3 --iterations 3
check "before the first step rho is as set" 0 "^1.5 1.5 5$" "" values rho --rho-init 1.5 --rho-schedule 3:5 --iterations 3
check "new steps between two iterations" 0 "^1 3 3 4 true$" "" lua '
local run = make { rho = 1, inner = 1 } run:step(1) run.rho_schedule = "2:3,4:4" run:step(3) print(text(run, "rho"), run:verify_replay())'
check "new steps within an iteration hold from the next on" 0 "^1 1 4 true$" "" lua '
local run = make { rho = { init = 1, growth = 1 }, inner = 1 } run:step(1) run:step_block() run.rho_schedule = "2:3,3:4" run:step(2) print(text(run, "rho"), run:verify_replay())'
check "rho by hand is one iteration long among steps" 0 "^1 7 1 5 true$" "" lua '
local run = make { rho_schedule = "1:1,4:5", inner = 1 } run:step(1) run.rho = 7 run:step(3) print(text(run, "rho"), run:verify_replay())'
check "rho by cosine: rewind and branch" 0 "^true true$" "" lua '
local run = make { rho = "cosine:1..4", length = 5, batch = 0, inner = 1 } run:step(5) local want = text(run, "phi", "rho")
run:rewind(2) run:step(3) local other = run:branch(3) other:step(2)
print(text(run, "phi", "rho") == want, text(other, "phi", "rho") == want)'
check "a form of rho needs a length, too" 2 "" "linear:1..3 needs the run.s length" train --iterations 2 --rho linear:1..3 --length 0
check "a schedule of rho beyond rho_max is refused" 2 "" "99 is larger than rho_max" train --iterations 2 --rho linear:1..99
check "a schedule without a length is refused" 1 "" "needs the run's length in iterations. Set length = 20" lua 'make { delta = "linear:1..0" }'
done_testing
