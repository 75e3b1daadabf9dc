-- screen.lua - the help on what the workbench shows: titles, columns, curves and symbols, by the words on the screen.
-- The argument is the table that the embedded files share.
local shared = ...
local alias = shared.alias

-- Words on the screen, and the help topics that explain them; below, words with a title and a text.
local function topics(names, ...)
  alias(names, { topics = { ... } })
end

local function text(names, title, body)
  alias(names, { title = title, text = (body:gsub("%s*\n%s*", " ")) })
end

-- Symbols of settings and records.
topics({ "ρ", "rho" }, "settings.rho")
topics({ "ρ̄", "rho max" }, "settings.rho_max")
topics({ "θ", "theta" }, "settings.rho_growth")
topics({ "α" }, "settings.alpha")
topics({ "β" }, "settings.beta")
topics({ "γ" }, "settings.gamma")
topics({ "δ" }, "settings.delta")
topics({ "λ" }, "settings.lambda")
topics({ "ξ" }, "record.xi")
topics({ "lr" }, "settings.lr")
topics({ "it" }, "record.iteration")
topics({ "schedule" }, "settings.rho_schedule")
topics({ "test RMSE" }, "record.test_rmse")
topics({ "regularizer" }, "record.regularizer", "settings.regularizer")
topics({ "mini-batch", "mini-batches" }, "settings.batch", "settings.shuffle")
topics({ "status", "paused", "running", "diverged", "failed" }, "run.status")

-- Titles whose view has another name.
topics({ "latest blocks" }, "view.blocks")
topics({ "weights W" }, "view.weights")
topics({ "ΔΦ by block", "dPhi by block" }, "view.changes")
topics({ "Lua" }, "view.console")

text({ "Φ", "Phi", "objective Φ", "objective" }, "Φ, phi",
  [[The penalty objective of the last iteration: loss + regularizer + ½ρ (linear gap + activation gap). Record field: phi.]])
text({ "loss" }, "loss, as a curve",
  [[The loss of the output variable z_L, summed over the training samples: a part of Φ. Record field: loss.]])
text({ "forward loss", "fwd loss" }, "forward loss",
  [[The loss of the network itself, by a forward pass, summed over the training samples. Record field: forward_loss.]])
text({ "lin gap", "½ρ linear gap", "½ρ lin gap", "rho/2 lin gap", "rho/2 linear gap", "linear gap", "lin", "gap" }, "linear gap",
  [[The sum of squares of the residual z_l − W_l a_{l−1} − b_l. With the factor ½ρ it is a part of Φ. Record fields: linear_gap, linear_gap_by_layer.]])
text({ "act gap", "½ρ activation gap", "½ρ act gap", "rho/2 act gap", "rho/2 activation gap", "activation gap", "act" }, "activation gap",
  [[The sum of squares of a_l − σ(z_l) of a hidden layer. With the factor ½ρ it is a part of Φ. Record fields: activation_gap,
activation_gap_by_layer.]])
text({ "train" }, "train, as a curve",
  [[The fraction of training samples that a forward pass classifies correctly; R² if the targets are values. Record field:
train_accuracy.]])
text({ "test" }, "test, as a curve or a column",
  [[The fraction of test samples that a forward pass classifies correctly; R² if the targets are values. Record field:
test_accuracy.]])
text({ "validation" }, "validation, as a curve",
  [[The fraction of validation samples that a forward pass classifies correctly; R² if the targets are values. Record
field: validation_accuracy.]])
text({ "z_L" }, "z_L",
  [[The output variable. As a curve: the fraction of training samples that z_L classifies correctly. Its distance from the curve
train shows how far the variables are from the network. Record field: auxiliary_accuracy.]])
text({ "averaged" }, "averaged, as a curve",
  [[The curve test with the running mean of the weights, which average_weights keeps. Record field: averaged_test_accuracy.]])
text({ "z" }, "z_l, a variable", [[The inputs of the units of layer l, one column per sample. The block z_l updates it.]])
text({ "W" }, "W_l and b_l, variables", [[The weights and biases of layer l. The block W_l updates W_l, then b_l.]])
text({ "a" }, "a_l, a variable", [[The outputs of the units of hidden layer l, one column per sample. The block a_l updates it.]])
text({ "ΔΦ by z", "ΔΦ by W", "ΔΦ by a", "ΔΦ z", "ΔΦ W", "ΔΦ a", "by W", "by a", "ΔΦ", "dPhi", "dPhi by z" }, "ΔΦ",
  [[The change of Φ by a block in the last iteration, summed over its mini-batches; negative is a decrease. While an
iteration is stepped through, the change by the latest update. Record field: change_by_block.]])
text({ "W moved", "moved" }, "W moved",
  [[The distance of the layer's W from the run's first W, relative to the norm of the first W. "122 x" is 122 times that norm.
Record field: moved_W.]])
text({ "fwd gap", "forward gap" }, "fwd gap",
  [[The distance of the layer's z from the z of a forward pass, relative to its norm. Record field: forward_gap.]])
text({ "time" }, "time", [[The time of the layer's or the block's updates in the last iteration, solving only.]])
text({ "l", "layer" }, "l", [[The number of a layer, from 1; the last one is the output layer.]])
text({ "width" }, "width", [[The number of units of a layer.]])
text({ "|Δz|", "|ΔW|", "|Δa|", "|Δb|", "Δz", "ΔW", "Δa", "Δb", "|dz|", "|dW|", "|da|", "|db|" }, "|Δz|, |ΔW|, |Δa|, |Δb|",
  [[The Euclidean norm of the last sweep's step of all z, W, a or b. Record fields: step_z, step_W, step_a, step_b.]])
text({ "next" }, "next", [[The block that is updated next, the number of its mini-batch, and the number of mini-batches.]])
text({ "to do" }, "to do", [[Steps requested by keys that have not begun. C-c cancels them, run:pause() pauses.]])
text({ "Gflop/s" }, "Gflop/s", [[Floating-point operations per second in the last iteration, in 10⁹.]])
text({ "before" }, "a curve \"before\"", [[The path that the run left by a rewind.]])
text({ "block" }, "block", [[A variable of one layer, updated as a whole: z1, W1, a1, ... ?order says in which order.]])
text({ "batch" }, "batch, as a column", [[The number of the mini-batch in the iteration.]])
text({ "#" }, "#", [[The run's number in the history.]])
text({ "best" }, "best", [[The best validation accuracy that the run had, or without validation samples the best test accuracy; R²
if the targets are values.]])
text({ "RMSE" }, "RMSE, as a column", [[The root mean square error on the test samples, in the unit of the targets. Record field:
test_rmse.]])
text({ "tags" }, "tags, as a column", [[The words by which the run was tagged: run:tag(word), or t in the table of runs.]])
text({ "network" }, "network, as a column", [[The widths of the network, inputs first.]])
text({ "data" }, "data, as a column", [[The data set of the run.]])
text({ "mark", "marks" }, "marks", [[The numbers on a chart's axis: changes of settings at that iteration. The view events lists them.]])
text({ "answer", "label" }, "label and answer", [[The class of a sample, and the class that a forward pass gives.]])
