/* test_script_check.c - a generated script is literals and known calls; anything else is refused. */
#include "report/script_check.h"
#include "tests/tap.h"

#include <string.h>

static const char good[] =
    "-- Written by ipdlam; os.execute('x') in a comment is none\n"
    "local ip = require \"ipdlam\"\n\n"
    "local data2 = assert(ip.dataset(\"a \\\"folder\\\" )) os.exit()\", { train = 60, test = 20, "
    "seed = 1 }))\n"
    "assert(data2.checksum == \"2c4c\",\n  \"the data are not those of the run\")\n"
    "local run2 = assert(ip.run {\n  name = \"run 1\", data = data2, net = { 784, 5, 10 },\n"
    "  preset = \"default\", delta = 1e-3, alpha = -0.5, shuffle = true, order = \"z2 W2 a1 z1 "
    "W1\",\n})\n"
    "assert(run2:step_to { iteration = 3, batch = 2, block = \"z2\" })\n"
    "assert(run2:set { delta = 0.3 })\n"
    "assert(run2:switch(\"adam\", { lr = 1e+30 }))\n"
    "print(run2:last() or run2)\n"
    "assert(run2:set { rho = (...) })\n"
    "return run2\n";

/* Values that a hostile history might contain to inject code. */
static const char *const bad[] = {"1 })); os.execute(\"touch x\") --",
                                  "1 } os.exit()",
                                  "(function() end)()",
                                  "io.open(\"x\")",
                                  "load(\"x\")(1)..run",
                                  "[[x]]",
                                  "\"x\" .. y",
                                  "--[[ ]]",
                                  "_G",
                                  "x[1]",
                                  "string.rep",
                                  "0x10",
                                  "\"no end",
                                  "1; x = 2",
                                  "require \"os\"",
                                  "#data",
                                  "~1",
                                  "function"};

int main(void)
{
    ipd_error e;
    char text[2048];
    ok(!ipd_script_check(good, &e), "a generated script passes");
    const char *value = strstr(good, "0.3 }"), *line = strstr(good, "assert(run2:set { delta");
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        snprintf(text, sizeof text, "%.*s%s%s", (int)(value - good), good, bad[i], value + 3);
        ok(ipd_script_check(text, &e) && strstr(e.text, "line "), "a hostile value is refused: %s",
           bad[i]);
        snprintf(text, sizeof text, "%.*s%s\n%s", (int)(line - good), good, bad[i], line);
        ok(ipd_script_check(text, &e), "a hostile line is refused: %s", bad[i]);
    }
    ok(ipd_script_check("x = 1", &e) && ipd_script_check("local os = ip", &e) &&
           ipd_script_check("os()", &e) && ipd_script_check("ip.os.exit()", &e),
       "names are assigned only with local, and only known functions are called");
    return done();
}
