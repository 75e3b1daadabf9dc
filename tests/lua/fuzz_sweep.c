/* fuzz_sweep.c - arbitrary bytes as the state of a sweep, OUTPUT.state.
 *
 * A state that can be read is shown, as a table, CSV and JSON, and written: what was written must read back, and be
 * written the same again. libFuzzer sees through its extra counters which lines of Lua follow each other.
 */
#include "lua/core/host.h"
#include "lua/core/internal.h"
#include "tests/fuzz.h"

#include <lauxlib.h>

/* Called with the table that the embedded files share and the path of a file. Returns the function
 * that runs per input; it returns true if the state could be read. shared.read_file reads this file
 * in place of "fuzz.state"; files that are written stay in memory. */
static const char script[] =
    "local shared, path = ...\n"
    "local tables, states, read, written = shared.sweep_table, shared.sweep_state, "
    "shared.read_file, {}\n"
    "shared.read_file = function(name)\n"
    "  local text, message = read(name == 'fuzz.state' and path or name)\n"
    "  return text, message and message:gsub(path, name)\n"
    "end\n"
    "shared.write_file = function(name, text) written[name] = text; return true end\n"
    "local function begin(state)\n"
    "  states.begin('fuzz.state', state.plan, state.done)\n"
    "  local file <close> = io.open(path, 'wb')\n"
    "  file:write(written['fuzz.state'])\n"
    "  return (written['fuzz.state']:gsub('%-0%f[\\t\\n]', '0'))\n" /* -0 reads as the integer 0 */
    "end\n"
    "return function()\n"
    "  local good, sweep = pcall(shared.ip.sweep, { output = 'fuzz', only_done = true, quiet = "
    "true })\n"
    "  if not good then\n"
    "    assert(sweep:find('^fuzz%.state') and not sweep:find('\\n'), sweep)\n"
    "    return\n"
    "  end\n"
    "  local shown = tostring(sweep):gsub('\\n', '')\n"
    "  assert(utf8.len(shown) and not shown:find('%c'))\n"
    "  tables.json(sweep, 'fuzz')\n"
    "  tables.write_csv('fuzz', sweep)\n"
    "  tables.text(sweep, 40, 3)\n"
    "  local state = states.read('fuzz.state')\n"
    "  local text = begin(state)\n"
    "  local again = states.read('fuzz.state')\n"
    "  assert(not again.torn and #again.plan == #state.plan)\n"
    "  assert(begin(again) == text)\n"
    "  for i, run in ipairs(again.plan) do\n"
    "    local a, b = state.done[state.plan[i].key], again.done[run.key]\n"
    "    assert(a == b or #a.records == #b.records)\n"
    "  end\n"
    "  return true\n"
    "end\n";

#ifdef IPD_LIBFUZZER
static uint8_t counters[1 << 14] __attribute__((section("__libfuzzer_extra_counters")));

static void on_line(lua_State *L, lua_Debug *at)
{
    static size_t before;
    lua_getinfo(L, "S", at);
    size_t now = (size_t)at->currentline * 31 + at->srclen * 7919;
    counters[(now ^ before << 5) % sizeof counters]++;
    before = now;
}
#endif

static lua_State *open_state(void)
{
    static const ipd_lua_host host = {0};
    static ipd_lua *lua; /* kept, so that nothing is reported as leaked */
    ipd_error e;
    fuzz_check(!ipd_lua_open(&lua, &host, &e));
    lua_State *L = ipd_lua_state(lua);
    fuzz_check(!luaL_loadstring(L, script));
    lua_getfield(L, LUA_REGISTRYINDEX, "ipdlam.prelude");
    lua_pushstring(L, fuzz_file(NULL, 0));
    lua_call(L, 2, 1);
#ifdef IPD_LIBFUZZER
    lua_sethook(L, on_line, LUA_MASKLINE, 0);
#endif
    return L;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    static lua_State *L;
    if (!L)
        L = open_state();
    fuzz_file(bytes, length);
    lua_pushvalue(L, -1);
    if (lua_pcall(L, 0, 1, 0)) {
        fprintf(stderr, "%s\n", lua_tostring(L, -1));
        abort();
    }
    fuzz_taken += (size_t)lua_toboolean(L, -1);
    lua_pop(L, 1);
    return 0;
}

FUZZ_MAIN("tests/lua/corpus_sweep", "\t\t\n\n=-.0123456789eEinfaplrud", 400, 8)
