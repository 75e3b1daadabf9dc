/* test_request.c - functions of rho that are slow, endless or in the way: slices, interrupts. */
#include "lua/core/host.h"
#include "lua/core/internal.h"
#include "tests/lua/printed.h"
#include "tests/tap.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>

static long repaints, interrupt_at;
static ipd_lua *lua;

static void on_repaint(void *context)
{
    (void)context;
    if (++repaints == interrupt_at)
        ipd_lua_interrupt(lua);
}

static const ipd_lua_host host = {.result = on_result, .error = on_error, .repaint = on_repaint};

static void begin(const char *text)
{
    ipd_error e;
    results[0] = errors[0] = 0;
    if (ipd_lua_submit(lua, text, "=prompt", &e))
        keep(errors, e.text);
}

static void wait_for_news(void)
{
    ipd_lua_poll(lua, NULL, 0, 100);
}

static void finish(void)
{
    for (;;) {
        ipd_lua_activity now = ipd_lua_step(lua, 10);
        if (now == IPD_LUA_IDLE)
            return;
        if (now == IPD_LUA_WAITING)
            wait_for_news();
    }
}

static void run(const char *text)
{
    begin(text);
    finish();
    if (*errors)
        printf("# %s: %s", text, errors);
}

static int says(const char *text, const char *wanted)
{
    run(text);
    if (!strcmp(results, wanted) && !*errors)
        return 1;
    printf("# %s gives %s", text, results);
    return 0;
}

/* Goes on until the function of rho has begun to work: it counts in `calls`. */
static void until_called(void)
{
    lua_State *L = ipd_lua_state(lua);
    for (;;) {
        if (ipd_lua_step(lua, 2) == IPD_LUA_WAITING)
            wait_for_news();
        lua_getglobal(L, "calls");
        long calls = (long)lua_tointeger(L, -1);
        lua_pop(L, 1);
        if (calls > 0)
            return;
    }
}

static void until_paused(const char *what)
{
    ipd_run *r = ipd_lua_current_run(lua);
    for (int i = 0; i < 10000 && ipd_run_get_status(r) == IPD_RUNNING; i++) {
        if (ipd_lua_step(lua, 2) != IPD_LUA_BUSY && ipd_run_get_status(r) == IPD_RUNNING)
            wait_for_news();
    }
    ok(ipd_run_get_status(r) == IPD_PAUSED, "%s: %s", what, ipd_run_status_text(r));
}

static void test_slow(void)
{
    run("calls = 0 run.rho = function(k, rho) calls = calls + 1 local n = 0 "
        "for i = 1, 3e6 do n = n + 1 end return k end");
    begin("run:step(2)");
    int slices = 1;
    ipd_lua_activity now;
    while ((now = ipd_lua_step(lua, 2)) != IPD_LUA_IDLE) {
        slices++;
        if (now == IPD_LUA_WAITING)
            wait_for_news();
    }
    ok(slices > 4 && !*errors, "a slow function runs in slices: %d", slices);
    ok(says("calls, run:last().rho", "2\t2\n"), "a function of rho is called once per iteration");
    ok(says("#run.log, run.log[2].command", "2\tset rho = 2\n") ||
           says("tostring(run.log[2]):match('set rho = 2')", "set rho = 2\n"),
       "the result of a function of rho is in the log");
    run("run.rho = function(k, rho, m) calls = calls + 1 return m.iteration end");
    ok(says("run:step(2).rho", "3\n"), "the function of rho gets the last record");
    ok(says("coroutine.wrap(function() return run:step(2).rho end)()", "5\n"),
       "the function is called during a step in a coroutine");
    ok(says("(function() table.sort({ 2, 1 }, function(a, b) run:step(1) return a < b end) "
            "return run:last().rho >= 6 end)()",
            "true\n"),
       "the function is called during a step that cannot yield");
}

static void test_endless(void)
{
    run("run.rho = function() calls = calls + 1 while true do pcall(function() while true do end "
        "end) end end calls = 0");
    begin("run:step(1)");
    until_called();
    for (int i = 0; i < 5; i++)
        ipd_lua_step(lua, 2);
    ok(strstr(ipd_run_status_text(ipd_lua_current_run(lua)), "waits for rho of iteration") != NULL,
       "the screen stays responsive beside an endless function: %s",
       ipd_run_status_text(ipd_lua_current_run(lua)));
    ipd_lua_interrupt(lua);
    finish();
    ok(strstr(errors, "interrupted") != NULL, "C-c ends an endless function and the step");
    until_paused("after C-c the run pauses");
    run("calls = 0");
    begin("run:start()");
    until_called();
    ipd_lua_interrupt(lua);
    finish();
    ok(strstr(errors, "its function was interrupted") && strstr(errors, "pauses"),
       "C-c ends an endless function of a background run: %s", errors);
    until_paused("after C-c the run pauses");
    repaints = 0;
    interrupt_at = 3;
    run("calls = 0 coroutine.wrap(function() run:step(1) end)()");
    interrupt_at = 0;
    ok(strstr(errors, "interrupted") != NULL,
       "C-c ends an endless function during a step that cannot yield");
    until_paused("after C-c the run pauses");

    run("calls = 0");
    begin("run:start()");
    until_called();
    ipd_error e;
    ipd_run_pause(ipd_lua_current_run(lua), &e); /* as F5 does */
    until_paused("a pause ends an endless function");
    finish();
    ok(!*errors, "the pause prints nothing");
    ok(says("(function() local n = run.iteration run.rho = 1 run:step(1) return run.iteration - n, "
            "run:last().rho, run.rho_schedule end)()",
            "1\t1\tconstant\n"),
       "a run whose function was ended continues with a number");
    ok(says("(function() calls = 0 run.rho = function() calls = calls + 1 run:pause() return 2 end "
            "run:step(3) return run.status, calls end)()",
            "paused\t1\n"),
       "a function can pause its own run");
    ok(says("(function() calls = 0 run.rho = function() calls = calls + 1 run.rho = 3 return 2 end "
            "run:step(2) return run:last().rho, calls end)()",
            "3\t1\n"),
       "a function can replace itself by a number");
}

static void test_errors(void)
{
    static const char *const cases[][2] = {
        {"return 0 / 0", "its function fails: rho = nan is out of range. Use more than 0 to 1e+30"},
        {"return -1", "rho = -1 is out of range"},
        {"return math.huge", "rho = inf is out of range"},
        {"return '1'", "its function returns a string, not a number"},
        {"", "its function returns nothing, not a number"},
        {"error('boom')", "its function fails: prompt:1: boom"},
        {"error({})", "its function fails: table"},
        {"error(setmetatable({}, { __tostring = function() error('deep') end }))",
         "its function fails: "},
        {"local function f() return f() + 1 end f()", "stack overflow"},
        {"return string.rep('x', 1 << 40)", "its function fails: "},
        {"run:step()", "cannot step or rewind its own run"},
        {"coroutine.yield(1)", "outside a coroutine"}};
    char text[400], sentence[64];
    run("run.rho = 1");
    long iteration = ipd_run_place(ipd_lua_current_run(lua)).iteration;
    snprintf(sentence, sizeof sentence, "rho of iteration %ld: ", iteration);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        snprintf(text, sizeof text, "run.rho = function() %s end return pcall(run.step, run)",
                 cases[i][0]);
        begin(text);
        finish();
        ok(strstr(results, "false") && strstr(results, cases[i][1]) && strstr(results, sentence) &&
               !*errors,
           "%s: %.200s", cases[i][0], results);
        begin("run:start()");
        finish();
        until_paused("in the background");
        finish();
        ok(strstr(errors, cases[i][1]) != NULL, "the error is printed: %.120s", errors);
    }
    ok(says("(function() run.rho = 1 run:step() return run:last().rho end)()", "1\n"),
       "after the errors the run continues with a number");
}

static void test_others(void)
{
    run("other = ip.run{ data = data, net = { 784, 5, 10 }, batch = 100, "
        "rho = function(k, rho) return rho + 1 end } "
        "run.rho = function() return other:step().rho end");
    ok(says("run:step(2).rho, other.iteration", "3\t2\n"),
       "a function can step another run, which also has a function");
    run("run.rho = function() return coroutine.wrap(function() return other:step().rho end)() end");
    ok(says("run:step(2).rho, other.iteration", "5\t4\n"),
       "a function can do so in a coroutine, where it cannot yield");
    run("n = 0 run:on('iteration', function(m) n = n + other:step().iteration end)");
    ok(says("(function() run:step(1) return n end)()", "6\n"),
       "a callback can step the other run, too");
    run("run:on('iteration', nil)");
    ok(says("(function() run:switch('adam') run:step(2) local a = other.iteration "
            "run:switch('ipdlam') run:step(1) return other.iteration - a end)()",
            "1\n"),
       "the function of rho is not called by an optimizer");
    run("run.rho_schedule = 'constant' run.rho_schedule = 'function'");
    ok(says("(function() local a = other.iteration run:step(1) return other.iteration - a end)()",
            "1\n"),
       "rho_schedule = function uses the last function again");
}

/* A callback is a task: the prompt works meanwhile, and C-c ends the callback and pauses the run. */
static void test_callbacks(void)
{
    run("run = ip.run{ data = data, net = { 784, 5, 10 }, batch = 100 } calls = 0 "
        "spare = ip.run{ data = data, net = { 784, 5, 10 }, batch = 100 } "
        "run:on('batch', function() calls = calls + 1 while not done do end end)");
    begin("run:start()");
    until_called();
    begin("6 * 7, spare:step().iteration, run.status");
    for (int i = 0; i < 10000 && !strstr(results, "42") && !*errors; i++)
        ipd_lua_step(lua, 2);
    ok(strstr(results, "42\t1\trunning\n") != NULL,
       "the prompt and other runs continue beside an endless callback: %s", results);
    ipd_lua_interrupt(lua);
    until_paused("C-c ends it, and the run pauses");
    finish();
    ok(strstr(errors, "in a callback on \"batch\"") != NULL,
       "the interrupt of a callback is printed: %s", errors);
    run("done = true");
    ok(says("run:step().iteration, calls", "1\t2\n"), "an interrupted callback is called again");
    run("run:on('batch', nil) calls = 0 run:on('iteration', function() error('odd') end)");
    begin("run:start()");
    for (int i = 0; i < 10000 && !*errors; i++)
        if (ipd_lua_step(lua, 2) != IPD_LUA_BUSY && !*errors)
            wait_for_news();
    until_paused("an error in the background pauses the run");
    ok(strstr(errors, "odd") != NULL && strstr(errors, "pauses)") != NULL,
       "an error in the background is printed");
    run("run:on('iteration', function() calls = calls + 1 while true do end end)"
        "run:on('iteration', nil)"
        "run:on('iteration', function() calls = calls + 1 while true do end end)");
    begin("run:start()");
    until_called();
    begin("run:close()");
    for (int i = 0; i < 50; i++)
        ipd_lua_step(lua, 2);
    ipd_lua_interrupt(lua);
    finish();
    ok(says("run.status", "closed\n"), "a run can be closed while its callback runs");
    run("run = ip.run{ data = data, net = { 784, 5, 10 }, batch = 100 }");
}

static void test_ends(void)
{
    run("calls = 0 run.rho = function() calls = calls + 1 return other:step(1e9).rho end");
    begin("run:start()");
    until_called();
    run("run:close() other:pause()");
    ok(says("run.status, other.status", "closed\tpaused\n"),
       "a run can be closed while it waits for a function that waits for another run");
    run("run = ip.run{ data = data, net = { 784, 5, 10 }, batch = 100 } "
        "run.rho = function() run:close() return 1 end");
    begin("run:step()");
    finish();
    ok(strstr(errors, "closed") != NULL, "a run can be closed by its own function");
    run("do local own = ip.run{ data = data, net = { 784, 5, 10 }, batch = 100, name = 'own' } "
        "own.rho = function() return own.iteration + 1 end own:step(2) end");
    run("ip.run{ data = data, net = { 784, 5, 10 } }:close()"); /* waits until the run is parked */
    ok(says("ip.living('own').parked", "true\n"),
       "a function that holds its run does not keep it in memory");
    ok(says("ip.living('own'):step().rho", "3\n"), "a run that was parked has its function again");
    run("run = ip.run{ data = data, net = { 784, 5, 10 }, batch = 100 } calls = 0 "
        "run.rho = function() calls = calls + 1 while true do end end");
    begin("run:start()");
    until_called();
}

int main(void)
{
    ipd_error e;
    if (!ok(ipd_lua_open(&lua, &host, &e) == 0, "the interpreter opens"))
        return done();
    run("data = ip.dataset('digits', { train = 200, test = 50 }) "
        "run = ip.run{ data = data, net = { 784, 5, 10 }, batch = 100 }");
    test_slow();
    test_endless();
    test_errors();
    test_others();
    test_callbacks();
    test_ends();
    ipd_lua_close(lua); /* while a function is at work */
    ok(1, "the interpreter closes");
    return done();
}
