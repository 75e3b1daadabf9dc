#!/usr/bin/env bash
# Early stopping: run:stop_when.
. "$TOP_SRCDIR/tests/cli/tap.sh"
run() { "$IPDLAM" run --no-history --threads 2 "$@"; }
# The field phi of these runs falls for 4 iterations and then rises: delta is the number of the iteration, negated.
lua() {
    cat > "$tmp/s.lua" << 'END'
local function make(more)
  local t = { data = ip.dataset("digits", { train = 100, test = 20 }), net = { 784, 8, 10 }, batch = 50,
    delta = function(k) return math.abs(k - 4) + 0.5 end }
  for k, v in pairs(more or {}) do t[k] = v end
  return ip.run(t)
end
local function print(...) local t = table.pack(...) for i = 1, t.n do t[i] = tostring(t[i]) end io.write(table.concat(t, " "), "\n") end
END
    printf '%s\n' "$1" >> "$tmp/s.lua"
    shift
    run "$tmp/s.lua" "$@"
}

check "after so many iterations without a better value" 0 "^7$" "" lua '
local run = make() run:stop_when { patience = 3, of = "delta" } run:step(50) print(run.iteration)'
check "larger is better with mode = max" 0 "^10 7$" "" lua '
local run = make() run:stop_when { patience = 3, of = "delta", mode = "max" } run:step(7)
run:set { rho_schedule = "constant" } local other = make { delta = function(k) return k < 8 and k or 1 end }
other:stop_when { patience = 3, of = "delta", mode = "max" } other:step(50) print(other.iteration, run.iteration + 3)'
check "min_delta is what counts as better" 0 "^4$" "" lua '
local run = make() run:stop_when { patience = 3, of = "delta", min_delta = 5 } run:step(50) print(run.iteration)'
check "an expression, and a function" 0 "^3 5$" "" lua '
local run = make() run:stop_when("delta < 2") run:step(50) local first = run.iteration
run:stop_when(function(m) return m.iteration == 5 end) run:step(50) print(first, run.iteration)'
check "nil ends a rule, another rule replaces it" 0 "^9 11$" "" lua '
local run = make() run:stop_when { patience = 1, of = "delta" } run:stop_when(nil) run:step(9) local first = run.iteration
run:stop_when("iteration == 10") run:stop_when("iteration == 11") run:step(50) print(first, run.iteration)'
check "restore writes W and b of the best iteration; the run replays" 0 "^true true true true$" "" lua '
local run = make() run:stop_when { patience = 3, of = "delta", restore = "best" } run:step(50)
local other = make() other:step(4)
print(run.W[1] == other.W[1], run.b[2] == other.b[2], run.iteration == 7, run:verify_replay())'
check "a rewind forgets best values of removed records" 0 "^7 7$" "" lua '
local run = make() run:stop_when { patience = 3, of = "delta" } run:step(50) local first = run.iteration
run:rewind(2) run:step(50) print(first, run.iteration)'
check "without a field: accuracy on the test samples" 0 "^true$" "" lua '
local run = make { freeze = "W1,W2" } run:stop_when { patience = 4 } run:step(50) print(run.iteration == 5)'
check "a rule pauses a run in the background" 0 "^7 paused$" "" lua '
local run = make() run:stop_when { patience = 3, of = "delta" } run:start()
local other = make() while run.status ~= "paused" do other:step() end print(run.iteration, run.status)'

wrong() { check "refused: $1" 1 "" "$2" lua "make():stop_when $1"; }
wrong '{ patience = 0 }' "patience is a number of iterations, such as patience = 5"
wrong '{ }' "patience is a number of iterations"
wrong '{ patience = 3, off = "phi" }' "stop_when: unknown option 'off'. Did you mean 'of'"
wrong '{ patience = 3, of = "ph" }' "stop_when: unknown field 'ph'"
wrong '{ patience = 3, mode = "up" }' 'mode is .min. or .max.'
wrong '{ patience = 3, restore = "last" }' 'restore is .best.'
wrong '("foo < 3")' "unknown field 'foo'"
done_testing
