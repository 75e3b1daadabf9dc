#!/usr/bin/env bash
# Metrics of one's own: run:metric.
. "$TOP_SRCDIR/tests/cli/tap.sh"
export XDG_DATA_HOME=$tmp/data
# lua [OPTION] TEXT
lua() {
    local text=${!#}
    cat > "$tmp/s.lua" << 'END'
local function make(more)
  local t = { data = ip.dataset("digits", { train = 100, test = 20 }), net = { 784, 8, 10 }, name = "measured" }
  for k, v in pairs(more or {}) do t[k] = v end
  return ip.run(t)
end
local function print(...) local t = table.pack(...) for i = 1, t.n do t[i] = tostring(t[i]) end io.write(table.concat(t, " "), "\n") end
END
    printf '%s\n' "$text" >> "$tmp/s.lua"
    [ $# = 1 ] || set -- "$1"
    [ "$1" != "$text" ] || set --
    "$IPDLAM" run --threads 2 "$@" "$tmp/s.lua"
}

check "a metric is a field of later records" 0 "^nil true true 2$" "" lua --no-history '
local run = make() run:step(1)
run:metric("gap", function(m) return m.linear_gap / 2 end) run:step(2)
local m = run.metrics[3]
print(run.metrics[1].gap, run.metrics.gap[1] ~= run.metrics.gap[1], m.gap == m.linear_gap / 2, #run.metrics - 1)'
check "a function reads the run, and a later metric an earlier one" 0 "^true true$" "" lua --no-history '
local run = make()
run:metric("size", function(m, r) return r.W[1]:norm() end)
run:metric("twice", function(m) return 2 * m.size end)
run:step(2) print(run.metrics[2].size == run.W[1]:norm(), run.metrics[2].twice == 2 * run.metrics[2].size)'
check "a rewind removes the values of metrics, and a replay does not call the function" 0 "^2 true 2 3.0$" "" lua --no-history '
local run, calls = make(), 0
run:metric("calls", function() calls = calls + 1 return calls end)
run:step(2) run:rewind(1) print(calls, run:verify_replay(), #run:step(1) and run.iteration, run.metrics[2].calls)' 
check "training has the same bits with a metric" 0 "^true$" "" lua --no-history '
local a, b = make(), make()
a:metric("x", function(m, r) return r.z[1]:sum() + r.activation_gap[1]:norm() end)
a:step(3) b:step(3) print(a.W[2]:sum() == b.W[2]:sum() and a.metrics[3].phi == b.metrics[3].phi)'
check "nil ends a metric" 0 "^1.0 true$" "" lua --no-history '
local run = make() run:metric("one", function() return 1 end) run:step(1) run:metric("one", nil) run:step(1)
print(run.metrics[1].one, run.metrics[2].one ~= run.metrics[2].one or run.metrics[2].one == nil)'
check "stop_when can use a metric" 0 "^4$" "" lua --no-history '
local run = make() run:metric("k", function(m) return math.abs(m.iteration - 2) end)
run:stop_when { patience = 2, of = "k" } run:step(9) print(run.iteration)'
check "run:csv has a column, run:json an object" 0 "^gap true true$" "" lua --no-history "
local run = make() run:step(1) run:metric('gap', function(m) return 7 end) run:step(1)
run:csv('$tmp/r.csv') run:json('$tmp/r.json')
local lines, json = {}, io.open('$tmp/r.json'):read('a')
for l in io.lines('$tmp/r.csv') do lines[#lines + 1] = l:match('[^,]*\$') end
print(lines[1], lines[2] == '' and lines[3] == '7', json:find('\"metric\": {\"gap\": 7}', 1, true) ~= nil)"
check "a checkpoint keeps the values" 0 "^5.0 true$" "" lua --no-history "
local run = make() run:metric('five', function() return 5 end) run:step(2) run:checkpoint('$tmp/c')
local other = assert(ip.resume('$tmp/c')) print(other.metrics[2].five, other:verify_replay())"
check "the history has the values of metrics" 0 "^3.0 " "" lua '
local run = make() run:metric("three", function() return 3 end) run:step(2)
local old = ip.history(run.id) print(old.metrics[2].three, old.metrics.three)'
check "a condition on a metric finds a run" 0 measured "" "$IPDLAM" runs list --where 'metric.three = 3'
check "a condition on a metric excludes a run" 0 "no run meets" "" "$IPDLAM" runs list --where 'metric.four = 3'
check "runs plot draws a metric" 0 "metric.three" "" "$IPDLAM" runs plot last --field metric.three
check "runs export has a column for a metric" 0 ",three$" "" "$IPDLAM" runs export last --csv
check "a sweep has a column for a metric, and its stop_when can use it" 0 "^gap true ended by stop_when$" "" lua --no-history "
local s = ip.sweep{ data = 'digits', net = { 784, 8, 10 }, iterations = 3, metrics = { gap = function(m) return m.iteration end },
  stop_when = 'gap > 1', output = '$tmp/s.csv', quiet = true }
local head = io.open('$tmp/s.csv'):read():match('[^,]*\$')
print(head, tostring(s):find(' gap ') ~= nil, s.runs[1].status)"
check "the same sweep is done" 0 "^2$" "" lua --no-history "
local s = ip.sweep{ data = 'digits', net = { 784, 8, 10 }, iterations = 3, metrics = { gap = function(m) error('called') end },
  stop_when = 'gap > 1', output = '$tmp/s.csv', quiet = true } print(s.runs[1].records[2].gap)"

fails() { check "$1" 1 "" "$2" lua --no-history "$3"; }
fails "the name of a field" "records have a field phi already" 'make():metric("phi", print)'
fails "no name" "cannot name a metric" 'make():metric("a-b", print)'
fails "no function" "f is a function" 'make():metric("a", 3)'
fails "no number" "the metric a is a number, and its function returns nothing" \
    'local run = make() run:metric("a", function() end) run:step(1)'
fails "an unknown name" "unknown field .gop.. Did you mean 'gap'" \
    'local run = make() run:metric("gap", function() return 1 end) run:step(1) print(run.metrics.gop)'
fails "too many" "at most 8 metrics" \
    'local run = make() for i = 1, 9 do run:metric("m" .. i, function() return i end) end run:step(1)'
fails "metrics of a sweep are functions" "metrics is a table of functions" 'ip.sweep{ metrics = { a = 1 } }'
done_testing
