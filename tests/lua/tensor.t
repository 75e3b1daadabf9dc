#!/usr/bin/env bash
# Tensors in Lua: what tensor_numpy.t does not compare with NumPy.
. "$TOP_SRCDIR/tests/cli/tap.sh"
run() { "$IPDLAM" run --no-history --threads 2 "$@"; }
# Its first line: two tensors, and a print with blanks.
lua() { printf 'local function print(...) local t = table.pack(...) for i = 1, t.n do t[i] = tostring(t[i]) end io.write(table.concat(t, " "), "\\n") end local A, B = ip.tensor { { 1, 2, 3 }, { 4, 5, 6 } }, ip.tensor { { 1, 2 }, { 3, 4 } }\n%s\n' "$1" > "$tmp/s.lua"; shift; run "$tmp/s.lua" "$@"; }

check "a tensor prints its shape and a corner" 0 "^tensor 2 x 3, norm 9.53939" "" lua 'print(A)'
check "a large tensor prints six rows and columns" 0 '^.*[.][.][.]$' "" lua 'print(ip.ones(7, 7))'
check "an element is read and set" 0 "^6 8$" "" lua 'local x = A[2][3] A[2][3] = 8 print(x // 1 | 0, A:get(2, 3) // 1 | 0)'
check "a column from a list of numbers" 0 "^3 1 2$" "" lua 'local c = ip.tensor { 1, 2, 3 } print(c.rows, c.cols, c[2][1] // 1 | 0)' 
check "== compares all elements" 0 "^true false false false$" "" \
    lua 'print(A == A:copy(), A == A + 1, A == B, B == B * (0 / 0))'
check "random numbers are the same for a seed" 0 "^true false$" "" \
    lua 'print(ip.randn(3, 4, 5) == ip.randn(3, 4, 5), ip.rand(3, 4, 5) == ip.rand(3, 4, 6))'
check "methods with _ change the tensor and return it" 0 "^true true$" "" \
    lua 'local C = B:copy() print(rawequal(C:add_(1):mul_(2), C), C == (B + 1) * 2)'
check "a tensor can be its own operand" 0 "^true true$" "" \
    lua 'local C, D = B:copy(), B:copy() print(C:sub_(C) == ip.zeros(2, 2), D:set(D) == B)'
check "max and min of a tensor with NaN are NaN" 0 "^true true 2 1$" "" lua 'B[2][1] = 0 / 0 local x, y = B:max(), B:min()
print(x ~= x, y ~= y, B:argmax())'
check "tensors can be empty" 0 "^0 3 0.0 true 0.0$" "" \
    lua 'local E = ip.zeros(0, 3) print(E.rows, E.cols, E:sum(), E:t() * E == ip.zeros(3, 3), (E:svd()):norm())'
check "a singular matrix gives nil and a message" 0 "^nil.the 2 x 2 matrix is singular" "" \
    lua 'print(ip.tensor { { 1, 2 }, { 2, 4 } }:solve(B))'
check "a matrix that is not positive definite gives nil and a message" 0 "^nil.*2 x 2.*positive definite" "" lua 'print((B - 9):cholesky())'
check "lstsq returns the rank" 0 "^1$" "" lua 'print((select(2, ip.tensor { { 1, 2 }, { 2, 4 } }:lstsq(B))))'
check "tensors in files" 0 "^true true 3 1$" "" lua 'for _, name in ipairs { arg[1] .. ".npz", arg[1] .. ".safetensors" } do
  assert(ip.save_tensors(name, { A = A, B = B }))
end
local x, y = ip.load_tensors(arg[1] .. ".npz"), ip.load_tensors(arg[1] .. ".safetensors")
ip.save_tensors(arg[1], { v = ip.tensor { 1, 2, 3 } }) local v = ip.load_tensors(arg[1]).v
print(x.A == A and x.B == B, y.A == A and y.B == B, v.rows, v.cols)' "$tmp/t"
if python3 -c 'import numpy, sys
numpy.savez(sys.argv[1], v=numpy.arange(3.0), n=numpy.array([[1, 2], [3, 4]]), x=numpy.float32(7))' "$tmp/n.npz" 2> "$err"; then
    check "NumPy's: a vector is a column, a number has one element, whole numbers are floats" 0 "^2.0 4.0 7.0 1$" "" \
    lua 'local t = assert(ip.load_tensors(arg[1])) print(t.v[3][1], t.n[2][2], t.x[1][1], t.v.cols)' "$tmp/n.npz"
else
    skip "NumPy's file: no NumPy here"
fi
check "a file that is no file of tensors" 0 "^nil.*: " "" lua 'print(ip.load_tensors(arg[0]))'
check "run:weights returns a tensor" 0 "^20 784 true$" "" lua 'local run = ip.run { data = ip.dataset("digits", { train = 60, test = 20 }), net = { 784, 20, 10 } }
local W = run:weights(1) print(W.rows, W.cols, W == run:weights(1))'
check "the spectrum of the weights is computed" 0 "^true$" "" lua 'local net = ip.run { data = ip.dataset("digits", { train = 60, test = 20 }), net = { 784, 5, 10 } }:network()
local _, S = net:weights(1):svd() print(math.abs(S:norm() - net:weights(1):norm()) < 1e-6)'
check "the same bits with any number of threads" 0 "^true$" "" lua 'local function work(n)
  ip.threads(n)
  local X, Y = ip.randn(300, 700, 1), ip.randn(700, 1300, 2)
  local P = (X * Y):tanh():add_col(X:slice(nil, nil, 1, 1)):mul_(0.5)
  return P, P:gram(), P:over_rows("mean"), P:sum()
end
local one, two, three = { work(1) }, { work(2) }, { work(3) }
for i = 1, 4 do assert(one[i] == two[i] and one[i] == three[i], i) end print(true)'

check "a network computes: its accuracy from predict and from confusion is that of evaluate" 0 "^true true$" "" \
    lua 'local data = ip.dataset("digits", { train = 300, test = 100 })
local run = ip.run { data = data, net = { 784, 20, 10 } } run:step(3)
local net = run:network()
local X, y = data:samples("test")
local want = net:evaluate(data).test_accuracy
local C = net:confusion(X, y)
print(math.abs(net:predict(X):eq(y):mean() - want) < 1e-6, math.abs(C:diag():sum() / C:sum() - want) < 1e-6)'
check "the gradient is that of differences" 0 "^true true$" "" lua 'local data = ip.dataset("digits", { train = 60, test = 20 })
local run = ip.run { data = data, net = ip.network { 784, 8, 10, activation = "tanh", loss = "cross_entropy" } }
local net = run:network()
local X, y = data:samples("train", 1, 20)
local g, h = net:gradient(X, y), 0.01
local D = ip.randn(X.rows, X.cols, 1)
local slope = (net:gradient(X + D * h, y).loss - net:gradient(X - D * h, y).loss) / (2 * h)
print(math.abs(slope - g.X:dot(D)) < 1e-3 * math.abs(slope) + 1e-5, g.W[1].rows == 8 and g.b[2].rows == 10)'
check "an image, row by row" 0 "^28 28 true [0-9]$" "" lua 'local data = ip.dataset("digits", { train = 60, test = 20 })
local image, X = data:image(7, "test"), data:samples("test", 7, 7)
print(image.rows, image.cols, image[2][3] == X[28 + 3][1], data:label(7, "test"))'

# Errors name the shapes and the line.
wrong() { check "$1: error" 1 "" "$2" lua "$3"; }
wrong "a product" 's.lua:2: .*2 x 3 times 2 x 2.*Use mul' 'print(A * B)'
wrong "a sum" 's.lua:2: [+]: the shapes 2 x 3 and 2 x 2 differ' 'print(A + B)'
wrong "a row that is a column" 's.lua:2: add_row: 2 x 3 needs a row of 1 x 3 and got 2 x 1' 'A:add_row(ip.zeros(2, 1))'
wrong "a column that does not fit" 'mul_col: 2 x 3 needs a column of 2 x 1 and got 3 x 1' 'A:mul_col_(ip.zeros(3, 1))'
wrong "a sum in place" 'add: the shapes 2 x 3 and 2 x 2 differ' 'A:add_(B)'
wrong "not square" 'solve needs a square tensor and got 2 x 3' 'A:solve(B)'
wrong "another right-hand side" 'right-hand side of 2 x 3 .* rows of 3 x 2' 'A:t():lstsq(A)'
wrong "an element that is not finite" 'row 1, column 2 of the 2 x 2 matrix is not finite' 'B[1][2] = 1 / 0 B:svd()'
wrong "eigenvalues of a tensor with an element that is not finite" 'eigh: .*2 x 2 is not finite' 'B[1][2] = 0 / 0 B:eigh()'
wrong "rows of different length" 'row 1 has 2 numbers, and row 2 does not' 'ip.tensor { { 1, 2 }, { 3 } }'
wrong "no number" 'row 1, column 2 is a string' 'ip.tensor { { 1, "x" } }'
wrong "a negative shape" 'number of rows must be a whole number, at least 0, and is -1' 'ip.zeros(-1, 2)'
check "a product of many columns is that of its parts" 0 "^true true$" "" lua '
local A, B = ip.randn(3, 5, 1), ip.randn(5, 30001, 2)
local C, good = A * B, true
for _, at in ipairs { 1, 700, 12289, 29500 } do good = good and C:slice(nil, nil, at, at + 500) == A * B:slice(nil, nil, at, at + 500) end
ip.threads(1) print(good, C == A * B)'
check "the memory of a large tensor serves the next one, within the limit" 0 "^true$" "" lua '
local x, good = nil, true
for i = 1, 12 do x = nil collectgarbage() x = ip.zeros(3000, 4000) x = x + i good = good and x:get(7, 9) == i and x:sum() == 12000000 * i end
print(good)'
wrong "more than memory" '1000000 x 1000000 needs 3814697 MiB; Lua may use' 'ip.zeros(1000000, 1000000)'
wrong "more than any memory" 'too large' 'ip.zeros(1 << 40, 1 << 40)'
wrong "a row that is not there" 'row 3 is outside 1 to 2' 'print(A[3][1])'
wrong "a slice beyond the end" 'slice: column 4 is outside 1 to 3' 'A:slice(1, 1, 1, 4)'
wrong "a part that does not fit" '2 x 2 at row 1, column 3 does not fit into 2 x 3' 'A:set_slice(1, 3, B)'
wrong "stacked tensors" 'vstack: tensor 2 is 2 x 2, and the first has 3 columns' 'ip.vstack { A, B }'
wrong "a list to stack with a value that is no tensor" 'element 2 of the list is a number' 'ip.hstack { A, 2 }'
wrong "an unknown method names the nearest" "Did you mean 'add_row'" 'A:ad_row(1)'
wrong "a tensor and a text" 'tensor or number expected, got string' 'print(A + "x")'
wrong "an element by name" 'set by t\[i\]\[j\] = x' 'A.x = 1'
wrong "inputs of another width" 'forward: the network needs 784 x n inputs, n at least 1, and got 2 x 3' \
    'ip.run { data = ip.dataset("digits", { train = 60, test = 20 }), net = { 784, 10 } }:network():forward(A)'
wrong "a value that is no label" 'that of sample 1 is 10.0; a label is a whole number, 0 to 9' \
    'local data = ip.dataset("digits", { train = 60, test = 20 })
ip.run { data = data, net = { 784, 10 } }:network():confusion(data:samples("test", 1, 1), ip.tensor { 10 })'
wrong "a sample that is not there" 'sample 61 is outside 1 to 60' 'ip.dataset("digits", { train = 60, test = 20 }):image(61)'
wrong "names of files of tensors" 'table of tensors by name' "ip.save_tensors('$tmp/x', { A })"

# Any call, with anything: a result, or an error of one line with the script's position.
calls=3000
[ -z "${IPDLAM_TEST_LONG-}" ] || calls=100000
cat > "$tmp/calls.lua" << 'END'
local methods, names = debug.getmetatable(ip.zeros(1, 1)).__methods, {}
for name in pairs(methods) do names[#names + 1] = name end
for _, name in ipairs { "tensor", "zeros", "ones", "eye", "rand", "randn", "where", "hstack", "vstack" } do names[#names + 1] = "ip." .. name end
for _, name in ipairs { "__add", "__sub", "__mul", "__div", "__pow", "__unm", "__eq", "__len", "__index", "__newindex", "__tostring" } do
  names[#names + 1] = name
end
table.sort(names)
local pick = math.random
local numbers = { 0, 1, 2, 3, -1, -2, 5, 0.5, 1e308, -1e308, 1 / 0, 0 / 0, 1 << 20, 1 << 40, math.maxinteger, math.mininteger }
local function value()
  local kind = pick(10)
  if kind <= 4 then
    local t = ip.randn(pick(0, 4), pick(0, 4), pick(100))
    if pick(10) == 1 and t.rows * t.cols > 0 then t[1][1] = numbers[pick(9, 12)] end
    return t
  elseif kind <= 7 then
    return numbers[pick(#numbers)]
  end
  return ({ "inf", { 1, 2, 3 }, { { 1, 2 }, { 3, 4 } }, {}, { ip.ones(2, 2), ip.ones(2, 2) }, true, print, "x", "rows", "mean" })[pick(10)]
end
math.randomseed(tonumber(arg[2]))
local failed = 0
for n = 1, tonumber(arg[1]) do
  local name, args = names[pick(#names)], { n = pick(0, 5) }
  for i = 1, args.n do args[i] = pick(12) > 1 and value() or nil end
  local meta = debug.getmetatable(ip.zeros(1, 1))
  local f = name:match("^ip%.") and ip[name:sub(4)] or meta[name] or methods[name]
  if pick(4) > 1 and not name:match("^ip%.") then args[1], args.n = ip.randn(pick(0, 4), pick(0, 4), n), math.max(args.n, 1) end
  local ok, message = pcall(function() return (f(table.unpack(args, 1, args.n))) end)
  if not ok then
    failed = failed + 1
    assert(type(message) == "string" and not message:find("\n") and #message < 400, name .. ": " .. tostring(message))
  end
end
assert(failed > arg[1] / 10 and failed < arg[1] * 0.95, failed)
print("done")
END
check "$calls random calls" 0 "^done$" "" run "$tmp/calls.lua" $calls "${SEED:-1}"
done_testing
