/* verify.c - `ipdlam verify`: checks the solver against reference cases. */
#include "base/parallel.h"
#include "check/reference.h"
#include "cli/cli.h"
#include "cli/json_output.h"
#include "cli/options.h"
#include "format/export.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

struct verify {
    double tolerance;
    const char *method;
    long threads;
    ipd_json_output json;
};

static void print_json(const char *file, const ipd_reference_result *r, int passed,
                       const char *error)
{
    printf("{\"file\": ");
    ipd_json_string(stdout, file);
    printf(", \"passed\": %s, \"deviation\": ", passed ? "true" : "false");
    ipd_json_number(stdout, error ? NAN : r->deviation);
    printf(", \"where\": ");
    ipd_json_string(stdout, r->where);
    printf(", \"values\": %ld, \"iterations\": %d, \"error\": ", r->values, r->iterations);
    if (error)
        ipd_json_string(stdout, error);
    else
        printf("null");
    printf("}");
}

/* Runs one case and prints its line. Returns 1 if it passed. */
static int verify_file(struct verify *v, const char *file, int width)
{
    ipd_reference_result r;
    ipd_error e;
    int failed = ipd_reference_verify(file, v->method, &r, &e);
    int passed = !failed && r.deviation <= v->tolerance;
    ipd_json_item(&v->json);
    if (ipd_json_asked(&v->json))
        print_json(file, &r, passed, failed ? e.text : NULL);
    ipd_json_end_item(&v->json);
    if (failed)
        ipd_cli_error("verify", &e);
    else if (!ipd_json_asked(&v->json))
        printf("%-4s  %-*s  %.1e  %s%s\n", passed ? "ok" : "FAIL", width, file, r.deviation,
               *r.where ? "at " : "", r.where);
    fflush(stdout);
    return passed;
}

int ipd_cli_verify(int argc, char **argv)
{
    struct verify v = {.tolerance = 1e-4};
    int files = 0, passed = 0, width = 0;
    const ipd_option table[] = {
        IPD_OPTION_IN("tolerance", "X", &v.tolerance, 0, 1e300,
                      "largest permitted deviation (default 1e-4)"),
        IPD_OPTION("method", "NAME", &v.method,
                   "check this method, or the one in this file, instead of the case's"),
        IPD_OPTION_THREADS(&v.threads),
        IPD_OPTION_JSON_PER(v.json, "file"),
        {0}};
    const ipd_options options = {
        .name = "verify",
        .usage = " [OPTION...] FILE...\n\nRuns reference cases and prints the largest "
                 "deviation |x - x*| / (1 + |x*|) of each,\nover every variable after every "
                 "iteration and every value of the record.",
        .after =
            "Exit codes: 0 all within the tolerance, 1 not, 2 wrong usage. See ipdlam-verify(1).",
        .table = table,
        .operands = &files};
    ipd_error e;
    int code = ipd_options_parse(&options, argc, argv);
    if (code >= 0)
        return code;
    if (!files)
        code = ipd_fail(&e, IPD_EUSAGE, "name the files of reference cases: ipdlam verify FILE...");
    else
        code = ipd_threads_set((int)v.threads, &e);
    if (code)
        return ipd_cli_error("verify", &e);
    for (int i = 1; i <= files; i++)
        if ((int)strlen(argv[i]) > width)
            width = (int)strlen(argv[i]);
    ipd_json_begin(&v.json);
    for (int i = 1; i <= files; i++)
        passed += verify_file(&v, argv[i], width > 60 ? 60 : width);
    ipd_json_close(&v.json);
    if (!ipd_json_asked(&v.json))
        printf("%d of %d within %g\n", passed, files, v.tolerance);
    return passed == files ? IPD_EXIT_DONE : IPD_EXIT_FAILED;
}
