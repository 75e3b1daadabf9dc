#!/usr/bin/env bash
# Training methods from Lua files: reference cases, the audit, and what both find when one sign of a file is wrong.
. "$TOP_SRCDIR/tests/cli/tap.sh"
cd "$tmp" || exit 1
methods=$TOP_SRCDIR/lua/methods golden=$TOP_SRCDIR/tests/solver/golden own=$TOP_SRCDIR/tests/lua/golden_methods

# Reference cases, each also with one sign of the file flipped.
plain="increase nested_reverse custom_order ridge minibatch_ridge minibatch_inner minibatch_increase
    minibatch_nested_reverse live_changes separate_inertia leaky_relu cross_entropy hinge one_layer
    low_rho_cross_entropy plain_am reverse wide_output_first plain_am_singular singular_large_side
    singular_small_side minibatch_plain values_regression_ipdlam values_regression_ipdlam_minibatch
    values_autoencoder_ipdlam values_autoencoder_ipdlam_minibatch values_regression_dlam
    values_autoencoder_dlam"
# shellcheck disable=SC2086
check "plain_ipdlam.lua passes the cases of ipdlam" 0 "28 of 28 within" "" "$IPDLAM" verify \
    --method "$methods/plain_ipdlam.lua" $(printf "$golden/%s.json " $plain)
check "admm.lua passes its cases" 0 "5 of 5 within" "" "$IPDLAM" verify --method "$methods/admm.lua" "$own"/admm_*.json
check "lpom.lua passes its cases" 0 "5 of 5 within" "" "$IPDLAM" verify --method "$methods/lpom.lua" "$own"/lpom_*.json
check "plain_sgd.lua passes its cases" 0 "2 of 2 within" "" "$IPDLAM" verify --method "$methods/plain_sgd.lua" \
    "$TOP_SRCDIR"/tests/solver/golden_optim/{sgd,sgd_momentum}.json
flip() { # METHOD FROM TO CASE...
    local method=$1 from=$2 to=$3
    shift 3
    python3 - "$methods/$method.lua" "$from" "$to" > "$method.lua" << 'E'
import sys
text = open(sys.argv[1]).read()
assert sys.argv[2] in text
print(text.replace(sys.argv[2], sys.argv[3], 1), end="")
E
    check "$method.lua fails with '$to'" 1 "FAIL" "" "$IPDLAM" verify --method "./$method.lua" "$@"
}
flip plain_ipdlam "x + (x - x_old)" "x - (x - x_old)" "$golden/increase.json"
flip plain_ipdlam "(residual + b_hat" "(residual - b_hat" "$golden/nested_reverse.json"
flip plain_ipdlam "outer(A) + W_hat" "outer(A) - W_hat" "$golden/nested_reverse.json"
flip plain_ipdlam "R = s:activate(l, s.z[l]) + hat" "R = s:activate(l, s.z[l]) - hat" "$golden/increase.json"
flip plain_ipdlam "(W:t() * u + R)" "(W:t() * u - R)" "$golden/values_autoencoder_ipdlam.json"
flip plain_ipdlam "(u - W * start)" "(u + W * start)" "$golden/values_regression_dlam.json"
flip plain_ipdlam "W_hat + A:t():lstsq" "W_hat - A:t():lstsq" "$golden/singular_large_side.json"
flip plain_ipdlam "(s:p(l) + hat" "(s:p(l) - hat" "$golden/increase.json"
flip admm "s:p(l) - s.u[l]" "s:p(l) + s.u[l]" "$own/admm_hinge.json"
flip admm "s.u[l] + (s.z[l]" "s.u[l] - (s.z[l]" "$own/admm_constraint.json"
flip admm "b = (z - W * a)" "b = (z + W * a)" "$own/admm_hinge.json"
flip admm "(R * Vt:t())" "(-R * Vt:t())" "$own/admm_singular.json"
flip admm "* beta + s:activate" "* beta - s:activate" "$own/admm_hinge.json"
flip admm "2 * beta) + m" "2 * beta) - m" "$own/admm_taylor.json"
flip lpom "= sigma(s, s.L, s.a[s.L])" "= -sigma(s, s.L, s.a[s.L])" "$own/lpom_hinge_leaky.json"
flip lpom "s:loss_prox(p, weight" "s:loss_prox(-p, weight" "$own/lpom_squared.json"
flip lpom "local new = v - " "local new = v + " "$own/lpom_squared.json"
flip lpom "local u = p - " "local u = p + " "$own/lpom_squared.json"
flip plain_sgd "s.W[l] - m_W" "s.W[l] + m_W" "$TOP_SRCDIR/tests/solver/golden_optim/sgd.json"
rm -f ./*.lua

# The operations that each file calls: a change of this list is a change of what methods need.
called() {
    grep -v '^ *--' "$methods/$1.lua" | grep -oE '[]a-zA-Z)}]:[a-z_0-9]+\(|ip\.[a-z]+|s\.[YX]\b' |
        sed -E 's/^[]a-zA-Z)}]:([a-z_0-9]+)\($/\1/' | sort -u | tr '\n' ' '
}
is "plain_ipdlam.lua calls" "$(called plain_ipdlam)" "activate gram inverse ip.eye loss loss_prox lstsq norm outer over_cols p prox ridge right_solve sub_col t "
is "admm.lua calls" "$(called admm)" "activate div dot eigh get gram gt ip.eye ip.randn ip.where loss loss_prox mul_row norm outer over_cols p prox ridge s.Y solve sub_col svd t "
is "lpom.lua calls" "$(called lpom)" "activate add_col div dot eigh get gram gt ip.eye ip.hstack ip.ones ip.vstack ip.where loss loss_prox maximum mul_row norm outer p s.Y slice slope solve svd t "
is "plain_sgd.lua calls" "$(called plain_sgd)" "activate add_col loss_gradient mul outer over_cols s.X slope t "

# The audit of kinds that are declared exact: nothing to find, and a wrong sign in each update.
cat > audit.lua << 'E'
local data = assert(ip.dataset("digits", { train = 300, test = 50 }))
local admm = ip.method("./audit.method.lua"):find("admm")
for _, batch in ipairs { 0, not admm and 100 or nil } do
  local run = assert(ip.run { data = data, net = { 784, 12, 10 }, seed = 3, batch = batch, method = "./audit.method.lua",
    audit = true, regularizer = "ridge", lambda = 0.5, order = not admm and "nested_reverse" or nil })
  if admm then run:set { warm = 1, dual_step = 2 } end
  run:step(4)
  local r = run:last()
  print(batch, r.audit_blocks, r.audit_findings, r.audit_where)
  assert(run:verify_replay())
end
E
audited() { # BLOCK FROM TO METHOD
    python3 - "$methods/${4:-plain_ipdlam}.lua" "$2" "$3" > audit.method.lua << 'E'
import sys
text = open(sys.argv[1]).read()
assert sys.argv[2] in text
print(text.replace(sys.argv[2], sys.argv[3], 1), end="")
E
    "$IPDLAM" run audit.lua > "$out" 2> "$err"
    result "$(grep -oE -- "-[0-9]+, audit: .*block $1" "$err" | sed 's/,.*//' | sort -u | grep -c . | grep -c "${5:-2}")" "${4:-plain_ipdlam}: the audit names $1 with '$3'"
}
cp "$methods/plain_ipdlam.lua" audit.method.lua
check "the audit finds nothing" 0 "^100	15.0	0.0" "" "$IPDLAM" run audit.lua
cp "$methods/admm.lua" audit.method.lua
check "the audit finds nothing in admm" 0 "^0	5.0	0.0" "" "$IPDLAM" run audit.lua
audited z2 "2 * beta) - m" "2 * beta) + s:p(l)" admm 1
audited z1 "s:p(l), beta / gamma" "-s:p(l), beta / gamma" admm 1
audited W "+ ip.eye(a.rows)" "- ip.eye(a.rows)" admm 1
audited W "b = (z - W * a)" "b = (z + W * a)" admm 1
audited a1 "* beta + s:activate" "* beta - s:activate" admm 1
cp "$methods/plain_ipdlam.lua" audit.method.lua
audited z "(s:p(l) + hat * s.delta)" "(s:p(l) - hat * s.delta)"
audited W2 "outer(A) + W_hat" "outer(A) - W_hat"
audited W "(residual + b_hat" "(residual - b_hat"
audited a1 "s:activate(l, s.z[l]) + hat" "s:activate(l, s.z[l]) - hat"
done_testing
