/* classes.h - what the files of this folder share: classes of Lua values and functions of the
 * module `ip`, by the file that defines them. They stand on lua/core. Main thread.
 *
 * A function of the type lua_CFunction is a method, a field or a function of Lua; the help (?name)
 * says what it does.
 */
#ifndef IPD_LUA_CLASSES_H
#define IPD_LUA_CLASSES_H

#include "lua/core/internal.h"

/* module.c: pushes the module; for luaL_requiref. */
int ipd_lua_open_module(lua_State *L);
/* locale.c: os.setlocale. */
int ipd_lua_setlocale(lua_State *L);
/* live.c: adds the terminal functions that lua/sweep_train.lua needs to the table at the top. */
void ipd_lua_add_live(lua_State *L);
/* metric.c: functions for lua/metric.lua. */
extern const luaL_Reg ipd_lua_metric_functions[];

/* complete.c, kept.c: functions for the embedded files.
 * unknown(name, list, kind, otherwise) -> the message of ipd_fail_unknown
 * paths(text) -> the files and the folders (ending in "/") that complete a path
 * token(text, at) -> the kind of the token there, as a word, and its last byte */
int ipd_lua_unknown_text(lua_State *L);
int ipd_lua_paths(lua_State *L);
int ipd_lua_token(lua_State *L);

/* dataset.c */
void ipd_lua_open_dataset(lua_State *L);
int ipd_lua_new_dataset(lua_State *L);
/* The data set at the index, given as userdata or by its name; it is left at the top of the stack,
 * and *out is borrowed from there. 0, or -1 and *e, as ipd_dataset_open. */
int ipd_lua_to_dataset(lua_State *L, int index, ipd_dataset **out, ipd_error *e);

/* network.c. Userdata "ipdlam.network": W and b are empty if has_weights is 0. activation_given,
 * loss_given: 0 if the user has named no such function. */
typedef struct ipd_lua_network {
    ipd_network net;
    int has_weights;
    int activation_given, loss_given;
} ipd_lua_network;
void ipd_lua_open_network(lua_State *L);
int ipd_lua_new_network(lua_State *L);
int ipd_lua_load_network(lua_State *L);
int ipd_lua_average_networks(lua_State *L);
/* Pushes an empty network, which the caller fills. */
ipd_lua_network *ipd_lua_push_network(lua_State *L);
/* The network at the index, given as userdata or as a table of widths; left at the top of the
 * stack. */
ipd_lua_network *ipd_lua_to_network(lua_State *L, int index);

/* element.c, method_module.c: user-defined functions and methods. */
void ipd_lua_open_element(lua_State *L);
int ipd_lua_new_activation(lua_State *L);
int ipd_lua_new_loss(lua_State *L);
int ipd_lua_new_penalty(lua_State *L);
int ipd_lua_method(lua_State *L);
int ipd_lua_methods(lua_State *L);
int ipd_lua_run_reload(lua_State *L);

/* figure.c */
void ipd_lua_open_figure(lua_State *L);
int ipd_lua_new_figure(lua_State *L);

/* record.c: classes of records, places and lists, and of run.metrics. */
void ipd_lua_open_record(lua_State *L);

/* history.c */
void ipd_lua_open_history(lua_State *L);
int ipd_lua_list_runs(lua_State *L);
int ipd_lua_open_old_run(lua_State *L);
int ipd_lua_again(lua_State *L);
/* Pushes a run of the history by its number, its name or "last", with its records and changes but
 * without its row of ip.runs. 0, or -1 and *e. */
int ipd_lua_push_old_run(lua_State *L, const char *name, ipd_error *e);
/* The records and the row of the run of the history at the index; NULL for any other value.
 * Borrowed from the value. */
const ipd_records *ipd_lua_history_records(lua_State *L, int index);
const ipd_history_run *ipd_lua_history_run(lua_State *L, int index);

/* compare.c */
int ipd_lua_living(lua_State *L);
int ipd_lua_overlay(lua_State *L);
int ipd_lua_compare(lua_State *L);
/* compare_text.c: the first common iteration whose figures differ, 0 if there is none. */
int ipd_lua_first_difference(const ipd_lua_curves *a, const ipd_lua_curves *b);
/* Pushes the text of a comparison, with the changes of each run (see change_list.h) and, if
 * `charts`, with charts. */
int ipd_lua_push_comparison(lua_State *L, const ipd_lua_curves both[2], char *const changes[2],
                            int charts);

/* session.c */
int ipd_lua_describe(lua_State *L);
int ipd_lua_record_session(lua_State *L);

/* run.c */
void ipd_lua_open_run(lua_State *L);
int ipd_lua_new_run(lua_State *L);
/* For the embedded files. check_run(table of ip.run) -> true and { SETTING = why it has no effect
 * }, or fails as ip.run would; make_run(table): ip.run without warnings. */
int ipd_lua_check_run_table(lua_State *L);
int ipd_lua_make_run(lua_State *L);

/* run_fields.c */
extern const luaL_Reg ipd_lua_run_fields[];
int ipd_lua_run_tostring(lua_State *L);
int ipd_lua_run_learned(lua_State *L);

/* run_step.c. Continuation after a command: returns the place where it took effect. */
int ipd_lua_place_k(lua_State *L, int status, lua_KContext ticket);
/* Waits for a command that returns nothing; raises an error if it failed or has no ticket. */
int ipd_lua_order(lua_State *L, ipd_ticket ticket, const ipd_error *e);
/* The number of steps at the index, by default 1. */
lua_Integer ipd_lua_check_steps(lua_State *L, int index);
int ipd_lua_run_start(lua_State *L);
int ipd_lua_run_step(lua_State *L);
int ipd_lua_run_step_block(lua_State *L);
int ipd_lua_run_step_kind(lua_State *L);
int ipd_lua_run_step_batch(lua_State *L);
/* run:step(1) in two parts, for several runs at a time: begin_step(run) -> ticket, end_step(run,
 * ticket). */
int ipd_lua_run_begin_step(lua_State *L);
int ipd_lua_run_end_step(lua_State *L);

/* run_settings.c */
int ipd_lua_run_set(lua_State *L);
int ipd_lua_run_switch(lua_State *L);
int ipd_lua_run_assign(lua_State *L);  /* __newindex: run.delta = x */
int ipd_lua_run_setting(lua_State *L); /* __otherwise: run.delta */
int ipd_lua_warn_text(lua_State *L);   /* for the embedded files: warn(text) */
/* Warns, once per place in a script, if the setting `name` has no effect together with the others.
 * has_weights: as in ipd_settings_unused. */
void ipd_lua_warn_unused(lua_State *L, const ipd_settings *s, const char *name, int has_weights);
/* Reads settings from the table at the index and calls put for each, in the order of the table of
 * settings, with a value for ipd_settings_set. `others` are names that the caller reads. With
 * `live`, a number for rho is the value in force, else the first one. Raises an error for unknown
 * names and if put fails. */
typedef int ipd_lua_put_fn(void *context, const char *name, const char *value, ipd_error *e);
void ipd_lua_read_settings(lua_State *L, int index, const char *const *others, int live,
                           ipd_lua_put_fn *put, void *context);

/* run_travel.c */
int ipd_lua_run_rewind(lua_State *L);
int ipd_lua_run_branch(lua_State *L);
int ipd_lua_run_undo(lua_State *L);
int ipd_lua_run_verify(lua_State *L);
int ipd_lua_get_snapshots(lua_State *L);
int ipd_lua_get_snapshot_budget(lua_State *L);
int ipd_lua_set_snapshot_budget(lua_State *L);
/* The budget at the index, given in MiB, in bytes; -1 is a share of the available memory. */
double ipd_lua_snapshot_budget_at(lua_State *L, int index);
int ipd_lua_run_break_at(lua_State *L);
int ipd_lua_run_clear_breaks(lua_State *L);
int ipd_lua_run_toggle_break(lua_State *L);
int ipd_lua_get_breakpoints(lua_State *L);
int ipd_lua_breaks_on(lua_State *L);    /* for the embedded files */
int ipd_lua_show_watches(lua_State *L); /* the same */

/* run_tree.c */
void ipd_lua_open_futures(lua_State *L);
int ipd_lua_run_back_block(lua_State *L);
int ipd_lua_run_back_batch(lua_State *L);
int ipd_lua_run_forward(lua_State *L);
int ipd_lua_run_redo(lua_State *L);
int ipd_lua_run_go(lua_State *L);
int ipd_lua_run_draw_path(lua_State *L);
int ipd_lua_run_futures(lua_State *L);

/* run_variables.c */
void ipd_lua_open_variables(lua_State *L); /* after the classes of runs and tensors */
int ipd_lua_run_weights(lua_State *L);
int ipd_lua_run_bias(lua_State *L);

/* run_weights.c */
int ipd_lua_run_save(lua_State *L);
int ipd_lua_run_network(lua_State *L);
/* For the embedded files: keep_weights(run) writes the weights of a finished run of a sweep; the
 * run then leaves no checkpoint. */
int ipd_lua_keep_weights(lua_State *L);

/* run_export.c */
int ipd_lua_run_script(lua_State *L);
int ipd_lua_run_csv(lua_State *L);
int ipd_lua_run_json(lua_State *L);
int ipd_lua_run_tag(lua_State *L);
int ipd_lua_run_untag(lua_State *L);
int ipd_lua_run_note(lua_State *L);

/* checkpoint.c */
void ipd_lua_open_checkpoint(lua_State *L);
int ipd_lua_run_checkpoint(lua_State *L);
int ipd_lua_resume_run(lua_State *L);
/* Pushes a userdata for an archive, NULL at first, which is freed with it. */
ipd_archive **ipd_lua_push_archive(lua_State *L);

/* ending.c */
int ipd_lua_run_close(lua_State *L);
int ipd_lua_run_close_variable(lua_State *L); /* __close */

#endif
