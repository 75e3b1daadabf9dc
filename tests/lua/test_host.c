/* test_host.c - the interpreter: slices, interrupts, memory, incomplete chunks, completion. */
#include "lua/core/host.h"
#include "lua/core/internal.h"
#include "lua/method.h"
#include "tests/lua/printed.h"
#include "tests/tap.h"

#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int quits;

static void on_quit(void *context, int code)
{
    (void)context;
    quits = code + 1000;
}

static const ipd_lua_host host = {.result = on_result, .error = on_error, .quit = on_quit};

static void begin(ipd_lua *lua, const char *text)
{
    ipd_error e;
    results[0] = errors[0] = 0;
    if (ipd_lua_submit(lua, text, "=prompt", &e))
        keep(errors, e.text);
}

/* Runs text until it ends; its output is in `results`. */
static void run(ipd_lua *lua, const char *text)
{
    begin(lua, text);
    for (;;) {
        ipd_lua_activity now = ipd_lua_step(lua, 10);
        if (now == IPD_LUA_IDLE)
            return;
        if (now == IPD_LUA_WAITING)
            ipd_lua_poll(lua, NULL, 0, 100);
    }
}

/* The message of an error at such a depth must not take time that grows with its square. */
static void test_depth(ipd_lua *lua)
{
    run(lua, "local function f() return f() + 1 end f()");
    ok(strstr(errors, "prompt:1: stack overflow") && strstr(errors, "stack traceback"),
       "a runaway recursion is an error with its traceback");
    run(lua, "local function f(n) return n == 0 and error('deep') or f(n - 1) + 1 end f(150000)");
    ok(strstr(errors, "prompt:1: deep") != NULL, "an error deep in a recursion has its position");
    run(lua,
        "setmetatable({}, { __index = function(t, k) return t[k + 1] end })[1] = nil; "
        "local t = setmetatable({}, { __index = function(t, k) return t[k + 1] end }) print(t[1])");
    ok(strstr(errors, "overflow") != NULL, "a runaway recursion through metamethods is an error");
    run(lua, "local function f() return coroutine.wrap(f)() end f()");
    ok(strstr(errors, "overflow") != NULL, "a runaway recursion through coroutines is an error");
    run(lua, "error(setmetatable({}, { __tostring = function(t) return tostring(t) end }))");
    ok(*errors != 0, "a runaway recursion in the description of an error is an error");
}

/* However many runs there are, news of the oldest one are heard. */
static void test_many_runs(void)
{
    enum { LIMIT_MS = 30000 };
    ipd_lua *lua;
    ipd_error e;
    if (!ok(ipd_lua_open(&lua, &host, &e) == 0, "another interpreter opens"))
        return;
    run(lua, "t = {} local data = ip.dataset('digits', { train = 20, test = 10 }) for i = 1, 70 do "
             "t[i] = ip.run { data = data, net = { 784, 2, 10 }, snapshot_budget = 0 } end");
    ok(!*errors, "seventy runs are opened");
    ipd_lua_step(lua, 0);
    begin(lua, "t[1]:step(30)");
    int deaf = 0;
    for (ipd_lua_activity now; (now = ipd_lua_step(lua, 10)) != IPD_LUA_IDLE;)
        if (now == IPD_LUA_WAITING && (deaf = ipd_lua_poll(lua, NULL, 0, LIMIT_MS) <= 0))
            break;
    ok(!deaf && !*errors, "messages of the oldest of seventy runs arrive");
    ipd_lua_close(lua);
}

static void test_results(ipd_lua *lua)
{
    run(lua, "1 + 1");
    ok(!strcmp(results, "2\n"), "an expression's value is printed");
    run(lua, "_ + 1, 'x'");
    ok(!strcmp(results, "3\tx\n"), "_ is the last value");
    run(lua, "local x = 1");
    ok(!*results && !*errors, "a statement prints nothing");
    run(lua, "{1, 2, a = {b = 'c'}}");
    ok(!strcmp(results, "{ 1, 2, a = { b = \"c\" } }\n"), "tables print readably");
    run(lua, "local t = {} t.t = t return t");
    ok(!strcmp(results, "{ t = { <itself> } }\n"), "tables that contain themselves print readably");
    run(lua, "setmetatable({}, {__tostring = function() return 'mine' end})");
    ok(!strcmp(results, "mine\n"), "__tostring is used");
    run(lua, "setmetatable({}, {__tostring = function() error('bad text') end})");
    ok(strstr(errors, "bad text") != NULL, "an error in __tostring is printed");
    run(lua, "local function deep() error('here') end deep()");
    ok(strstr(errors, "prompt:1: here") && strstr(errors, "traceback"), "errors have a traceback");
    run(lua, "error({})");
    ok(strstr(errors, "the error is a table") != NULL, "an error can be a table");
    run(lua, "x = = 1");
    ok(strstr(errors, "unexpected symbol") != NULL, "syntax errors are printed");
    run(lua, "?run:step");
    ok(strstr(results, "run:step(n)") != NULL, "?name shows help");
    run(lua, "? ]] os.exit(3) --[[");
    ok(strstr(results, "unknown help topic") && strstr(results, "??NAME") && !quits,
       "?name takes any text as the name");
    run(lua, "?mini-batch");
    ok(strstr(results, "samples per mini-batch") != NULL, "?mini-batch explains the setting");
}

static void test_incomplete(ipd_lua *lua)
{
    static const char *const yes[] = {"for i = 1, 2 do",   "f(",          "x = {",
                                      "return function()", "[[text",      "1 +",
                                      "if x then\ny()",    "--[[ comment"};
    static const char *const no[] = {"x = 1", "1 + 1", "for", "x = }", "", "?run", "f() end", "'a"};
    for (size_t i = 0; i < sizeof yes / sizeof *yes; i++)
        ok(ipd_lua_incomplete(lua, yes[i]), "incomplete: %s", i == 6 ? "if" : yes[i]);
    for (size_t i = 0; i < sizeof no / sizeof *no; i++)
        ok(i == 2 ? ipd_lua_incomplete(lua, no[i]) : !ipd_lua_incomplete(lua, no[i]), "%s: '%s'",
           i == 2 ? "incomplete" : "complete", no[i]);
}

/* Steps until the loop is surely under way, interrupts, and counts slices until the end. */
static int interrupted(ipd_lua *lua, const char *text)
{
    begin(lua, text);
    for (int i = 0; i < 3; i++)
        if (ipd_lua_step(lua, 5) == IPD_LUA_IDLE)
            return 0;
    ipd_lua_interrupt(lua);
    for (int i = 0; i < 1000; i++)
        if (ipd_lua_step(lua, 5) == IPD_LUA_IDLE)
            return strstr(errors, "interrupted") != NULL;
    return 0;
}

static void *interrupt_soon(void *context)
{
    ipd_lua *lua = context;
    /* The main thread executes one slice without yielding, and must see the flag during it. */
    while (!__atomic_load_n(&quits, __ATOMIC_SEQ_CST))
        usleep(1000);
    ipd_lua_interrupt(lua);
    return NULL;
}

static int mark(lua_State *L)
{
    (void)L;
    __atomic_store_n(&quits, 1, __ATOMIC_SEQ_CST);
    return 0;
}

/* For loops that cannot yield: the interrupt comes from elsewhere, as a signal would. */
static int interrupted_within(ipd_lua *lua, const char *text)
{
    pthread_t thread;
    quits = 0;
    ipd_lua_register(lua, "mark", mark, NULL);
    pthread_create(&thread, NULL, interrupt_soon, lua);
    run(lua, text);
    pthread_join(thread, NULL);
    quits = 0;
    return strstr(errors, "interrupted") != NULL;
}

static void test_interrupts(ipd_lua *lua)
{
    ok(interrupted(lua, "while true do end"), "a loop is interrupted");
    ok(interrupted(lua, "while true do pcall(function() while true do end end) end"),
       "a loop of pcalls is interrupted");
    ok(interrupted(lua, "local function f() pcall(f) while true do pcall(f) end end f()"),
       "a recursion of pcalls is interrupted");
    ok(interrupted_within(lua, "ip.mark() while true do coroutine.resume(coroutine.create("
                               "function() while true do end end)) end"),
       "a loop of coroutines is interrupted");
    ok(interrupted_within(lua, "ip.mark() coroutine.wrap(function() while true do end end)()"),
       "a coroutine is interrupted");
    ok(interrupted_within(lua, "ip.mark() table.sort({3, 2, 1}, function() while true do end end)"),
       "a comparator is interrupted");
    ok(interrupted_within(lua,
                          "ip.mark() string.gsub('abc', '.', function() while true do end end)"),
       "a gsub callback is interrupted");
    run(lua, "1 + 1");
    ok(!strcmp(results, "2\n") && !*errors, "after interrupts the interpreter works");
    ipd_lua_interrupt(lua);
    run(lua, "local n = 0 for i = 1, 1e5 do n = n + 1 end return n");
    ok(!strcmp(results, "100000\n"), "an interrupt while nothing runs has no effect");
    begin(lua, "while true do end");
    ipd_lua_submit(lua, "print('never')", "=prompt", NULL);
    ipd_lua_step(lua, 5);
    ipd_lua_interrupt(lua);
    ok(ipd_lua_step(lua, 50) == IPD_LUA_IDLE, "an interrupt drops the lines typed ahead");
    ok(strstr(errors, "prompt:1: interrupted\n1 line typed ahead was not run\n") != NULL,
       "a message says how many lines were dropped");
    run(lua, "run = ip.run { data = ip.dataset('digits', { train = 20, test = 10 }), net = { 784, "
             "2, 10 } }");
    ok(interrupted(lua, "local m = run:step_until(function() return false end)") &&
           !strncmp(errors, "prompt:1: interrupted\n", 22),
       "an interrupt in an embedded function has the user's position");
    run(lua, "run:close() local late = setmetatable({}, { __index = run }) run:step_until(print)");
    ok(!strncmp(errors, "prompt:1: the run is closed\n", 28),
       "an error in an embedded function has the user's position");
    run(lua, "run = nil");
}

static void test_slices(ipd_lua *lua)
{
    begin(lua, "local n = 0 for i = 1, 3e7 do n = n + i % 3 end return n");
    int slices = 1;
    while (ipd_lua_step(lua, 2) != IPD_LUA_IDLE)
        slices++;
    ok(slices > 3 && !strcmp(results, "30000000\n"), "a long loop runs in slices: %d", slices);
    begin(lua, "local gen = coroutine.wrap(function() for i = 1, 20 do local x = 0 "
               "for j = 1, 2e5 do x = x + j end coroutine.yield(i) end end) "
               "local sum = 0 for i in gen do sum = sum + i end return sum");
    while (ipd_lua_step(lua, 1) != IPD_LUA_IDLE)
        ;
    ok(!strcmp(results, "210\n"), "a generator returns exactly the values that it yields");
    run(lua, "coroutine.isyieldable(), select(2, coroutine.running())");
    ok(!strcmp(results, "false\ttrue\n"), "a submission looks like the main program");
    run(lua, "coroutine.yield(1)");
    ok(strstr(errors, "outside a coroutine") != NULL, "a submission cannot yield");
    run(lua, "debug.sethook()");
    ok(strstr(errors, "sethook") != NULL, "debug.sethook is refused");
}

static void test_memory(ipd_lua *lua)
{
    ipd_lua_limit_memory(lua, (size_t)64 << 20);
    run(lua, "string.rep('x', 1 << 30)");
    ok(strstr(errors, "not enough memory") != NULL, "a runaway string.rep is an error");
    run(lua, "local t = {} while true do t[#t + 1] = ('x'):rep(1e6) .. #t end");
    ok(strstr(errors, "not enough memory") != NULL, "a table that grows without end is an error");
    run(lua, "collectgarbage() return collectgarbage('count') < 20000");
    ok(!strcmp(results, "true\n"), "memory is free again after such errors");
    ipd_lua_limit_memory(lua, (size_t)1 << 30);
}

/* Returns 1 if the word is offered with a note that contains the text (NULL: any note); with word NULL, if nothing is offered. */
static int offers_with(ipd_lua *lua, const char *line, const char *word, const char *note)
{
    ipd_lua_completions c;
    int found = 0;
    ipd_lua_complete(lua, line, (int)strlen(line), &c);
    for (size_t i = 0; word && i < c.count; i++)
        found |= !strcmp(c.words[i], word) && (!note || strstr(c.notes[i], note));
    found |= !word && !c.count;
    ipd_lua_completions_free(&c);
    return found;
}

static int offers(ipd_lua *lua, const char *line, const char *word)
{
    return offers_with(lua, line, word, NULL);
}

static void test_completion(ipd_lua *lua)
{
    static const char *const cases[][2] = {{"pri", "print("},
                                           {"ip.da", "dataset("},
                                           {"x = string.for", "format("},
                                           {"while tr", "true"},
                                           {"ip.run{ del", "delta = "},
                                           {"ip.run { data = d, or", "order = "},
                                           {"ip.run({ pre", "preset = "},
                                           {"ip.run{ preset = \"pa", "paper\""},
                                           {"ip.run{ preset = ", "\"paper\""},
                                           {"ip.run{ rho = { gr", "growth = "},
                                           {"run:set{ order = 'nest", "nested_reverse'"},
                                           {"run:set{ order = { \"z3\", \"W", "W2\""},
                                           {"run:set{ shuffle = ", "true"},
                                           {"ip.dataset(\"fash", "fashion-mnist\""},
                                           {"ip.dataset('digits', { tr", "train = "},
                                           {"ip.sweep{ halv", "halving = "},
                                           {"ip.sweep{ batch", "batch = "},
                                           {"ip.dataset('digits', { va", "validation = "},
                                           {"ip.network{ 784, 10, act", "activation = "},
                                           {"run:on(\"it", "iteration\""},
                                           {"run:switch(\"amsg", "amsgrad\""},
                                           {"run:switch('adam', { sm", "smoothing = "},
                                           {"run:last().ph", "phi"},
                                           {"run.metrics[3].te", "test_accuracy"},
                                           {"?run:st", "run:step"},
                                           {"work.regularizer = ", "\"ridge\""},
                                           {"work.regularizer = 'la", "lasso'"},
                                           {"x = 1 work.shuffle = ", "true"},
                                           {"net:ev", "evaluate("},
                                           {"net.wi", "widths"}};
    run(lua, "net = ip.network{ 4, 3, 2 }");
    run(lua, "work = ip.run{ data = ip.dataset('digits', { train = 60, test = 20 }), layers = { 4 "
             "} } return nil");
    ok(offers(lua, "work.delta = ", NULL) && offers(lua, "ip.run{ batch = ", NULL),
       "no words are offered in place of a number");
    ok(offers(lua, "work.delta = ma", "math"),
       "a word that was begun is completed in place of a number");
    run(lua, "ip.activation{ name = \"own_one\", value = function(x) return x end, "
             "slope = function() return 1 end }");
    ok(offers(lua, "ip.run{ activation = \"own", "own_one\""),
       "a user-defined activation is offered");
    run(lua, "ip.loss{ name = \"own_loss\", value = function(y, z) return (z - y) ^ 2 end, "
             "gradient = function(y, z) return 2 * (z - y) end }");
    ok(offers(lua, "ip.run{ loss = \"own", "own_loss\""), "a user-defined loss is offered");
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        ok(offers(lua, cases[i][0], cases[i][1]), "%s -> %s", cases[i][0], cases[i][1]);
    ok(!offers(lua, "run:set{ se", "seed = "), "run:set offers nothing that is fixed at the start");
    ok(offers(lua, "-- pri", NULL), "nothing is offered in a comment");
    run(lua, "touched = false trap = setmetatable({ inner = 1 }, { __index = function() touched = "
             "true end, __pairs = function() touched = true return next, {} end, __len = function()"
             " touched = true return 0 end })");
    run(lua, "getmetatable(_G) == nil and setmetatable(_G, { __index = function() touched = true "
             "end }) and nil");
    ok(offers(lua, "trap.in", "inner"), "fields of a table with metamethods are offered");
    offers(lua, "trap.none.x", NULL);
    offers(lua, "trap:", NULL);
    offers(lua, "unknown.x", NULL);
    run(lua, "touched");
    ok(!strcmp(results, "false\n"), "completion runs no metamethod");
    run(lua, "setmetatable(_G, nil) return nil");
}

static int text_has(char *text, const char *what)
{
    int has = what ? text && strstr(text, what) : !text;
    if (!has)
        printf("# got: %s\n", text ? text : "(nothing)");
    free(text);
    return has;
}

static void test_notes(ipd_lua *lua)
{
    static const char *const cases[][3] = {
        {"ip.des", "describe(", "ip.describe(run)  Describes a run in words"},
        {"net:ev", "evaluate(", "network:evaluate(data)"},
        {"run:last().ph", "phi", "bjective"},
        {"ip.run{ del", "delta = ", "0 to"},
        {"ip.run{ preset = \"pa", "paper\"", " "},
        {"qu", "quit(", "quit(code)"},
        {":re", "record ", "script"},
        {":set gro", NULL, NULL},
        {":set rho_g", "rho_growth ", "0 to"},
        {":set order rev", "reverse", NULL},
        {":help run:st", "run:start", "background"},
        {"?C-", NULL, NULL},
        {"?run:st", "run:step", "run:step(n)"}};
    static const char *const calls[][2] = {
        {"run:step(", "run:step(n)"},
        {"other:step(1", "run:step(n)"},
        {"net:evaluate(ip.dataset(", "ip.dataset(name"},
        {"net:evaluate(ip.dataset('digits'), ", "network:evaluate"},
        {"run:set{ delta = 0.", "delta"},
        {"print(", NULL},
        {"run:step(1)", NULL},
        {"'run:step(", NULL},
        {"-- run:step(", NULL},
        {"?run:step(", NULL}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        ok(offers_with(lua, cases[i][0], cases[i][1], cases[i][2]), "%s -> %s, with help",
           cases[i][0], cases[i][1] ? cases[i][1] : "nothing");
    for (size_t i = 0; i < sizeof calls / sizeof *calls; i++)
        ok(text_has(ipd_lua_signature(lua, calls[i][0], (int)strlen(calls[i][0])), calls[i][1]),
           "within %s: %s", calls[i][0], calls[i][1] ? calls[i][1] : "nothing");
    ipd_lua_add_topic(lua, "F5", "key F5", "go on");
    ok(text_has(ipd_lua_help(lua, "F5"), "go on"), "a topic that the host adds has help");
    ok(text_has(ipd_lua_help(lua, "nothing_of_this"), NULL), "an unknown name has no help");
    run(lua, "?run.step_untl");
    ok(strstr(results, "Did you mean") != NULL, "the nearest name is suggested for a typo");
}

/* The results, and nothing else. */
static void gives(ipd_lua *lua, const char *text, const char *expected)
{
    run(lua, text);
    if (!ok(!strcmp(results, expected) && !*errors, "%s", text))
        printf("# %s%s\n", results, errors);
}

static void test_handles(void)
{
    ipd_lua *lua;
    ipd_lua_host numbered = host;
    ipd_error e;
    numbered.numbered = 1;
    if (!ok(ipd_lua_open(&lua, &numbered, &e) == 0, "an interpreter for a person opens"))
        return;
    gives(lua, "6 * 7", "_1 = 42\n");
    gives(lua, "_1 + 1, 'two'", "_2 = 43\ttwo\n");
    gives(lua, "nil", "nil\n");
    gives(lua, "_2", "_3 = 43\n");
    gives(lua, "{ a = 1 }", "_4 = { a = 1 }\n");
    gives(lua, "'two\\nlines'", "_5 =\ntwo\nlines\n");
    gives(lua, ":help quit", "quit(code)\n  Leaves the program with an exit code, 0 by default.\n");
    gives(lua, "#_ > 10", "_6 = true\n");
    for (int i = 7; i <= 22; i++)
        run(lua, "0");
    gives(lua, "_2 == nil and _3 == 43", "_23 = true\n");
    ipd_lua_close(lua);
}

/* Methods are read, opened and reloaded while a run of another one trains. */
static void test_methods(ipd_lua *lua)
{
    ipd_lua_methods_begin();
    run(lua, "text = [[local function step(s)\n local W = {}\n for l = 1, s.L do W[l] = s.W[l] * "
             "0.9 end\n"
             " return { W = W }\nend\nreturn { name = 'm', summary = 'shrinks W', update = { step "
             "= step },"
             " orders = function(visit) visit('step') end }]] return nil");
    run(lua,
        "made = { data = ip.dataset('digits', { train = 50, test = 10 }), net = { 784, 5, 10 }, "
        "batch = 0, method = ip.method(text) } return nil");
    run(lua,
        "trains = ip.run(made) trains:start() for i = 1, 9 do made.method = ip.method((text:gsub("
        "'0%.9', '0.9' .. i))) local r = ip.run(made) r:step(2) r:close() "
        "trains:reload(made.method)"
        " ip.methods() end trains:pause() return trains.iteration > 0, #trains.log");
    ok(!strcmp(results, "true\t9\n") && !*errors, "methods are read while another run trains");
    if (*errors)
        printf("# %s\n", errors);
}

static void test_quit(void)
{
    ipd_lua *lua;
    ipd_error e;
    quits = 0;
    ok(ipd_lua_open(&lua, &host, &e) == 0, "a second interpreter opens");
    run(lua, "while true do pcall(quit, 7) end");
    ok(quits == 1007 && !*errors, "quit ends a loop that catches it");
    ipd_lua_close(lua);
    ipd_lua_close(NULL);
}

int main(void)
{
    ipd_lua *lua;
    ipd_error e;
    if (!ok(ipd_lua_open(&lua, &host, &e) == 0, "the interpreter opens"))
        return done();
    test_results(lua);
    test_depth(lua);
    test_incomplete(lua);
    test_slices(lua);
    test_interrupts(lua);
    test_memory(lua);
    test_completion(lua);
    test_notes(lua);
    test_handles();
    test_methods(lua);
    ipd_lua_close(lua);
    test_quit();
    test_many_runs();
    return done();
}
