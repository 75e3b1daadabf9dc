/* test_log.c - the log of a journal: what is added is read again to the bit, from memory and from an archive, and what is
 * damaged is refused.
 */
#include "run/time/log.h"
#include "tests/tap.h"

#include <stdio.h>
#include <string.h>

static ipd_error e;

static void add(ipd_journal *j, ipd_log_kind kind, const char *word, const char *const *pairs)
{
    const ipd_place place = {(int)j->log.count + 1, 2, 3, 1, {IPD_W, 2}};
    ipd_change change = {0};
    for (; pairs && *pairs; pairs += 2)
        if (ipd_change_add(&change, pairs[0], pairs[1], &e))
            printf("# %s\n", e.text);
    j->units += 3;
    if (ipd_journal_add(j, &place, kind, word, pairs ? &change : NULL))
        printf("# not added\n");
}

/* An entry of each kind, with values of each kind of setting. */
static void cut(ipd_journal *j, size_t entries)
{
    while (j->log.count > entries)
        ipd_journal_withdraw(j);
}

static ipd_journal make(void)
{
    static const char *const numbers[] = {
        "delta",         "0.1",       "inertia", "0.30000000000000004",
        "metrics_every", "7",         "shuffle", "yes",
        "rho_schedule",  "1:1, 20:5", "order",   "z2 W2 z1 W1 a1",
        "freeze",        "none",      NULL};
    static const char *const rate[] = {"lr", "0.01", NULL}, *const nothing[] = {NULL};
    ipd_journal j = {0};
    add(&j, IPD_LOG_SET, NULL, numbers);
    add(&j, IPD_LOG_OTHER, "audit: block W2 is not at its minimum", NULL);
    add(&j, IPD_LOG_SWITCH, "adam", rate);
    add(&j, IPD_LOG_SWITCH, "ipdlam", nothing);
    add(&j, IPD_LOG_OTHER, "", NULL);
    add(&j, IPD_LOG_SET, NULL, rate);
    return j;
}

static int same_values(const ipd_change *a, const ipd_change *b)
{
    int same = a->count == b->count;
    for (int i = 0; i < a->count && same; i++) {
        const ipd_setting *s = a->items[i].setting;
        const ipd_value *x = &a->items[i].value, *y = &b->items[i].value;
        double u = ipd_setting_is_number(s) ? ipd_value_number(s, x) : 0;
        double v = ipd_setting_is_number(s) ? ipd_value_number(s, y) : 0;
        same = s == b->items[i].setting && !memcmp(&u, &v, sizeof u) &&
               (ipd_setting_is_number(s) || !strcmp(x->text, y->text));
    }
    return same;
}

static int same_logs(const ipd_journal *a, const ipd_journal *b)
{
    const ipd_journal_entry *x = a->log.items, *y = b->log.items;
    int same = a->log.count == b->log.count;
    for (size_t i = 0; i < a->log.count && same; i++) {
        ipd_change c, d;
        const char *v, *w;
        same = ipd_journal_read(a, i, &v, &c) == ipd_journal_read(b, i, &w, &d) && !strcmp(v, w) &&
               same_values(&c, &d) && x[i].number == i + 1 && x[i].parent == i &&
               x[i].number == y[i].number && x[i].parent == y[i].parent &&
               x[i].units == y[i].units && !memcmp(&x[i].place, &y[i].place, sizeof x->place);
    }
    return same;
}

static void memory(void)
{
    static const char *const shown[] = {
        ("set delta = 0.1, inertia = 0.30000000000000004, metrics_every = 7, shuffle = true, "
         "rho_schedule = 1:1,20:5, order = z2 W2 z1 W1 a1, freeze = none"),
        "audit: block W2 is not at its minimum",
        "switch adam: lr = 0.01",
        "switch ipdlam",
        "",
        "set lr = 0.01"};
    static const char *const late[] = {"order", "increase", "beta", "0.5", NULL};
    ipd_journal j = make(), k = make();
    for (size_t i = 0; i < j.log.count; i++) {
        ipd_log_entry entry = ipd_journal_show(&j, i);
        ok(!strcmp(entry.text, shown[i]) && entry.place.iteration == (int)i + 1,
           "the text of an entry: %s", entry.text);
    }
    cut(&j, 2);
    j.units = k.units = 9;
    add(&j, IPD_LOG_SET, NULL, late);
    ok(!strcmp(ipd_journal_show(&j, 2).text, "set order = increase, beta = 0.5") &&
           ((const ipd_journal_entry *)j.log.items)[2].parent == 2,
       "after a cut the next entry follows the last one that is left");
    cut(&j, 2);
    cut(&k, 2);
    ok(same_logs(&j, &k) && j.numbers.count == k.numbers.count && j.text.count == k.text.count,
       "a cut removes all values of the entries");
    ipd_journal_free(&j);
    ipd_journal_free(&k);
}

static ipd_archive *archive(ipd_journal *j)
{
    ipd_archive *ar = ipd_archive_new(&e);
    ipd_journal_transfer(ar, j, "x");
    ipd_archive_rewind(ar);
    return ar;
}

/* Changes one number or byte; the error must contain `says`. */
static void refuses(const char *name, size_t at, double number, const char *says)
{
    ipd_journal j = make(), k = {0};
    ipd_archive *ar = archive(&j);
    const ipd_entry *x = ipd_archive_find(ar, name);
    if (x->dtype == IPD_I64)
        ((int64_t *)x->data)[at] = (int64_t)number;
    else if (x->dtype == IPD_F64)
        ((double *)x->data)[at] = number;
    else
        ((char *)x->data)[at] = (char)number;
    ipd_journal_transfer(ar, &k, "x");
    ok(ipd_archive_result(ar, &e) && strstr(e.text, says), "%s, %zu: %s", name, at, e.text);
    ipd_archive_free(ar);
    ipd_journal_free(&j);
    ipd_journal_free(&k);
}

static void archives(void)
{
    ipd_journal j = make(), k = {0}, none = {0}, empty = {0};
    ipd_archive *ar = archive(&j);
    size_t end = ipd_archive_find(ar, "x.text")->bytes - 1;
    ipd_journal_transfer(ar, &k, "x");
    ok(!ipd_archive_result(ar, &e) && same_logs(&j, &k),
       "a log that is written and read has the same values");
    ipd_archive_free(ar);
    ar = archive(&none);
    ipd_journal_transfer(ar, &empty, "x");
    ok(!ipd_archive_result(ar, &e) && !empty.log.count, "the same for an empty log");
    ipd_archive_free(ar);
    ipd_journal_free(&j);
    ipd_journal_free(&k);
    ipd_journal_free(&empty);
    refuses("x.entries", 0, 2, "entry 1 of x");
    refuses("x.entries", 12, 2, "entry 2 of x");
    refuses("x.entries", 13, 0, "entry 2 of x");
    refuses("x.entries", 7, 'X', "entry 1 of x");
    refuses("x.entries", 20, 3, "entry 2 of x");
    refuses("x.entries", 10, 17, "entry 1 of x");
    refuses("x.entries", 10, 6, "entry 3 of x");
    refuses("x.entries", 65, 0, "x in the data has values that belong to no entry");
    refuses("x.entries", 21, 1, "unknown setting");
    refuses("x.numbers", 0, 1e300, "delta = 1e+300 is out of range");
    refuses("x.numbers", 2, 1.5, "metrics_every = 1.5 is out of range");
    refuses("x.numbers", 3, 2, "shuffle = 2 is out of range");
    refuses("x.text", 0, 'k', "unknown setting 'kelta'");
    refuses("x.text", end, 'x', "has no end");
}

/* Version 1: places, and a line of text for each entry. */
static void old(void)
{
    int64_t places[21] = {0};
    char text[3000] = "";
    ipd_journal j = make(), k = {0};
    ipd_archive *ar = ipd_archive_new(&e);
    cut(&j, 3);
    const ipd_journal_entry *x = j.log.items;
    for (size_t i = 0; i < 3; i++) {
        const ipd_place *at = &x[i].place;
        const int64_t numbers[] = {(int64_t)x[i].units, at->iteration,  at->batch,      at->batches,
                                   at->sweep,           at->block.kind, at->block.layer};
        memcpy(places + 7 * i, numbers, sizeof numbers);
        strcat(strcat(text, ipd_journal_show(&j, i).text), "\n");
    }
    ipd_archive_ints(ar, places, 21, 0, 1000, "run.log.places");
    ipd_archive_text(ar, text, sizeof text, "run.log.text");
    ipd_archive_rewind(ar);
    ipd_journal_read_old(ar, &k, 3);
    ok(!ipd_archive_result(ar, &e) && same_logs(&j, &k), "a log of 0.1.0 has the same values");
    ipd_archive_free(ar);
    ipd_journal_free(&j);
    ipd_journal_free(&k);
}

int main(void)
{
    memory();
    archives();
    old();
    return done();
}
