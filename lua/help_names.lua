-- help_names.lua - the help of ?name on names of Lua; the lists of ipdlam-lua(7) are made from it. One entry per name:
-- { name, usage, text }.
local shared = ...

shared.help_names = {
  { "ip.dataset", "ip.dataset(name, { test = \"20%\", label = \"kind\" })",
    [[Opens a data set: "digits" (generated), "mnist", "fashion-mnist", or the path of a table (CSV, TSV), of
arrays (.npz, .npy, safetensors), of a folder with images or of one with the four IDX files. train = N takes
the first N training samples. test = N takes the first N test samples; of data without any, N or "20%" are held out, as seed
chooses; test can also name a file with them. validation holds out N training samples, or "10%" of all; records then have
validation_accuracy and validation_loss. held_out = N uses the last N training samples in place of the test samples. label,
target, scale, columns, drop, missing, split, split_column, header, separator, decimal, image and colour
are the options of ipdlam-data(1). ip.dataset{ x = X, y = y } takes tensors or lists, each column a
sample, with the same options. Returns the data set, or nil and a message if it cannot be read.]] },
  { "ip.network", "ip.network{ 784, 300, 300, 10, activation = \"relu\", loss = \"squared\" }",
    [[Describes a network by its widths, inputs first. Weights are drawn when a run is made.]] },
  { "ip.method", "ip.method(file)",
    [[Reads a training method from a Lua file, or from its text, and returns its name for the setting
method, which takes a file as well. See ipdlam-method(7).]] },
  { "ip.methods", "ip.methods()",
    [[Returns the training methods by name: summary and uses, the settings with an effect, of each; of those from
files also source, text and settings, which the method adds.]] },
  { "ip.activation", "ip.activation{ name =, value =, slope =, prox = }",
    [[Defines an activation, which networks and settings use by its name. value(x), its derivative slope(x)
and prox(w, v, r) are functions of elements, written with + - * / ^, the methods of tensors by element (exp,
log, tanh, sqrt, abs, sign, clip, minimum, maximum, lt, le, gt, ge, eq, ne) and ip.where. Each is called
once; training runs the operations that it made. prox returns the x that minimises (value(x) - w)^2 +
r (x - v)^2; without it, x is searched for. A wrong slope or prox is an error that names the numbers.
ip.activation(text) reads a definition that a script of a run contains. Returns the name.]] },
  { "ip.loss", "ip.loss{ name =, value =, gradient =, prox = }",
    [[Defines a loss, the sum of value(y, z) over the outputs z with targets y, 1 for the class of the sample
and 0 for the others. gradient(y, z) is its derivative in z, and prox(y, v, r) returns the x that minimises
value(y, x) + r/2 (x - v)^2; without it, x is searched for. The functions are written and used as those of
ip.activation. Returns the name.]] },
  { "ip.penalty", "ip.penalty{ name =, value =, slope =, prox = }",
    [[Defines a penalty on the weights for the setting regularizer: lambda times the sum of value(x) over the weights
of a layer. slope(x) is its derivative, and prox(v, r) returns the x that minimises value(x) + r/2 (x - v)^2;
without it, x is searched for, among features no narrower than 1/8. ipdlam and bcd use it: their W-step then moves one
weight after the other until none can be improved. The functions are written as those of ip.activation. A name has one
definition per session. Returns the name.]] },
  { "ip.run", "ip.run{ data =, net =, layers =, preset =, name =, snapshot_budget =, SETTING = VALUE, ... }",
    [[Makes a run, paused before its first block. data is a data set or its name; net is a network,
all widths, or the result of ip.load, whose weights the run then starts from. Instead of net, layers has the
widths of the hidden layers alone, such as { 20, 20 }; without either there are two of 300. Every setting of ip.settings() may
be given; inertia sets alpha, beta and gamma; rho is a number, { init =, growth =, max =, schedule = }, or a function of the
iteration, the current rho and the last record (see settings.rho_schedule); other numbers can also be functions or schedules
(see settings.schedule); order is a name or a list of blocks. A run without a name gets one
from data, hidden widths, method and the number that it will have in the history: digits-300-300-ipdlam-7.
Returns the run, or nil and a message if the data cannot be read or memory runs out.]] },
  { "ip.load", "ip.load(path)",
    [[Reads the weights of a safetensors or .npz file. Returns a network, which ip.run takes as net,
or nil and a message if the file cannot be read.]] },
  { "ip.average", "ip.average{ network, network, ... }",
    [[Returns a network whose weights and biases are the mean of those of the given networks, which must
have the same shape. run:network() returns such networks.]] },
  { "ip.resume", "ip.resume(what, { SETTING = f, name = })",
    [[Continues a run from a checkpoint, with the same bits as if it had never stopped: what is the
number or name of a run in the history, "last", or a file. Data, settings, records and log come from
the checkpoint; functions of settings must be given again. A run that was killed before its first
checkpoint is repeated from its start. Returns the run, a child of the original one, or nil and a
message.]] },
  { "ip.again", "ip.again(id, { rho = f })",
    [[Repeats a run of the history, with the same bits: makes it from its settings, and trains it as far
as it went, with its changes at their places. Use it for a run that ended and kept no checkpoint. A
function of rho that is used at the end must be given again. Returns the run, or nil and a message.]] },
  { "ip.living", "ip.living(name)",
    [[Returns the newest run of this session with this name or this number in the history. Without an argument,
returns a list of the session's runs, oldest first.]] },
  { "ip.overlay", "ip.overlay(run, ...)",
    [[In the workbench: draws the curves of other runs next to those of the run on the screen; each is a
run, its name, or its number in the history. Without arguments, removes all of them.]] },
  { "ip.compare", "ip.compare{ run, other }",
    [[Compares two runs: returns a table of their figures at the last iteration that both have, with the
difference, the iteration from which they differ (differ_from), and the changes made to each. Each is
a run, its name, its number in the history, or a row of ip.runs. In the workbench the charts show both
curves and the difference; without a screen the text has charts, too: of phi, or of forward_loss if one
of the runs has no phi.]] },
  { "ip.runs", "ip.runs{ where =, sort =, limit = }",
    [[Lists the runs of the history, newest first: ip.runs{ where = "delta < 1 and status = finished",
sort = "-test_accuracy", limit = 10 }. Each has id, name, status, settings, widths, tags, note, phi,
test_accuracy, best_test_accuracy, ... ipdlam-runs(1) explains conditions and names.]] },
  { "ip.history", "ip.history(id)",
    [[Returns a run of the history by its number, its name or "last" (or a run), as a copy that is read
like a run. Returns nil and a message if there is none.]] },
  { "history:last", "history:last()", [[The last record of a run of the history.]] },
  { "history.metrics", "history.metrics", [[Its records: history.metrics[12].phi, #history.metrics.]] },
  { "history.log", "history.log", [[Its changes with their places, without those that a rewind discarded. The
fields of a row of ip.runs are here by the same names: history.settings.delta, history.status.]] },
  { "ip.presets", "ip.presets()", [[Returns a table of the presets: summary, source and settings of each, objective (shown as "sum" or
"mean") and choices, a list of the points that the source leaves open: what, source and here.]] },
  { "ip.settings", "ip.settings()",
    [[Returns a table of the settings: help, kind, least, most, range, choices, symbol, and when a change takes effect (from).]] },
  { "ip.threads", "ip.threads(n)",
    [[Sets the number of threads (0: one per processor) and returns it. Results do not depend on it.]] },
  { "ip.time", "ip.time(f)",
    [[Calls f, prints how many seconds it took, and returns its results. :time CODE and %time CODE do so for a line of Lua.]] },
  { "ip.clock", "ip.clock()",
    [[Returns the seconds of a clock that only goes forward: subtract two of them. os.clock() counts the
processor's seconds.]] },
  { "ip.checkpoint_space", "ip.checkpoint_space(size)",
    [[Sets the limit for all checkpoints of the history together, "20G", "500M", bytes, or "10%" of the
free space on the disk, and returns it in bytes. The oldest checkpoints of finished runs are removed
to make room.]] },
  { "ip.describe", "ip.describe(run)",
    [[Describes a run in words: whether the objective falls and how fast, accuracies, gaps, the effect of
the last change, the state of each layer. Without a run: the run in the global run. Returns the text.]] },
  { "ip.record", "ip.record(path, run, ...)",
    [[Writes a Lua script of everything done to these runs of the session, by keys or by Lua; without runs, to all open
ones. `ipdlam run path` repeats it, with the same bits. First weights that do not come from a seed are written next to
it as safetensors. A run whose variables were written, run.W[1] = t, has no script. Returns the path, or nil and a
message. At the prompt: :record path.]] },
  { "ip.layout", "ip.layout{ name =, VIEW, { VIEW, ..., columns = true, weight = N }, ... }",
    [[In the workbench: defines a layout, shows it and keeps it. Views are stacked, and those in a table
stand side by side. ip.layout(name) shows a layout, ip.layout() lists them. A layout must have the
view "console".]] },
  { "ip.chart", "ip.chart(name, ...)",
    [[In the workbench: draws fields of records, one curve per layer or block, or metrics, in the pane of metrics; without
names, all metrics. ip.chart(name, f) adds the metric name, f(record, run), and draws it. ip.chart{ x = "seconds",
smooth = 0.9 } sets what the x axis of all charts counts ("iteration", "batch", "samples", "seconds" or "gflop") and the
weight of their moving average (0: none). ip.chart{ save = path } writes the chart that had the focus last as it stands, with
its range, overlays and marks (.svg, .pdf, .png or .txt), and returns the path, or nil and a message. At the prompt: :chart name, :figure path.]] },
  { "ip.keys", "ip.keys{ ACTION = KEY, ... }",
    [[In the workbench: gives actions other keys, for example in init.lua: ip.keys{ run = "F9", block = { "F11", "M-b" },
copy = false }. An action has one key, a list of two, or none (false); another action that had the key loses it. ip.keys()
returns the keys in force by action. F1 shows them.]] },
  { "ip.mouse", "ip.mouse(on)",
    [[In the workbench: whether the mouse focuses, scrolls and resizes; false leaves the mouse to the terminal.]] },
  { "ip.theme", "ip.theme(name)",
    [[In the workbench: colours for a "dark" or a "light" background, "contrast" for strong ones on
either, or "none". "auto", the default, is legible on both. Without a name, returns the current one.]] },
  { "ip.screen", "ip.screen(path)",
    [[In the workbench: writes the screen as it stands to a file, as a picture (.svg), as text (.txt), or as text with
colours for a terminal (.ans). Returns the path, or nil and a message. :screen FILE does the same.]] },
  { "ip.copy", "ip.copy(text)",
    [[In the workbench: sends a text, or without one the last output, to the clipboard of the terminal (OSC 52), which must
allow it: see ipdlam-workbench(1). :copy does the same; the key C copies the focused pane without its frame.]] },
  { "ip.watch", "ip.watch(text)",
    [[Adds an expression, such as "run.W[2]:norm()", to the view watch, which shows its value at each stop of the run. Returns
its number. ip.watch() evaluates all and returns a list of { expression =, value = }. To chart an expression, make it a
metric: run:metric. At the prompt: :watch run.W[2]:norm().]] },
  { "ip.unwatch", "ip.unwatch(n)",
    [[Removes watch expression n, or all of them. Returns how many are left.]] },
  { "ip.log", "ip.log(path)",
    [[In the workbench: appends every line that is printed or typed to a file from now on. ip.log(false) ends it. Returns the
path, or nil and a message. ip.log() returns the path of the file in use, or nil. At the prompt: :log path, :log off.]] },
  { "ip.sweep", "ip.sweep{ data =, net =, seeds =, grid = { SETTING = { V, V } }, runs =, output =, ... }",
    [[Trains a run for every combination of data set, variant in runs, values of the grid and seed, one
after the other, for iterations (20) each; every other field is a setting of all runs. random = N
draws N combinations with seed; numbers in the grid may then be ranges, lr = "log:1e-4..1e-1". halving = true, or { factor = 3, first = 2 },
compares all settings early and lets the best third go on, again and again. jobs = N
trains N runs at a time, each on its share of the threads. output names
the table, a CSV file; finished runs are stored in output.state, and the same call continues from
there. reuse lists outputs of other sweeps, whose runs are taken if they are the same. stop_when, a
function of the record or an expression of its fields as text, ends a run early; so does a pause by
hand. metrics = { NAME = f } adds metrics to every run, see run:metric: they are columns of the table and the output, and
stop_when can use them. Validation samples choose the best setting, whose test accuracy alone is shown unless
show_test is true. Returns the sweep: it prints as a table and has runs, finished, :best(),
:last(field), :series(field) and :text(width).]] },
  { "ip.figure", "ip.figure{ title =, panels = { ... }, columns =, width =, height = }",
    [[Describes a figure of line charts. A panel has title, x_label, y_label, log_x, log_y, whole_x,
percent, the ends of its axes x and y, and series; a figure without panels is one panel. A series has
name, y, x, low and high (shaded), or run (also a row of ip.runs or a number of the history) with x
and y as fields of its records; and line, marks, colour, dash. A figure prints as characters.]] },
  { "figure:save", "figure:save(path)",
    [[Writes the figure as .svg, .pdf, .png or .txt, by the end of the name. The same figure gives the same
bytes. Returns the path, or nil and a message.]] },
  { "figure:text", "figure:text(width, height)",
    [[Returns the figure as characters, a chart of height lines per panel.]] },
  { "ip.help", "ip.help(name)", [[Returns the help on a name, as text. At the prompt: ?name.]] },
  { "ip.version", "ip.version", [[The version of the program.]] },
  { "quit", "quit(code)", [[Leaves the program with an exit code, 0 by default.]] },

  { "run:step", "run:step(n)",
    [[Trains for n iterations (1 without n), to the end of an iteration. Returns the last record, or
nil and the status if the run diverges.]] },
  { "run:step_block", "run:step_block(n)",
    [[Does n block updates (1 without n). Returns the effect of the last one: block, place, phi, change
and seconds.]] },
  { "run:step_until", "run:step_until(f)",
    [[Trains one iteration at a time until f(record) is true. Returns that record, or nil and the status
if the run diverges.]] },
  { "run:step_to", "run:step_to{ iteration =, batch =, sweep =, block = }",
    [[Trains up to this place, before that block: { iteration = 14, batch = 7, block = "W2" }. A missing
field means 1, or any block. Returns the place, or nil and the reason why it is not reached. Replay
scripts use this to apply a change at the same place.]] },
  { "run:step_kind", "run:step_kind(kind, n)",
    [[Trains until no block of the kind ("z", "W" or "a"; by default the kind of the next block) is left
in the sweep, n times. Returns the effect of the last block.]] },
  { "run:step_batch", "run:step_batch(n)",
    [[Trains to the end of the mini-batch, n times. Returns the effect of the last block.]] },
  { "run:undo", "run:undo()",
    [[Undoes the last run:set. Call it again to undo the one before. Returns the place and the settings
that are restored.]] },
  { "run:explain", "run:explain()",
    [[Explains the block just done: iteration and batch, Φ before and after, the formula of its update with the settings in
it, and shape and norm (now) of each variable in it. Returns the text, or nil and a message before the first block. At the
prompt: :explain.]] },
  { "run:toggle_break", "run:toggle_break(n)",
    [[Switches breakpoint n off, which keeps its number, or on again. Returns whether it stops the run.]] },
  { "run:break_at", "run:break_at(f)",
    [[Stops before a block if f(m, block, place) is true: m is the last record or nil, block is a name
such as "W2". f is called before every block but the first one after a pause. The status then is
"paused at breakpoint 1: iteration 3, before W2". f can be a condition as text: "m.phi < 10". Returns the number of the
breakpoint. At the prompt: :break m.phi < 10.]] },
  { "run:clear_breaks", "run:clear_breaks(n)",
    [[Removes breakpoint n, or all breakpoints. Returns how many are left.]] },
  { "run:rewind", "run:rewind(k)",
    [[Goes back to the end of iteration k (0: the start; -10: ten back), before the changes made there.
The bits are those of a run that never went further. The path that the run leaves is kept: run:redo()
returns to it. Returns the place, and a sentence on the path that was left. If the replay
takes more than about 5 seconds, a line says so first. A pause or C-c stops it, and the run stays where it was.]] },
  { "run:back_block", "run:back_block(n)",
    [[Goes n block updates back (1 without n). The path is kept, as by run:rewind. Returns the place.]] },
  { "run:back_batch", "run:back_batch(n)",
    [[Goes back to the beginning of the mini-batch, n times. The path is kept, as by run:rewind. Returns
the place.]] },
  { "run:redo", "run:redo()",
    [[Returns to the place before the last run:rewind, run:back_block, run:back_batch or run:go; called
again, to the one before that. Returns the place, or nil and the reason if the run has gone on
since.]] },
  { "run:forward", "run:forward(k)",
    [[Goes on k iterations along a path that the run has left, with its changes, to the same bits; without
k to its end. If several paths continue from here, along the one that was left last. Returns the
place, or nil and the reason.]] },
  { "run:futures", "run:futures()",
    [[Lists the paths of the run: node (its number), parent and shared (the path that it left, and the
iterations they share), iterations, phi, measure (accuracy or R2), accuracies, set (the changes made on it), here.]] },
  { "run:go", "run:go(path, k)",
    [[Goes to the end of a path, or to the end of its iteration k. run:futures() lists the paths. Returns
the place. A pause or C-c stops a long replay, and the run stays where it was.]] },
  { "run:draw_path", "run:draw_path(path)",
    [[Draws a path of run:futures() in the charts, beside the run. Without a number: all paths that the
run is not on, faint and without names. ip.overlay() removes them.]] },
  { "run:branch", "run:branch(k, name)",
    [[Makes a run that continues from the end of iteration k next to this one, which is not changed.
Without k: from the end of the last iteration. Returns the branch, which trains to that place first.]] },
  { "run:verify_replay", "run:verify_replay()",
    [[Replays the whole run in a copy and compares every record, snapshot and array bit by bit. Returns
true, or nil and the first difference.]] },
  { "run:start", "run:start()", [[Trains in the background until paused. Returns the place.]] },
  { "run:pause", "run:pause()", [[Pauses at the next block boundary. Returns the place.]] },
  { "run:set", "run:set{ SETTING = VALUE, ... }",
    [[Changes settings, also while the run is training: all of them at the next block boundary, or none.
Returns the place at which they took effect. run.delta = 0.3 does the same with one setting.]] },
  { "run:reload", "run:reload(file)",
    [[Goes on, from the next block on, with the text that the file of the run's method has now: the
variables stay. Without an argument: the file that the method was read from. Rewind to try the other
text. Returns the place at which it took effect, or nil and a message if the text is unchanged.]] },
  { "run:switch", "run:switch(method, { SETTING = VALUE, ... })",
    [[Continues with another method from the next iteration on: run:switch("adam", { lr = 0.001 }). The
weights are kept; everything else starts anew: lr and eps have the method's defaults, rho its first
value, there is no previous iterate, and z and a come from a forward pass. The given settings override
this. bcd and relaxed_am have their own inertia, delta and rho; the next method has the preset's
again. The log has the change, and each record names its method. Returns the place at which the switch
took effect, or will, if the run is paused within an iteration.]] },
  { "run:on", "run:on(event, f, { wait = true })",
    [[Calls f at every event: "iteration" with the new record, "batch" and "block" with the effect of the
last block, "change" with the new entry of the log. The run waits at the boundary until f has returned:
settings that f changes take effect there, and run:pause() pauses the run there. f may step other runs,
not its own. An error is raised in the call that waits for the run; in the background it pauses the run
and is printed. With wait = false ("iteration" and "change" only) the run does not wait, and a callback
that fails is removed. With nil in place of f, removes all callbacks of the event.]] },
  { "run:metric", "run:metric(name, f)",
    [[Adds a number of your own to every record from now on: f(m, run), which is called after each
iteration with its record, before training goes on. It is a field of records (m.NAME, run.metrics.NAME), a column of
run:csv, a curve of the view `metrics`, and metric.NAME for `ipdlam runs --where` and `--field`. f may read the run,
such as run.W[1]:norm(). nil for f ends it. At most 8 metrics per run. A rewind removes their values with the records; a
replay does not call f. Without the function, as after a resume, later records have no value (NaN).]] },
  { "run:stop_when", "run:stop_when(rule)",
    [[Pauses the run after every iteration that meets the rule, which ends run:step(n) and run:start(). A rule is a function
of the record, an expression of its fields such as "phi < 10", or { patience = 5, of = "test_accuracy", min_delta = 0,
mode = "max", restore = "best" }: the field `of` has not improved by more than min_delta in `patience` iterations. Without
`of` it is validation_accuracy, or test_accuracy without validation samples; without mode, accuracies should rise and other
fields fall. With restore, W and b of the best iteration are then written to the run. nil ends the rule.]] },
  { "run:last", "run:last()", [[The last record, or nil before the first.]] },
  { "run:learned", "run:learned()",
    [[Returns what each layer has learnt, as a table that prints: [l] has layer, width, moved_W, moved_b,
forward_gap, gram_rank and gram_condition of layer l (see record.moved_W and so on); notes has sentences about hidden
layers that did not move, and about phi falling while the training accuracy fell. Returns nil before
the first record.]] },
  { "run:weights", "run:weights(l)", [[Returns run.W[l].]] },
  { "run:bias", "run:bias(l)", [[Returns run.b[l].]] },
  { "run.W", "run.W[l]",
    [[The weights of layer l at the next block boundary, as a view: a tensor that keeps its elements when the run moves on,
and says so when it is printed. run.W[l] = t and run.W[l]:set(t) write a tensor of the same shape to the run: the log has
it with its elements, so that rewind, resume and replay repeat it. The previous iterate becomes the same, so that inertia
does not prolong the change; the momentum of an optimizer stays. A view cannot be changed in place; run.W[l]:copy() can.]] },
  { "run.b", "run.b[l]", [[The biases of layer l, a column; can be read and written like run.W[l].]] },
  { "run.z", "run.z[l]",
    [[The variable z of layer l, a column per sample at hand: all training samples, or those of the mini-batch. Can be read
after the first block and written like run.W[l], until the next forward pass; not written in relaxed_am.]] },
  { "run.a", "run.a[l]", [[The variable a of layer l, like run.z[l]; run.a[0] is run.X. The classical
optimizers have no z and a.]] },
  { "run.W_old", "run.W_old[l]", [[The previous iterate of W.]] },
  { "run.b_old", "run.b_old[l]", [[The previous iterate of b.]] },
  { "run.z_old", "run.z_old[l]", [[The previous iterate of z.]] },
  { "run.a_old", "run.a_old[l]", [[The previous iterate of a.]] },
  { "run.linear_gap", "run.linear_gap[l]", [[The residual z - W a - b of layer l, where a is that of layer l - 1.]] },
  { "run.activation_gap", "run.activation_gap[l]", [[The difference of a and the activation of z in layer l.]] },
  { "run.X", "run.X", [[The samples at hand, a column each.]] },
  { "run.Y", "run.Y", [[The targets of the samples at hand.]] },
  { "run:network", "run:network{ averaged = true }", [[Returns a copy of the network with its weights; with averaged, with their
running mean, which the setting average_weights keeps, or nil and a message if there is no mean.]] },
  { "run:script", "run:script(path)",
    [[Writes a Lua script that repeats the run with the same bits: data, settings, seed, and every change
at its place; `ipdlam run` replays it. First weights that do not come from a seed are written to a file
next to it. A run whose variables were written has no script. Returns the path, or nil and a message.]] },
  { "run:csv", "run:csv(path)", [[Writes the records as CSV; "-" is standard output. Returns the path, or nil and a message.]] },
  { "run:json", "run:json(path)", [[Writes the records as a JSON array, like run:csv.]] },
  { "run:tag", "run:tag(tag, ...)", [[Adds tags, words without spaces and commas, to the run in the history. Returns true, or nil
and a message.]] },
  { "run:untag", "run:untag(tag, ...)", [[Removes tags.]] },
  { "run:note", "run:note(text)", [[Sets the run's note in the history; "" removes it. Returns true, or nil and a message.]] },
  { "run:checkpoint", "run:checkpoint(path)",
    [[Writes a checkpoint of the run for ip.resume and ipdlam train --resume: to the path, or to the run's
own folder, where the last two are kept. A run with a history also saves itself about once a minute.
Returns the path, or nil and a message.]] },
  { "run:save", "run:save(path, { averaged = true })",
    [[Writes the weights as safetensors, or as .npz if the path ends in .npz: W1, b1, ... as in PyTorch;
with averaged, their running mean. Returns the path, or nil and a message.]] },
  { "run:close", "run:close([unsaved])",
    [[Stops the run, saves unsaved iterations, frees its memory, and removes it from the list of
ip.living. If the run cannot be saved, it stays open: returns nil and a message. run:close(true) closes
it without saving.]] },
  { "run.iteration", "run.iteration", [[The number of finished iterations.]] },
  { "run.status", "run.status",
    [["paused", "running", "diverged at ...", "failed: ..." or "closed"; "paused: ..." gives the reason
why the function of rho returned no value; "running, waits for rho of iteration 7" means that it is
being called.]] },
  { "run.metrics", "run.metrics[i].phi", [[The records, #run.metrics of them; run.metrics.phi is the list of a field's values.]] },
  { "run.place", "run.place", [[The next block: iteration, batch, batches, sweep and block.]] },
  { "run.settings", "run.settings", [[The current settings; run.delta is one of them.]] },
  { "run.log", "run.log", [[The changes, with place and command of each, and the findings of the audit.]] },
  { "run.name", "run.name", [[The run's name, 1 to 63 bytes; run.name = "x" changes it, in the history, too.]] },
  { "run.id", "run.id", [[The number of the run in the history, 0 without a history.]] },
  { "run.parked", "run.parked",
    [[True while the run is parked: idle, held by no variable, its state in a file and its memory free.
Reading a field other than name, id, status, iteration, place, widths and parent opens it again.]] },
  { "run.data", "run.data", [[The run's data set.]] },
  { "run.parent", "run.parent", [[For a branch: name, id and iteration of the parent run; otherwise nil.]] },
  { "run.snapshots", "run.snapshots", [[The snapshots for going back: iteration and bytes of each.]] },
  { "run.snapshot_budget", "run.snapshot_budget",
    [[Memory for snapshots in MiB, can be assigned: -1 is a quarter of the available memory, 0 keeps none.]] },
  { "run.last_block", "run.last_block",
    [[The effect of the block just done, as run:step_block returns it; nil before the first block.]] },
  { "run.breakpoints", "run.breakpoints", [[The functions given to run:break_at, by number.]] },
  { "run.widths", "run.widths", [[The widths of the network, inputs first.]] },

  { "network:weights", "network:weights(l)", [[Returns a copy of W of layer l, if weights were loaded.]] },
  { "network:bias", "network:bias(l)", [[Returns a copy of b of layer l, if weights were loaded.]] },
  { "network:save", "network:save(path)", [[Writes the weights as safetensors, or as .npz if the path ends in .npz.]] },
  { "network:evaluate", "network:evaluate(data)",
    [[Returns train_accuracy and test_accuracy on a data set, by a forward pass, as a table; with
validation samples also validation_accuracy.]] },
  { "network:forward", "network:forward(X)",
    [[Returns the outputs of the last layer for the samples in the columns of X, before the softmax of cross_entropy.]] },
  { "network:predict", "network:predict(X)", [[Returns a row of labels, from 0: the largest output of each sample.]] },
  { "network:confusion", "network:confusion(X, labels)",
    [[Returns how many samples of each label (rows) got each answer (columns), as a tensor.]] },
  { "network:gradient", "network:gradient(X, labels)",
    [[Returns the mean loss over the samples and its gradients by back-propagation, for comparison: loss, W[l], b[l] and X.]] },
  { "network.widths", "network.widths", [[The widths, inputs first.]] },
  { "network.layers", "network.layers", [[The number of layers.]] },
  { "network.activation", "network.activation", [[The activation of the hidden layers.]] },
  { "network.loss", "network.loss", [[The loss of the output layer.]] },

  { "dataset:samples", "dataset:samples(part, first, last)",
    [[Returns samples of "train", "validation" or "test" as the columns of a tensor, scaled, and a row of
their labels, or their values as columns. Without first and last: all of them.]] },
  { "dataset:image", "dataset:image(i, part)", [[Returns sample i as a tensor of its pixels, height x width.]] },
  { "dataset:label", "dataset:label(i, part)", [[Returns the label of sample i, from 0, or its first value.]] },
  { "dataset.name", "dataset.name", [[The name of the data set, or its file or folder.]] },
  { "dataset.source", "dataset.source", [[What was read, with its options, or how the data were generated.]] },
  { "dataset.checksum", "dataset.checksum", [[SHA-256 of the samples in use.]] },
  { "dataset.width", "dataset.width", [[Width of an image in pixels.]] },
  { "dataset.height", "dataset.height", [[Height of an image in pixels.]] },
  { "dataset.inputs", "dataset.inputs", [[Number of values per sample.]] },
  { "dataset.classes", "dataset.classes", [[Number of classes, or of values per sample.]] },
  { "dataset:class_name", "dataset:class_name(label)", [[Returns the name of a class (numbers from 0), or of an output.]] },
  { "dataset.values", "dataset.values", [[Whether the targets are values (regression, autoencoder), not classes.]] },
  { "dataset.warnings", "dataset.warnings", [[What looks odd about the data, one line each; "" if nothing does.]] },
  { "dataset.train", "dataset.train", [[Number of training samples.]] },
  { "dataset.validation", "dataset.validation", [[Number of validation samples, 0 if none are held out.]] },
  { "dataset.held_out", "dataset.held_out",
    [[Number of training samples held out in place of the test samples, else 0.]] },
  { "dataset.test", "dataset.test", [[Number of test samples.]] },

  { "ip.tensor", "ip.tensor(rows, cols, value)",
    [[Makes a tensor, a matrix of floats, with every element value (0 without it). ip.tensor{ { 1, 2 }, { 3, 4 } }
makes it from its rows, ip.tensor{ 1, 2 } as a column, and ip.tensor(t) copies t. Columns are samples. A * B is
the product of matrices; + - / ^ and * with a number work by element, and == compares all elements.]] },
  { "ip.zeros", "ip.zeros(rows, cols)", [[Makes a tensor of zeros.]] },
  { "ip.ones", "ip.ones(rows, cols)", [[Makes a tensor of ones.]] },
  { "ip.eye", "ip.eye(n)", [[Makes the n x n identity.]] },
  { "ip.rand", "ip.rand(rows, cols, seed)", [[Makes a tensor of random numbers, uniform from 0 to 1; the same for the same seed.]] },
  { "ip.randn", "ip.randn(rows, cols, seed)", [[Makes a tensor of normal random numbers, of mean 0 and variance 1.]] },
  { "ip.where", "ip.where(mask, x, y)",
    [[Returns a tensor with the elements of x where the mask is not 0, and of y elsewhere; x and y are tensors of its
shape, or numbers.]] },
  { "ip.hstack", "ip.hstack{ A, B, ... }", [[Puts tensors with equally many rows side by side.]] },
  { "ip.vstack", "ip.vstack{ A, B, ... }", [[Puts tensors with equally many columns one below the other.]] },
  { "ip.load_tensors", "ip.load_tensors(path)",
    [[Reads a .npz or safetensors file of vectors (as columns) and matrices. Returns a table of tensors by name, or
nil and a message.]] },
  { "ip.save_tensors", "ip.save_tensors(path, { name = t, ... })",
    [[Writes tensors as safetensors, or as .npz if the path ends in .npz. Returns the path, or nil and a message.]] },
  { "tensor.rows", "tensor.rows", [[Number of rows.]] },
  { "tensor.cols", "tensor.cols", [[Number of columns.]] },
  { "tensor:get", "tensor:get(i, j)", [[Returns the element of row i and column j, from 1; also tensor[i][j].]] },
  { "tensor:set", "tensor:set(i, j, x)", [[Sets an element; also tensor[i][j] = x. tensor:set(t) copies all
elements of t, of the same shape; of a view, such as run.W[1], it writes them to the run. Returns the tensor.]] },
  { "tensor:fill", "tensor:fill(x)", [[Sets every element to x. Returns the tensor.]] },
  { "tensor:copy", "tensor:copy()", [[Returns a copy.]] },
  { "tensor:slice", "tensor:slice(row1, row2, col1, col2)",
    [[Returns a copy of these rows and columns, ends included. Negative numbers count from the end; nil stands for
the first or the last.]] },
  { "tensor:set_slice", "tensor:set_slice(row, col, t)",
    [[Copies t into the tensor, its first element to this row and column. Returns the tensor.]] },
  { "tensor:diag", "tensor:diag()", [[Returns the diagonal as a column; of a column, a square tensor with this diagonal.]] },
  { "tensor:table", "tensor:table()", [[Returns the elements as a list of rows.]] },
  { "tensor:t", "tensor:t()", [[Returns the transpose.]] },
  { "tensor:abs", "tensor:abs()", [[Returns the absolute values.]] },
  { "tensor:sign", "tensor:sign()", [[Returns -1, 0 or 1 for each element.]] },
  { "tensor:exp", "tensor:exp()", [[Returns e to the power of each element.]] },
  { "tensor:log", "tensor:log()", [[Returns the natural logarithms.]] },
  { "tensor:sqrt", "tensor:sqrt()", [[Returns the square roots.]] },
  { "tensor:tanh", "tensor:tanh()", [[Returns the hyperbolic tangents.]] },
  { "tensor:clip", "tensor:clip(low, high)", [[Returns the elements limited to low ... high; nil is no limit.]] },
  { "tensor:sum", "tensor:sum()", [[Returns the sum of all elements, added in double.]] },
  { "tensor:mean", "tensor:mean()", [[Returns the mean of all elements.]] },
  { "tensor:max", "tensor:max()", [[Returns the largest element, NaN if one is NaN.]] },
  { "tensor:min", "tensor:min()", [[Returns the smallest element, NaN if one is NaN.]] },
  { "tensor:argmax", "tensor:argmax()", [[Returns row and column of the first largest element, column by column.]] },
  { "tensor:argmin", "tensor:argmin()", [[Returns row and column of the first smallest element.]] },
  { "tensor:over_rows", "tensor:over_rows(what)",
    [[Returns a row with a value of each column: its "sum", "mean", "max", "min", "argmax" or "argmin" (the number of a row).]] },
  { "tensor:over_cols", "tensor:over_cols(what)", [[Returns a column with a value of each row, as over_rows does.]] },
  { "tensor:dot", "tensor:dot(t)", [[Returns the sum of the products of the elements of two tensors of one shape.]] },
  { "tensor:norm", "tensor:norm(kind)",
    [[Returns the Frobenius norm, or with kind 1 the largest column sum of absolute values, with "inf" the largest row sum.]] },
  { "tensor:gram", "tensor:gram()", [[Returns the product of the tensor with its transpose, rows x rows, summed in double.]] },
  { "tensor:outer", "tensor:outer(B)", [[Returns the product of the tensor with the transpose of B, of equally many columns, summed in double.]] },
  { "tensor:inverse", "tensor:inverse()",
    [[Returns the inverse of a symmetric positive definite tensor, or nil and a message. Computed in double on all threads.]] },
  { "tensor:right_solve", "tensor:right_solve(G)",
    [[Returns the tensor times the inverse of G, which is symmetric and positive definite, or nil and a message.
Computed in double on all threads.]] },
  { "tensor:solve", "tensor:solve(B)",
    [[Returns X with A X = B for a square tensor A. Returns nil and a message if A is singular. This and the
following are computed in double.]] },
  { "tensor:lstsq", "tensor:lstsq(B)",
    [[Returns the X of least norm that makes A X - B smallest, and the rank of A: singular values below 1e-6 of the
largest count as 0.]] },
  { "tensor:cholesky", "tensor:cholesky()",
    [[Returns the lower triangular L with L * L:t() = A; reads the lower triangle of A. Returns nil and a message if A
is not positive definite.]] },
  { "tensor:eigh", "tensor:eigh()",
    [[Returns the eigenvalues of a symmetric tensor, ascending, as a column, and a tensor of its eigenvectors, in
columns; reads the lower triangle.]] },
  { "tensor:svd", "tensor:svd()",
    [[Returns U, S and Vt: A = U * S:diag() * Vt, where S is a column of singular values, largest first.]] },
  { "tensor:qr", "tensor:qr()", [[Returns Q, with orthonormal columns, and R, upper triangular: A = Q * R.]] },
}
