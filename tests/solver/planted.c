/* planted.c - what the audit says of this solver; planted.t links it with one that is wrong.
 *
 * Small problems with both sides of every choice, in full batch and in mini-batches. Prints the worst
 * residual and rise in units of what rounding explains, how many blocks have a finding, and the
 * first; exit code 1 where there is one. The method is ipdlam, or the one that is named.
 */
#include "optim/methods.h"
#include "tests/solver/problem.h"

enum { ITERATIONS = 6 };

int main(int argc, char **argv)
{
    static const size_t widths[][4] = {{6, 7, 5, 3}, {30, 9, 12, 3}, {5, 8, 4, 2}, {9, 14, 6, 4}};
    const ipd_method *method = argc > 1 ? ipd_method_find(argv[1]) : &ipd_method_ipdlam;
    double findings = 0, worst = 0;
    char first[IPD_FINDING_TEXT] = "";
    ipd_record record;
    ipd_random r;
    ipd_unit unit;
    ipd_error e;
    ipd_random_seed(&r, 5, 1);
    if (ipd_threads_set(1, &e))
        fatal(&e);
    for (int i = 0; i < 16; i++) {
        problem p;
        make_problem(&p, &r, 3, widths[i % 4], 24, "relu");
        if (ipd_method_order(&ipd_method_ipdlam, &p.par.order,
                             i / 4 % 2 ? "increase" : "nested_reverse", 3, &e))
            fatal(&e);
        p.par.batch = i < 8 ? 0 : 8;
        p.par.inner = 2;
        p.par.audit = 1;
        if (method == &ipd_method_relaxed_am)
            settle_relaxed(NULL, &p.par, &r);
        void *state = method->open(method, &p.problem, &p.net, &p.par, &e);
        if (!state)
            fatal(&e);
        for (int k = 0; k < ITERATIONS; k++) {
            do {
                if (method->advance(state, &unit, &e))
                    fatal(&e);
            } while (!unit.iteration_done && !unit.not_finite);
            if (unit.not_finite)
                break;
            if (method->finish(state, &record, &e))
                fatal(&e);
            findings += record.audit_findings;
            worst = fmax(worst, fmax(record.audit_rise, record.audit_residual));
            if (!*first)
                memcpy(first, record.audit_where, sizeof first);
        }
        method->close(state);
        free_problem(&p);
    }
    printf("%.3g %.0f %s\n", worst, findings, first);
    return findings > 0;
}
