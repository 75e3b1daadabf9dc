/* test_kept.c - tokens of Lua, and globals of the prompt that the next session has again. */
#include "lua/core/host.h"
#include "lua/tokens.h"
#include "tests/lua/printed.h"
#include "tests/tap.h"

#include <stdlib.h>
#include <string.h>

static const ipd_lua_host host = {.result = on_result, .error = on_error, .numbered = 1};

static void run(ipd_lua *lua, const char *text)
{
    ipd_error e;
    results[0] = errors[0] = 0;
    if (ipd_lua_submit(lua, text, NULL, &e))
        keep(errors, e.text);
    while (ipd_lua_step(lua, 10) != IPD_LUA_IDLE)
        continue;
}

static void gives(ipd_lua *lua, const char *text, const char *expected)
{
    run(lua, text);
    const char *value = strchr(results, '=');
    if (!ok(value && !strncmp(value + 2, expected, strlen(expected)), "%s is %s", text, expected))
        printf("# it is %s%s", results, errors);
}

/* The tokens of a text: the first letter of each kind, with their lengths. */
static void is_cut(const char *text, const char *expected)
{
    static const char letters[] = "_nkdscol.";
    char cut[256];
    size_t n = 0, length;
    ipd_token kind;
    for (size_t at = 0; (length = ipd_token_at(text, strlen(text), at, &kind)); at += length)
        n += (size_t)snprintf(cut + n, sizeof cut - n, "%c%zu", letters[kind], length);
    if (!ok(!strcmp(cut, expected), "a text is cut into %s", expected))
        printf("# it is %s\n", cut);
}

static void test_tokens(void)
{
    is_cut("local x=1", "k5_1n1.1d1");
    is_cut("f(a.b[2])", "n1o1n1.1n1o1d1l1l1");
    is_cut("'a\\'b'..\"c", "s6.2s2");
    is_cut("'a\\\nb' 'c\nd", "s6_1s2_1n1");
    is_cut("[==[a]]\n]=]]==] --[[b\n]]--c\nd", "s15_1c8c3_1n1");
    is_cut("0x1p-3 1e+5 .5 x..3", "d6_1d4_1d2_1n1.2d1");
    is_cut("a//b ... ~= \xc3\xa4", "n1.2n1_1.3_1.2_1.1.1");
    is_cut("[=x --[=x", "o1.1n1_1c5");
}

static ipd_lua *open_session(void)
{
    ipd_lua *lua;
    ipd_error e;
    if (!ok(ipd_lua_open(&lua, &host, &e) == 0, "an interpreter opens"))
        exit(done());
    return lua;
}

/* What a session leaves is set in a new one, and what that one leaves again. */
static ipd_lua *next_session(ipd_lua *lua, char **lost)
{
    size_t size;
    char *text = ipd_lua_keep_globals(lua, &size), *set;
    ipd_error e;
    ipd_lua_close(lua);
    lua = open_session();
    ipd_lua_begin_globals(lua);
    ok(!ipd_lua_restore_globals(lua, text, size, &set, lost, &e), "the globals are set");
    free(set);
    free(text);
    return lua;
}

static void test_functions(void)
{
    char *lost;
    ipd_lua *lua = open_session();
    ipd_lua_begin_globals(lua);
    run(lua, "count = 0; function add(n)\n  -- end\n  if n then count = count + n end\nend add(5)");
    run(lua, "one = function() return 1 end two = function() return 2 end");
    run(lua, "M = { name = 'm', list = { 1, 2.5, true } } function M:get(k) return self[k] end "
             "function M.no() return 'end' end");
    run(lua, "local up = 1 function closure() return up end third = one");
    run(lua, "made = load('return function() end')() log = print; line = coroutine.create(add)");
    run(lua,
        "big = math.mininteger; f = 0.1; inf, nan = -1/0, 0/0; s = 'a\\0]]\\n'; text = '=1:x'");
    run(lua, "loop = {}; loop.loop = loop; meta = setmetatable({}, {}); nothing = nil");
    for (int i = 0; i < 2; i++) {
        lua = next_session(lua, &lost);
        gives(lua, "count", "5");
        gives(lua, "add(2) or count", "7");
        run(lua, "count = 5");
        gives(lua, "one() * 10 + two()", "12");
        gives(lua, "third()", "1");
        gives(lua, "M:get('name') .. M.no() .. #M.list", "mend3");
        gives(lua, "math.type(M.list[1]) == 'integer' and M.list[2] + 0", "2.5");
        gives(lua, "M.list[3]", "true");
        gives(lua, "big == math.mininteger and math.type(big)", "integer");
        gives(lua, "f == 0.1 and inf == -1/0 and nan ~= nan", "true");
        gives(lua, "#s == 5 and s == 'a\\0]]\\n' and text", "=1:x");
        gives(lua, "tostring(closure) .. tostring(made) .. tostring(log)", "nilnilnil");
        gives(lua, "type(loop) .. tostring(loop.loop)", "tablenil");
        if (i == 0 &&
            !ok(lost &&
                    !strcmp(lost,
                            "not kept from the last session: closure uses the local variable up; "
                            "line is a coroutine; log is a built-in function; "
                            "loop.loop is a table in two places; made is from [string \"return "
                            "function() end\"]"
                            "; and meta has a metatable"),
                "what cannot be kept is named with its reason"))
            printf("# %s\n", lost);
        free(lost);
    }
    run(lua, "add('x')");
    if (!ok(strstr(errors, "prompt[add]:3:") != NULL,
            "messages name a function of the last session"))
        printf("# %s\n", errors);
    ipd_lua_close(lua);
}

/* A damaged text is refused as a whole, and no text runs code. */
static void test_damage(void)
{
    static const char *const hostile[] = {"=1:xf28:function()end,setmark(),1+1",
                                          "=1:xf35:(function() mark = 1 end)() or print",
                                          "=1:xf31:function() end,(function()end)()",
                                          "=1:xf9:function()",
                                          "=1:xi1.5;",
                                          "=1:xn1;",
                                          "=1:x{i1;",
                                          "=1:x{{}i1;}",
                                          "=1:x{n-nan;T}",
                                          "=9:x",
                                          "x",
                                          "=1:xs99999999999999999999:a",
                                          "-5:a"};
    ipd_lua *lua = open_session();
    size_t size;
    char *set, *lost;
    ipd_error e;
    ipd_lua_begin_globals(lua);
    run(lua, "function f(x) return { x } end t = { 1, { a = 'b' } } n = 1.5");
    char *text = ipd_lua_keep_globals(lua, &size);
    ipd_lua_close(lua);
    lua = open_session();
    int taken = 0, broken = 0;
    for (size_t n = 0; n < size; n++) {
        int failed = ipd_lua_restore_globals(lua, text, n, &set, &lost, &e);
        broken += failed != 0;
        taken += !failed;
        free(set);
        free(lost);
    }
    ok(broken > 50 && taken < 5, "a text that is cut is refused, unless it ends behind a global");
    run(lua, "f, t, n, mark = nil; function setmark() mark = 1 end");
    for (size_t i = 0; i < sizeof hostile / sizeof *hostile; i++)
        ok(ipd_lua_restore_globals(lua, hostile[i], strlen(hostile[i]), &set, &lost, &e) != 0 &&
               !set && !lost,
           "%s is refused", hostile[i]);
    gives(lua, "tostring(mark) .. tostring(x)", "nilnil");
    free(text);
    ipd_lua_close(lua);
}

int main(void)
{
    test_tokens();
    test_functions();
    test_damage();
    return done();
}
