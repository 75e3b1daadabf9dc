#include "tui/help_topics.h"
#include "tui/view/view.h"

#include <stdio.h>
#include <string.h>

/* Describes each view of ipd_views; ipdlam-workbench(1) says more. */
static const struct {
    const ipd_view *view;
    const char *text;
} views[] = {
    {&ipd_view_status, "The state of the run, its next block, and the latest figures."},
    {&ipd_view_objective, "Phi of every iteration and, if there is room, its parts: the loss, the "
                          "regularizer, and both gaps with the factor rho/2."},
    {&ipd_view_accuracy, "Training, validation and test accuracy of a forward pass, and training "
                         "accuracy of the output "
                         "variable z_L. The difference of both training accuracies shows how far "
                         "the variables are from "
                         "the network."},
    {&ipd_view_gaps, "The sums of squares of the linear and the activation gaps, per layer."},
    {&ipd_view_moved, "Distance of the weights of each layer from the run's initial weights, "
                      "relative to their norm."},
    {&ipd_view_steps, "Euclidean norms of the last sweep's steps by variable."},
    {&ipd_view_parameters, "The penalty rho and the current parameters, over the iterations."},
    {&ipd_view_metrics,
     "Fields of records that :chart names, or your own metrics, which run:metric "
     "adds to the run's records."},
    {&ipd_view_changes, "Change of Phi by each block in the iteration at the cursor, as bars on a "
                        "log scale; an increase points to the right."},
    {&ipd_view_order, "The sweep as a row of blocks: the next one, frozen ones (*), and those that "
                      "raised Phi (!). Move and freeze blocks here."},
    {&ipd_view_layers,
     "Per layer: its gaps, the change of Phi by its blocks, the distance moved, the time."},
    {&ipd_view_blocks, "The latest block updates, one by one."},
    {&ipd_view_events, "Changes, numbered as the marks in the charts, and findings of the audit; "
                       "newest first."},
    {&ipd_view_weights, "The rows of W as pictures: blue is negative, orange positive."},
    {&ipd_view_distribution, "The distribution of a layer's W, z, a or gap: a histogram, its "
                             "quantiles, and their course since the pane has been shown."},
    {&ipd_view_samples, "The samples as pictures with their labels; a wrong answer of the network "
                        "follows the label."},
    {&ipd_view_confusion, "Number of test samples per label (down) and answer (across), and the "
                          "wrong answers with the largest margins."},
    {&ipd_view_boundary,
     "For data with two inputs: the answer of the network over the plane, and the "
     "training samples."},
    {&ipd_view_runs, "The runs in memory and in the history."},
    {&ipd_view_tree, "The paths of the run: where each path forks, how long it is, its last values "
                     "and its changes. Enter goes to the end of a path."},
    {&ipd_view_values, "The runs in the charts, one per row, with their values at the charts' "
                       "cursor, or at the last iteration that all of them have. Sort them by any "
                       "column."},
    {&ipd_view_watch, "Lua expressions with their values at the last stop of the run, and its "
                      "breakpoints. :watch and :break add them, Enter switches a breakpoint off or "
                      "on, d removes it."},
    {&ipd_view_settings, "The current settings, which you can change during training."},
    {&ipd_view_console, "Input, output and messages, and the prompt."},
    {&ipd_view_keys, "The most important keys."},
};

/* Appends the keys that work while the view has the focus. */
static void add_keys(const ipd_view *v, char *text, size_t size)
{
    const char *front = "\nkeys: ";

    for (const ipd_key *k = ipd_keys; k->name; k++)
        if (k->context && *k->name && !strcmp(k->context, ipd_view_context(v))) {
            size_t n = strlen(text);
            snprintf(text + n, size - n, "%s%s", front, k->name);
            front = " ";
        }
}

static void add_views(ipd_lua *lua)
{
    char name[64], usage[64], text[768];

    for (size_t i = 0; i < sizeof views / sizeof *views; i++) {
        snprintf(name, sizeof name, "view.%s", views[i].view->name);
        snprintf(usage, sizeof usage, "view \"%s\"", views[i].view->name);
        snprintf(text, sizeof text, "%s", views[i].text);
        add_keys(views[i].view, text, sizeof text);
        ipd_lua_add_topic(lua, name, usage, text);
    }
}

void ipd_help_topics_keys(ipd_lua *lua)
{
    char usage[128], text[512];

    ipd_lua_drop_topics(lua, "key ");
    for (const ipd_key *k = ipd_keys; k->name; k++) {
        if (!*k->name)
            continue;
        snprintf(usage, sizeof usage, "key %s%s%s%s%s%s", k->name, k->also ? " or " : "",
                 k->also ? k->also : "", k->context ? ", " : "", k->context ? k->context : "",
                 k->context ? ":" : "");
        snprintf(text, sizeof text, "%s%s%s", k->help, k->lua ? "\nat the prompt: " : "",
                 k->lua ? k->lua : "");
        ipd_lua_add_topic(lua, k->name, usage, text);
        if (k->also)
            ipd_lua_add_topic(lua, k->also, usage, text);
    }
}

void ipd_help_topics_add(ipd_lua *lua)
{
    add_views(lua);
    ipd_help_topics_keys(lua);
}
