/* schedule.c - see schedule.h. */
#include "solver/schedule.h"
#include "base/text.h"

#include <float.h>
#include <math.h>
#include <string.h>

static const double largest = 1e30; /* of rho, as in the table of settings */

const char *const *ipd_schedule_names(void)
{
    static const char *const names[] = {"constant", "anneal", "cosine", NULL};
    return names;
}

ipd_schedule_kind ipd_schedule_find(const char *name)
{
    int kind = IPD_SCHEDULE_COSINE;
    while (kind > IPD_SCHEDULE_CONSTANT && strcmp(name, ipd_schedule_names()[kind]))
        kind--;
    return (ipd_schedule_kind)kind;
}

double ipd_schedule_factor(ipd_schedule_kind kind, double u)
{
    const double hold = 0.3, last = 0.01, pi = 3.14159265358979323846;
    double fallen = fmin(fmax((u - hold) / (1 - hold), 0), 1);
    if (kind == IPD_SCHEDULE_COSINE)
        return (1 + cos(pi * fmin(u, 1))) / 2;
    return kind == IPD_SCHEDULE_ANNEAL ? 1 - (1 - last) * fallen : 1;
}

double ipd_schedule_done(int length, int k, int batch, int batches)
{
    return length > 0 ? ((k - 1.0) * batches + batch) / ((double)length * batches) : 0;
}

const char *const *ipd_rho_schedule_names(void)
{
    static const char *const names[] = {"geometric", "constant", "anneal", NULL};
    return names;
}

/* Parses one step "20:5"; changes the word. */
static int parse_step(ipd_rho_schedule *s, char *word, ipd_error *e)
{
    char *colon = strchr(word, ':');
    long from;
    double rho;
    if (!colon)
        return ipd_fail(e, IPD_EUSAGE,
                        "rho_schedule: '%.40s' is neither geometric, constant, anneal nor a step. "
                        "Write steps as ITERATION:RHO, such as 1:1,20:5",
                        word);
    *colon = 0;
    if (ipd_text_to_long(word, &from) || from < 1 || from > 1000000000)
        return ipd_fail(e, IPD_EUSAGE,
                        "rho_schedule: '%.40s' is not an iteration. The first step is at iteration "
                        "1 or later, such as 1:1,20:5",
                        word);
    if (ipd_text_to_double(colon + 1, &rho) || !(rho > 0 && rho <= largest))
        return ipd_fail(
            e, IPD_EUSAGE,
            "rho_schedule: '%.40s', from iteration %ld on, is not a penalty. Use more than 0 to %g",
            colon + 1, from, largest);
    if (s->count && from <= s->from[s->count - 1])
        return ipd_fail(e, IPD_EUSAGE,
                        "rho_schedule: iteration %ld does not come after iteration %d. Write the "
                        "steps in order, each iteration once",
                        from, s->from[s->count - 1]);
    if (s->count == IPD_MAX_RHO_STEPS)
        return ipd_fail(e, IPD_EUSAGE, "rho_schedule has more than %d steps. Use fewer",
                        IPD_MAX_RHO_STEPS);
    s->from[s->count] = (int)from;
    s->rho[s->count++] = rho;
    return 0;
}

int ipd_rho_schedule_parse(ipd_rho_schedule *s, const char *text, ipd_error *e)
{
    static const char separators[] = " ,\t\n";
    memset(s, 0, sizeof *s);
    for (int kind = 0; kind < IPD_RHO_PIECEWISE; kind++)
        if (!strcmp(text, ipd_rho_schedule_names()[kind])) {
            s->kind = kind;
            return 0;
        }
    if (!strcmp(text, "function")) {
        s->kind = IPD_RHO_ASKED;
        return 0;
    }
    s->kind = IPD_RHO_PIECEWISE;
    for (text += strspn(text, separators); *text; text += strspn(text, separators)) {
        char word[80];
        size_t n = strcspn(text, separators), kept = n < sizeof word ? n : sizeof word - 1;
        memcpy(word, text, kept);
        word[kept] = 0;
        if (parse_step(s, word, e))
            return -1;
        text += n;
    }
    if (s->count)
        return 0;
    return ipd_fail(
        e, IPD_EUSAGE,
        "rho_schedule is empty. Use geometric, constant, anneal, or steps such as 1:1,20:5");
}

double ipd_rho_at(const ipd_rho_schedule *s, int k, double rho)
{
    for (int i = 0; i < s->count && s->from[i] <= k; i++)
        rho = s->rho[i];
    return rho;
}

double ipd_rho_next(const ipd_rho_schedule *s, int k, double rho, double theta, double rho_max)
{
    if (s->kind != IPD_RHO_GEOMETRIC)
        return ipd_rho_at(s, k, rho);
    return fmax(fmin(theta * rho, rho_max), DBL_TRUE_MIN); /* theta < 1 would reach 0 by rounding */
}

double ipd_rho_in_force(const ipd_rho_schedule *s, double rho, double u)
{
    if (s->kind != IPD_RHO_ANNEAL)
        return rho;
    /* never below rho; 1 + rho forgets a small one */
    return fmax((1 + rho) / ipd_schedule_factor(IPD_SCHEDULE_ANNEAL, u) - 1, rho);
}
