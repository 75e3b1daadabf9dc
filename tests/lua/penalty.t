#!/usr/bin/env bash
# Penalties of one's own: as good as those built in, audited, the same bits everywhere, in every file.
. "$TOP_SRCDIR/tests/cli/tap.sh"
cat > "$tmp/own.lua" <<'END_LUA'
local half, one = function(x) return x ^ 2 / 2 end, function(x) return x end
ip.penalty { name = "half", value = half, slope = one }
ip.penalty { name = "half_prox", value = half, slope = one, prox = function(v, r) return r * v / (1 + r) end }
ip.penalty { name = "size", value = function(x) return x:abs() end, slope = function(x) return x:sign() end,
  prox = function(v, r) return v:sign() * (v:abs() - 1 / r):maximum(0) end }
ip.penalty { name = "clipped", value = function(x) return x:abs():minimum(0.5) end,
  slope = function(x) return ip.where(x:abs():le(0.5), x:sign(), 0) end }
function train(more)
  local t = { data = ip.dataset("digits", { train = 120, test = 30 }), net = { 784, 6, 10 }, lambda = 0.5, seed = 3 }
  for k, v in pairs(more) do t[k] = v end
  return assert(ip.run(t))
end
function bits(run)
  return ("%a %a %a %a"):format(run.W[1]:norm(), run.W[2]:sum(), run.b[1]:sum(), run.metrics[#run.metrics].phi)
end
END_LUA
# lua TEXT [OPTION...]
lua() { printf 'dofile("%s/own.lua")\n%s\n' "$tmp" "$1" > "$tmp/s.lua"; shift; "$IPDLAM" run "$@" "$tmp/s.lua"; }

check "a penalty defined in Lua trains like the built-in one, without findings of the audit" 0 "^16$" "" lua '
local n = 0
for _, pair in ipairs { { "ridge", "half" }, { "ridge", "half_prox" }, { "lasso", "size" }, { "ridge,lasso", "half,size" } } do
  for _, method in ipairs { "ipdlam", "bcd" } do
    for _, batch in ipairs { 0, 60 } do
      local a = train { regularizer = pair[1], method = method, batch = batch }
      local b = train { regularizer = pair[2], method = method, batch = batch, audit = true }
      a:step(2) b:step(2)
      local x, y = a:last(), b:last()
      assert(math.abs(x.phi - y.phi) < 1e-5 * x.phi, ("%s, %s: %g and %g"):format(pair[2], method, x.phi, y.phi))
      assert(math.abs(x.regularizer - y.regularizer) < 2e-3 * x.regularizer)
      assert(y.audit_findings == 0, y.audit_where)
      n = n + 1
    end
  end
end
print(n)' --no-history
check "one that is not convex: no block rises" 0 "^true$" "" lua '
local run = train { regularizer = "clipped", batch = 0, audit = true }
run:step(4) local good = true
for i = 1, 4 do good = good and run.metrics[i].audit_findings == 0 and not run.metrics[i].xi_proved end
print(good)' --no-history
text='local run = train { regularizer = "clipped", batch = 60 } run:step(2) print(bits(run))'
lua "$text" --no-history --threads 1 > "$tmp/one"
check "the same bits with other numbers of threads" 0 "" "" lua "$text" --no-history --threads 3
is "the bits do not depend on the number of threads" "$(< "$out")" "$(< "$tmp/one")"
check "rewind, replay and a change of lambda" 0 "^true.true$" "" lua '
local run = train { regularizer = "size", batch = 60 }
run:step(2) run:set { lambda = 0.1 } run:step(1) local was = bits(run)
run:rewind(1) run:step(1) run:set { lambda = 0.1 } run:step(1) print(bits(run) == was, run:verify_replay())' --no-history
check "a checkpoint and a script carry the definition" 0 "^0x" "" lua "
local run = train { regularizer = 'clipped' } run:step(1) run:checkpoint('$tmp/c') run:script('$tmp/again.lua') print(bits(run))" --no-history
cp "$out" "$tmp/first"
printf '%s\n' "local run = assert(ip.resume('$tmp/c')) print(('%a'):format(run.W[1]:norm()), run:verify_replay())" > "$tmp/r.lua"
check "resume in another process" 0 "true$" "" "$IPDLAM" run --no-history "$tmp/r.lua"
is "a resumed run has the same weights" "$(cut -f 1 "$out")" "$(cut -d ' ' -f 1 "$tmp/first")"
check "the script repeats it" 0 "" "" "$IPDLAM" run --no-history "$tmp/again.lua"
check "the history's script repeats it" 0 "ip.penalty" "" bash -c "XDG_DATA_HOME='$tmp/data' '$IPDLAM' run '$tmp/again.lua' && XDG_DATA_HOME='$tmp/data' '$IPDLAM' runs export last --lua"

fails() { check "$1" 1 "" "$2" lua "$3" --no-history; }
fails "a wrong slope" "penalty 'bad': slope" 'ip.penalty { name = "bad", value = function(x) return x ^ 2 end, slope = function(x) return x end }'
fails "a wrong prox" "penalty 'bad': prox.v = .*value.x. [+] r/2" '
ip.penalty { name = "bad", value = function(x) return x ^ 2 / 2 end, slope = function(x) return x end, prox = function(v, r) return v end }'
fails "a built-in name" "the penalty 'ridge' is built in" 'ip.penalty { name = "ridge", value = function(x) return x end, slope = function(x) return 1 end }'
fails "a second definition" "has another definition in this session" '
ip.penalty { name = "half", value = function(x) return x ^ 2 end, slope = function(x) return 2 * x end }'
check "the same definition again" 0 "^half$" "" lua 'local f = { name = "half", value = function(x) return x ^ 2 / 2 end, slope = function(x) return x end } print(ip.penalty(f))' --no-history
fails "a run that began before" "was defined after this run began" '
local run = train { regularizer = "ridge" }
ip.penalty { name = "late", value = function(x) return x ^ 4 end, slope = function(x) return 4 * x ^ 3 end }
run:set { regularizer = "late" }'
for method in sgd adam relaxed_am; do
    fails "$method has no regularizer" "regularizer" "train { method = '$method', regularizer = 'half' }"
done
done_testing
