/* run.c - the class of runs: ip.run, its methods and fields. */
#include "lua/classes.h"

#include <stdio.h>
#include <string.h>

enum { MAX_GIVEN = 64 };

/* The arguments of ip.run; names and widths are borrowed from the stack and `hidden`. */
typedef struct run_table {
    ipd_run_options options;
    ipd_settings settings;
    const char *given[MAX_GIVEN]; /* settings in the table; names of the table of settings */
    int given_count;
    size_t hidden[IPD_MAX_LAYERS];
    ipd_dataset *data;
} run_table;

static int put_setting(void *context, const char *name, const char *value, ipd_error *e)
{
    run_table *t = context;
    const ipd_setting *setting = ipd_setting_find(name);
    if (setting && t->given_count < MAX_GIVEN)
        t->given[t->given_count++] = setting->name;
    return ipd_settings_set(&t->settings, name, value, e);
}

/* Sets the setting `name` (activation, loss) to that of the network, unless the table at index 1
 * gives it. If network_says, the two must not differ. setting: its present value. */
static void function_of_network(lua_State *L, const char *name, const char *of_network,
                                int network_says, char *setting, ipd_settings *s)
{
    ipd_error e;
    int given = lua_getfield(L, 1, name) != LUA_TNIL;
    lua_pop(L, 1);
    if (given && network_says && !ipd_settings_same_list(setting, of_network))
        luaL_error(L, "%s = %s contradicts the network, which has %s. Leave one of them out", name,
                   setting, of_network);
    if (!given && ipd_settings_set(s, name, of_network, &e))
        ipd_lua_fail(L, &e);
}

static void settings_of_network(lua_State *L, const ipd_lua_network *n, ipd_settings *s)
{
    const ipd_network *net = &n->net;
    char activations[512];
    ipd_network_activations(net, activations, sizeof activations);
    if (net->L > 1)
        function_of_network(L, "activation", activations, n->has_weights || n->activation_given,
                            s->activation, s);
    function_of_network(L, "loss", net->loss->name, n->has_weights || n->loss_given, s->loss, s);
}

/* Reads layers, the widths of the hidden layers, which are at the top of the stack. */
static void read_layers(lua_State *L, ipd_run_options *options, size_t *hidden)
{
    static const char wrong[] =
        "layers must be the widths of the hidden layers, such as { 300, 300 }, or {} for none";
    int one = lua_type(L, -1) == LUA_TNUMBER;
    lua_Integer count = one ? 1 : lua_istable(L, -1) ? luaL_len(L, -1) : -1;
    if (count < 0)
        luaL_error(L, wrong);
    if (count > IPD_MAX_LAYERS - 1)
        luaL_error(L, "layers names more than %d hidden layers", IPD_MAX_LAYERS - 1);
    for (int i = 0; i < count; i++) {
        int whole = 0;
        if (one)
            lua_pushvalue(L, -1);
        else
            lua_geti(L, -1, i + 1);
        lua_Integer width = lua_tointegerx(L, -1, &whole);
        if (!whole || width < 1)
            luaL_error(L, wrong);
        hidden[i] = (size_t)width;
        lua_pop(L, 1);
    }
    options->hidden_count = (int)count;
}

/* Reads net or layers from the table at index 1 into options and settings; leaves what it reads on
 * the stack. hidden: a buffer of IPD_MAX_LAYERS widths. */
static void read_network(lua_State *L, const ipd_dataset *d, ipd_run_options *options,
                         size_t *hidden, ipd_settings *s)
{
    hidden[0] = hidden[1] = 300;
    options->hidden = hidden;
    options->hidden_count = 2;
    int layers = lua_getfield(L, 1, "layers") != LUA_TNIL;
    if (layers)
        read_layers(L, options, hidden);
    if (lua_getfield(L, 1, "net") == LUA_TNIL)
        return;
    if (layers)
        luaL_error(L,
                   "net and layers are both given. layers are the widths of hidden layers, net has "
                   "all widths: give one");
    ipd_lua_network *n = ipd_lua_to_network(L, -1);
    const ipd_network *net = &n->net;
    if (net->d[0] != d->inputs || net->d[net->L] != d->classes)
        luaL_error(
            L,
            "the network has %d inputs and %d outputs, but the data set %s has %d inputs and "
            "%d classes",
            (int)net->d[0], (int)net->d[net->L], d->name, (int)d->inputs, (int)d->classes);
    settings_of_network(L, n, s);
    if (n->has_weights)
        options->initial = net;
    options->hidden_count = net->L - 1;
    for (int l = 1; l < net->L; l++)
        hidden[l - 1] = net->d[l];
}

/* Reads the table of ip.run at index 1; what *t borrows stays on the stack. -1 and *e if the data
 * cannot be opened; raises an error if the table is wrong. */
static int read_run(lua_State *L, run_table *t, ipd_error *e)
{
    static const char *const others[] = {"data", "net", "layers", "name", "snapshot_budget", NULL};
    ipd_run_options *options = &t->options;
    memset(t, 0, sizeof *t);
    luaL_checktype(L, 1, LUA_TTABLE);
    lua_settop(L, 2);
    lua_getfield(L, LUA_REGISTRYINDEX, LUA_LOADED_TABLE);
    if (lua_getfield(L, -1, "ipdlam") == LUA_TTABLE && lua_rawequal(L, 1, -1))
        return luaL_error(L, "ip.run is called with a dot, not with a colon");
    lua_settop(L, 1);
    ipd_settings_init(&t->settings);
    ipd_lua_read_settings(L, 1, others, 0, put_setting, t);
    ipd_lua_check_functions(L, 1, 0, t->settings.rho_schedule, t->settings.schedule);
    if (lua_getfield(L, 1, "data") == LUA_TNIL)
        return luaL_error(L, "data is missing: ip.run{ data = ip.dataset(\"digits\") }");
    if (ipd_lua_to_dataset(L, -1, &t->data, e))
        return -1;
    read_network(L, t->data, options, t->hidden, &t->settings);
    if (lua_getfield(L, 1, "name") != LUA_TNIL)
        options->name = luaL_checkstring(L, -1);
    options->history = ipd_lua_of(L)->host.history;
    options->answers = 1;
    options->snapshots =
        lua_getfield(L, 1, "snapshot_budget") == LUA_TNIL ? -1 : ipd_lua_snapshot_budget_at(L, -1);
    return 0;
}

int ipd_lua_check_run_table(lua_State *L)
{
    run_table t;
    ipd_error e;
    if (read_run(L, &t, &e) || ipd_run_check(t.data, &t.settings, &t.options, &e))
        return ipd_lua_fail(L, &e);
    lua_pushboolean(L, 1);
    lua_newtable(L);
    for (int i = 0; i < t.given_count; i++) {
        char why[160];
        if (!ipd_settings_unused(&t.settings, t.given[i], t.options.initial != NULL, why,
                                 sizeof why))
            continue;
        lua_pushstring(L, why);
        lua_setfield(L, -2, t.given[i]);
    }
    return 2;
}

/* Makes the run of the table at index 1; with `warns`, warns of settings without effect. */
static int make_run(lua_State *L, int warns)
{
    run_table t;
    ipd_error e;
    if (read_run(L, &t, &e))
        return ipd_lua_fail(L, &e);
    /* Unreferenced runs occupy memory that the collector does not count. */
    ipd_lua_make_space(L);
    ipd_lua_run *r = ipd_lua_push_run(L);
    if (ipd_lua_open_run_of(r, t.data, &t.settings, &t.options, &e))
        return ipd_lua_fail(L, &e);
    ipd_lua_keep_functions(L, lua_gettop(L), 1);
    for (int i = 0; i < t.given_count && warns; i++)
        ipd_lua_warn_unused(L, ipd_run_settings(r->run), t.given[i], t.options.initial != NULL);
    return 1;
}

/* ip.run{ data =, net =, preset =, ... } */
int ipd_lua_new_run(lua_State *L)
{
    return make_run(L, 1);
}

int ipd_lua_make_run(lua_State *L)
{
    return make_run(L, 0);
}

static int run_pause(lua_State *L)
{
    ipd_lua_run *r = ipd_lua_check_run(L, 1);
    ipd_error e;
    /* A callback that pauses its own run must not wait for the pause. */
    int within = ipd_lua_waits_for_caller(L, r);
    ipd_ticket ticket = (within ? ipd_run_pause_within : ipd_run_pause)(r->run, &e);
    return ipd_lua_command(L, r, ticket, ipd_lua_place_k, &e);
}

static int run_last(lua_State *L)
{
    ipd_lua_run *r = ipd_lua_check_run(L, 1);
    size_t n = ipd_run_record_count(r->run);
    if (n == 0)
        return 0;
    ipd_lua_push_record(L, ipd_run_records(r->run), n - 1);
    return 1;
}

static const luaL_Reg methods[] = {{"step", ipd_lua_run_step},
                                   {"step_block", ipd_lua_run_step_block},
                                   {"start", ipd_lua_run_start},
                                   {"pause", run_pause},
                                   {"set", ipd_lua_run_set},
                                   {"switch", ipd_lua_run_switch},
                                   {"reload", ipd_lua_run_reload},
                                   {"weights", ipd_lua_run_weights},
                                   {"bias", ipd_lua_run_bias},
                                   {"network", ipd_lua_run_network},
                                   {"save", ipd_lua_run_save},
                                   {"script", ipd_lua_run_script},
                                   {"csv", ipd_lua_run_csv},
                                   {"json", ipd_lua_run_json},
                                   {"tag", ipd_lua_run_tag},
                                   {"untag", ipd_lua_run_untag},
                                   {"note", ipd_lua_run_note},
                                   {"checkpoint", ipd_lua_run_checkpoint},
                                   {"step_kind", ipd_lua_run_step_kind},
                                   {"step_batch", ipd_lua_run_step_batch},
                                   {"undo", ipd_lua_run_undo},
                                   {"break_at", ipd_lua_run_break_at},
                                   {"clear_breaks", ipd_lua_run_clear_breaks},
                                   {"toggle_break", ipd_lua_run_toggle_break},
                                   {"rewind", ipd_lua_run_rewind},
                                   {"back_block", ipd_lua_run_back_block},
                                   {"back_batch", ipd_lua_run_back_batch},
                                   {"forward", ipd_lua_run_forward},
                                   {"redo", ipd_lua_run_redo},
                                   {"go", ipd_lua_run_go},
                                   {"draw_path", ipd_lua_run_draw_path},
                                   {"futures", ipd_lua_run_futures},
                                   {"branch", ipd_lua_run_branch},
                                   {"verify_replay", ipd_lua_run_verify},
                                   {"on", ipd_lua_run_on},
                                   {"last", run_last},
                                   {"learned", ipd_lua_run_learned},
                                   {"close", ipd_lua_run_close},
                                   {NULL, NULL}};
void ipd_lua_open_run(lua_State *L)
{
    static const luaL_Reg meta[] = {{"__close", ipd_lua_run_close_variable},
                                    {"__newindex", ipd_lua_run_assign},
                                    {"__otherwise", ipd_lua_run_setting},
                                    {"__tostring", ipd_lua_run_tostring},
                                    {NULL, NULL}};
    static const ipd_lua_class class = {"ipdlam.run", methods, ipd_lua_run_fields, meta};
    ipd_lua_class_open(L, &class);
    ipd_lua_open_handles(L);
    ipd_lua_open_futures(L);
}
