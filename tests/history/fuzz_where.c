/* fuzz_where.c - any text at all as a condition of runs, and as names to sort by. */
#include "history/private.h"
#include "history/query.h"
#include "tests/fuzz.h"

enum { RUNS = 4 };

static char folder[] = "/tmp/ipdlam-fuzz-XXXXXX", path[64];

static void clean_up(void)
{
    static const char *const endings[] = {"", "-wal", "-shm"};
    char name[80];
    for (int i = 0; i < 3; i++) {
        snprintf(name, sizeof name, "%s%s", path, endings[i]);
        unlink(name);
    }
    rmdir(folder);
}

static ipd_history *make_history(void)
{
    const size_t widths[] = {4, 3};
    const ipd_dataset data = {.name = "none"};
    ipd_settings settings;
    ipd_record record;
    ipd_history *h;
    long id;
    ipd_settings_init(&settings);
    fuzz_check(mkdtemp(folder) != NULL);
    snprintf(path, sizeof path, "%s/runs.db", folder);
    atexit(clean_up);
    fuzz_check(!ipd_history_open(&h, path, 1, NULL));
    for (int i = 0; i < RUNS; i++) {
        const ipd_history_new run = {.name = i % 2 ? "odd" : "it's",
                                     .settings = &settings,
                                     .data = &data,
                                     .L = 1,
                                     .widths = widths};
        settings.delta = i + 0.5;
        ipd_record_init(&record, 1);
        record.iteration = 1;
        record.phi = i;
        fuzz_check(!ipd_history_begin(h, &id, &run, NULL) &&
                   !ipd_history_record(h, id, &record, 1, NULL) &&
                   (i || !ipd_history_tag(h, id, "good", 0, NULL)));
    }
    return h;
}

static int count_run(void *context, const ipd_history_run *run)
{
    fuzz_check(run->id > 0);
    return ++*(int *)context > RUNS;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    static ipd_history *h;
    static int changes;
    if (!h) {
        h = make_history();
        changes = sqlite3_total_changes(h->db);
    }
    char *text = fuzz_text(bytes, length);
    for (int i = 0; i < 2; i++) {
        ipd_error e = {0};
        int count = 0;
        const ipd_history_query query = {.where = i ? NULL : text, .sort = i ? text : NULL};
        int failed = ipd_history_select(h, &query, count_run, &count, &e);
        if (failed)
            fuzz_check_error(&e, "\"");
        fuzz_taken += !failed;
        fuzz_check((!failed || e.code == IPD_EUSAGE) && count <= RUNS &&
                   sqlite3_total_changes(h->db) == changes && sqlite3_get_autocommit(h->db));
    }
    free(text);
    return 0;
}

FUZZ_MAIN("tests/history/corpus_where", "()'\"%~=<>!,.-+*/ 019eanotrid", 400, 10)
