/* test_files.c - records as CSV and JSON, weights as safetensors, the history of runs. */
#include "base/path.h"
#include "format/export.h"
#include "format/weights.h"
#include "history/history.h"
#include "tests/tap.h"

#include <jansson.h>
#include <math.h>
#include <sqlite3.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[] = "/tmp/ipdlam-test-XXXXXX", path[256];

static const char *in_folder(const char *name)
{
    snprintf(path, sizeof path, "%s/%s", folder, name);
    return path;
}

/* A record with distinct values, of which some are missing. */
static ipd_record make_record(int iteration, int L)
{
    ipd_record r;
    double next = iteration + 1.0 / 3;
    ipd_record_init(&r, L);
    for (const ipd_field *f = ipd_record_fields; f->name; f++) {
        double *values = (double *)(void *)((char *)&r + f->offset);
        for (int i = 0; f->kind == IPD_DOUBLE && i < ipd_field_count(f, L); i++)
            values[i + (f->extent == IPD_BY_LAYER || f->extent == IPD_BY_HIDDEN_LAYER)] = next *=
                1.37;
    }
    r.iteration = iteration;
    r.xi_proved = 1;
    r.xi = NAN;
    r.gram_rank[1] = NAN;
    for (int i = 0; i < IPD_MAX_METRICS; i++)
        sprintf(r.metric_names + strlen(r.metric_names), "metric%d ", i);
    strcpy(r.order, "nested_reverse");
    strcpy(r.method, "ipdlam");
    return r;
}

static void test_numbers(void)
{
    static const double values[] = {
        0, 0.1, 1.0 / 3, 1e-5, 6000, -2.5, 1e300, 5e-324, 123456789.123456789, INFINITY, 0.7f};
    char text[IPD_NUMBER_TEXT];
    int exact = 1;
    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        ipd_number_text(values[i], text);
        exact &= strtod(text, NULL) == values[i];
    }
    ok(exact, "numbers read back to the same bits");
    ipd_number_text(0.7, text);
    ok(!strcmp(text, "0.7"), "numbers are as short as possible");
}

static void test_export(void)
{
    char *header = NULL, *line = NULL, *json = NULL;
    size_t size;
    ipd_record r = make_record(3, 3);
    FILE *f = open_memstream(&header, &size);
    ipd_csv_header(f, 3, "");
    fclose(f);
    f = open_memstream(&line, &size);
    ipd_csv_record(f, &r, "");
    fclose(f);
    f = open_memstream(&json, &size);
    ipd_json_record(f, &r);
    fclose(f);
    int commas = 0, other = 0;
    for (const char *c = header; *c; c++)
        commas += *c == ',';
    for (const char *c = line; *c; c++)
        other += *c == ',';
    ok(commas == other, "header and record have the same columns");
    ok(strstr(header, ",linear_gap_1,") && strstr(header, ",change_W2,") &&
           strstr(header, ",seconds_z1,") && strstr(header, ",activation_gap_2,") &&
           !strstr(header, "activation_gap_3") && !strstr(header, "change_a3"),
       "columns by layer and block exist only for existing layers and blocks");
    ok(strstr(line, ",,"), "missing values are empty in CSV");
    json_t *o = json_loads(json, JSON_REJECT_DUPLICATES, NULL);
    ok(o && json_is_null(json_object_get(o, "xi")) && json_is_true(json_object_get(o, "xi_proved")),
       "JSON: null and true");
    ok(json_array_size(json_object_get(o, "linear_gap_by_layer")) == 3 &&
           json_real_value(json_object_get(json_object_get(o, "change_by_block"), "a2")) ==
               r.change_by_block[7],
       "JSON: arrays by layer, objects by block");
    json_decref(o);
    free(header);
    free(line);
    free(json);
}

static void make_network(ipd_network *net)
{
    const size_t widths[] = {5, 4, 3};
    ipd_network_init(net, 2, widths, ipd_activation_find("identity"), ipd_loss_find("squared"),
                     NULL);
    ipd_network_randomize(net, 7, 0.5, 0.1);
}

static void test_weights(void)
{
    ipd_network net, back;
    ipd_error e;
    uint64_t header;
    float w12;
    make_network(&net);
    ok(ipd_weights_save(&net, in_folder("w.safetensors"), &e) == 0, "weights are saved");
    FILE *f = fopen(path, "rb");
    size_t got = fread(&header, 8, 1, f);
    fseek(f, (long)(8 + header + 4), SEEK_SET);
    got += fread(&w12, 4, 1, f);
    fclose(f);
    ok(got == 2 && header % 8 == 0 && w12 == net.W[1].data[net.d[1]],
       "row-major: W1(1, 2) comes second; tensors are aligned");
    ok(ipd_weights_load(&back, path, ipd_activation_find("relu"), ipd_loss_find("squared"), &e) ==
           0,
       "weights are loaded");
    int same = back.L == 2 && !memcmp(back.d, net.d, 3 * sizeof *net.d) &&
               back.sigma[1] == ipd_activation_find("identity");
    for (int l = 1; same && l <= 2; l++)
        same = !memcmp(back.W[l].data, net.W[l].data, net.d[l] * net.d[l - 1] * sizeof(float)) &&
               !memcmp(back.b[l].data, net.b[l].data, net.d[l] * sizeof(float));
    ok(same, "to the same bits, with the activation of the metadata");
    ipd_network_free(&back);
    ok(ipd_weights_save(&net, "/dev/null/w.safetensors", &e) && e.code == IPD_EIO,
       "a device in the place of a folder is an error: %s", e.text);
    ipd_network_free(&net);
}

/* Writes a file of `header` and `bytes` bytes of data and loads it. */
static int load(const char *header, size_t bytes, ipd_error *e)
{
    ipd_network net;
    uint64_t length = strlen(header);
    FILE *f = fopen(in_folder("hostile"), "wb");
    fwrite(&length, 8, 1, f);
    fwrite(header, 1, length, f);
    for (size_t i = 0; i < bytes; i++)
        fputc(0, f);
    fclose(f);
    int failed =
        ipd_weights_load(&net, path, ipd_activation_find("relu"), ipd_loss_find("squared"), e);
    ipd_network_free(&net);
    return failed;
}

#define T(name, shape, begin, end)                                                                 \
    "\"" name "\": {\"dtype\": \"F32\", \"shape\": " shape ", \"data_offsets\": [" begin ", " end  \
    "]}"

static void test_hostile_weights(void)
{
    static const struct {
        const char *header;
        size_t bytes;
        const char *sentence;
    } cases[] = {
        {"{" T("W1", "[2, 3]", "0", "24") ", " T("b1", "[2]", "24", "32") "}", 32, NULL},
        {"{" T("W1", "[2, 3]", "8", "32") ", " T("b1", "[2, 1]", "0", "8") "}", 32, NULL},
        {"[1, 2]", 0, "not a JSON object"},
        {"{\"W1\": ", 0, "not a JSON object"},
        {"{}", 0, "no tensor W1"},
        {"{" T("W1", "[2, 3]", "0", "24") "}", 24, "no tensor b1"},
        {"{" T("W2", "[2, 3]", "0", "24") ", " T("b2", "[2]", "24", "32") "}", 32, "no tensor W1"},
        {"{" T("W1", "[2, 3]", "0", "24") ", " T("b1", "[3]", "24", "36") "}", 36, "must be equal"},
        {"{" T("W1", "[2, 3]", "0", "24") ", " T("b1", "[2]", "16", "24") "}", 24, "overlap"},
        {"{" T("W1", "[2, 3]", "0", "24") ", " T("b1", "[2]", "28", "36") "}", 36, "gap"},
        {"{" T("W1", "[2, 3]", "0", "24") ", " T("b1", "[2]", "24", "32") "}", 40,
         "after the last"},
        {"{" T("W1", "[2, 3]", "0", "24") ", " T("b1", "[2]", "24", "32") "}", 31, "do not lie"},
        {"{" T("W1", "[2, 3]", "0", "20") ", " T("b1", "[2]", "20", "28") "}", 28,
         "the shape of W1 needs"},
        {"{" T("W1", "[2, 3]", "24", "0") ", " T("b1", "[2]", "24", "32") "}", 32, "do not lie"},
        {"{" T("W1", "[2, -3]", "0", "24") "}", 24, "out of range"},
        {"{" T("W1", "[0, 3]", "0", "0") "}", 0, "out of range"},
        {"{" T("W1", "[4294967296, 4294967296]", "0", "0") "}", 0, "out of range"},
        {"{" T("W1", "[16777216, 16777216]", "0", "0") "}", 0, "the shape of W1 needs"},
        {"{" T("W1", "[2, 3.5]", "0", "24") "}", 24, "out of range"},
        {"{" T("W1", "[6]", "0", "24") "}", 24, "shape of W1"},
        {"{" T("W1", "\"2, 3\"", "0", "24") "}", 24, "shape of W1"},
        {"{" T("W1", "[2, 3]", "-8", "16") "}", 24, "do not lie"},
        {"{" T("W1", "[2, 3]", "0", "18446744073709551615") "}", 24, "not a JSON object"},
        {"{\"W1\": {\"dtype\": \"BF16\", \"shape\": [2, 3], \"data_offsets\": [0, 12]}}", 12,
         "BF16"},
        {"{\"W1\": 5}", 0, "of type unknown"},
        {"{" T("W1", "[2, 3]", "0", "24") ", " T("W1", "[2, 3]", "0", "24") "}", 24,
         "not a JSON object"},
        {"{" T("fc.weight", "[2, 3]", "0", "24") "}", 24, "Name tensors W1"},
        {"{" T("W01", "[2, 3]", "0", "24") "}", 24, "Name tensors W1"},
        {"{" T("W33", "[2, 3]", "0", "24") "}", 24, "at most 32 layers"},
        {"{" T("W99999999999999999999", "[2, 3]", "0", "24") "}", 24, "layer"},
        {"{" T("W1", "[2, 3]", "0", "24") ", " T("b1", "[2]", "24", "32") ", " T(
             "W2", "[2, 3]", "32", "56") ", " T("b2", "[2]", "56", "64") "}",
         64, "must be equal"},
        {"{\"__metadata__\": {\"activation\": \"gelu\"}, " T("W1", "[2, 3]", "0", "24") ", " T(
             "b1", "[2]", "24", "32") "}",
         32, "gelu"},
        {"{\"__metadata__\": {\"format\": \"ipdlam\", \"loss\": \"huge\"}, " T(
             "W1", "[2, 3]", "0", "24") ", " T("b1", "[2]", "24", "32") "}",
         32, "huge"},
    };
    ipd_error e;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        int failed = load(cases[i].header, cases[i].bytes, &e);
        if (!cases[i].sentence)
            ok(!failed, "a good file, number %zu", i);
        else
            ok(failed && strstr(e.text, cases[i].sentence) && strstr(e.text, "/hostile: "), "%s",
               e.text);
    }
    char *deep = malloc(200001);
    memset(deep, '[', 200000);
    deep[200000] = 0;
    ok(load(deep, 0, &e) && strstr(e.text, "not a JSON object"),
       "a header of JSON nested 200000 deep");
    free(deep);
}

/* Files that are wrong outside their header. */
static void test_broken_weights(void)
{
    ipd_network net = {0}, back;
    ipd_error e;
    const uint64_t length = UINT64_MAX - 3;
    const ipd_activation *relu = ipd_activation_find("relu");
    const ipd_loss *squared = ipd_loss_find("squared");
    FILE *f = fopen(in_folder("broken"), "wb");
    fwrite(&length, 8, 1, f);
    fclose(f);
    ok(ipd_weights_load(&back, path, relu, squared, &e) && strstr(e.text, "length"), "%s", e.text);
    ok(truncate(path, 5) == 0 && ipd_weights_load(&back, path, relu, squared, &e) &&
           strstr(e.text, "too short"),
       "%s", e.text);
    ok(ipd_weights_load(&back, folder, relu, squared, &e), "a folder is not a file of weights: %s",
       e.text);
    make_network(&net);
    net.W[2].data[5] = NAN;
    ipd_weights_save(&net, in_folder("nan"), &e);
    ok(ipd_weights_load(&back, path, relu, squared, &e) &&
           strstr(e.text, "W2 holds a value that is not finite in float, in row 3, column 2"),
       "%s", e.text);
    ipd_network_free(&net);
}

struct seen {
    ipd_record records[4];
    ipd_history_run run;
    int records_seen, runs_seen, changes_seen;
    char change[64];
};

static int see_run(void *context, const ipd_history_run *run)
{
    struct seen *s = context;
    if (!s->runs_seen++)
        s->run = *run;
    return 0;
}

static int see_record(void *context, const ipd_record *record)
{
    struct seen *s = context;
    if (s->records_seen < 4)
        s->records[s->records_seen] = *record;
    s->records_seen++;
    return 0;
}

static int see_change(void *context, const ipd_place *place, const char *text)
{
    struct seen *s = context;
    s->changes_seen++;
    snprintf(s->change, sizeof s->change, "%d %d %c%d %s", place->iteration, place->batch,
             place->block.kind, place->block.layer, text);
    return 0;
}

/* A bit for bit comparison by the table; NaN equals NaN. */
static int same_record(const ipd_record *x, const ipd_record *y)
{
    for (const ipd_field *f = ipd_record_fields; f->name; f++)
        for (int i = 0; i < ipd_field_count(f, x->L); i++) {
            double a = ipd_field_value(f, x, i), b = ipd_field_value(f, y, i);
            if (f->kind == IPD_STRING ? strcmp(ipd_field_string(f, x), ipd_field_string(f, y)) != 0
                                      : !(a == b || (isnan(a) && isnan(b)))) {
                printf("# %s %d: %.17g and %.17g\n", f->name, i, a, b);
                return 0;
            }
        }
    return x->L == y->L;
}

static void test_history(void)
{
    ipd_history *h;
    ipd_error e;
    ipd_settings settings;
    static ipd_dataset data = {.name = "digits", .source = "generated, seed 1"};
    static struct seen seen;
    const size_t widths[] = {784, 20, 30, 10};
    const ipd_place place = {.iteration = 2, .batch = 3, .sweep = 1, .block = {'W', 2}};
    long first = 0, second = 0;
    ipd_settings_init(&settings);
    ok(ipd_history_open(&h, in_folder("none.db"), 0, &e) && e.code == IPD_ESTATE &&
           !ipd_path_exists(path),
       "reading makes no file: %s", e.text);
    if (!ok(ipd_history_open(&h, in_folder("deep/er/runs.db"), 1, &e) == 0, "a history is made"))
        return;
    ipd_history_new run = {
        .name = "one", .settings = &settings, .data = &data, .L = 3, .widths = widths};
    int failed = ipd_history_begin(h, &first, &run, &e);
    run.name = "two \"quoted\"";
    ok(!failed && !ipd_history_begin(h, &second, &run, &e) && first > 0 && second > first,
       "runs get increasing numbers");
    ipd_record r1 = make_record(1, 3), r2 = make_record(2, 3);
    ok(!ipd_history_record(h, second, &r1, 1, &e) && !ipd_history_record(h, second, &r2, 1, &e) &&
           !ipd_history_change(h, second, &place, "set delta = 0.3", 0, &e) &&
           !ipd_history_status(h, second, "finished", &e),
       "records, a change and a status are written");
    ok(ipd_history_record(h, 99, &r1, 1, &e) == -1, "a record of an unknown run is refused: %s",
       e.text);
    ipd_history_close(h);
    ok(!ipd_history_open(&h, path, 0, &e) && !ipd_history_runs(h, 0, see_run, &seen, &e) &&
           seen.runs_seen == 2 && seen.run.id == second,
       "runs are listed, newest first");
    ok(!strcmp(seen.run.status, "finished") && !strcmp(seen.run.name, "two \"quoted\"") &&
           seen.run.L == 3 && seen.run.widths[2] == 30 && seen.run.records == 2 &&
           seen.run.phi == r2.phi && strstr(seen.run.settings, "\"delta\": 1,"),
       "the list has the run's values");
    json_t *json = json_loads(seen.run.settings, JSON_REJECT_DUPLICATES, NULL);
    ok(json && json_is_boolean(json_object_get(json, "shuffle")), "settings are JSON");
    json_decref(json);
    ok(!ipd_history_records(h, second, see_record, &seen, &e) && seen.records_seen == 2 &&
           same_record(&seen.records[0], &r1) && same_record(&seen.records[1], &r2),
       "records come back to the same bits");
    ok(!ipd_history_changes(h, second, see_change, &seen, &e) &&
           !strcmp(seen.change, "2 3 W2 set delta = 0.3"),
       "the change is read with its place");
    ok(!ipd_history_find(h, first, &seen.run, &e) && !strcmp(seen.run.status, "running"),
       "the run of a living process is running");
    ok(ipd_history_find(h, 99, &seen.run, &e) && e.code == IPD_ESTATE, "%s", e.text);
    ipd_history_close(h);
}

static void sql(const char *file, const char *text)
{
    sqlite3 *db;
    sqlite3_open(file, &db);
    sqlite3_exec(db, text, NULL, NULL, NULL);
    sqlite3_close(db);
}

/* The file's bytes, summed. */
static unsigned long sum_of(const char *file)
{
    unsigned long sum = 0;
    int c;
    FILE *f = fopen(file, "rb");
    while (f && (c = fgetc(f)) != EOF)
        sum = sum * 31 + (unsigned)c;
    if (f)
        fclose(f);
    return sum;
}

static void test_other_databases(void)
{
    ipd_history *h;
    ipd_error e;
    static struct seen seen;
    ipd_history_open(&h, in_folder("old.db"), 1, &e);
    ipd_history_close(h);
    sql(path, "PRAGMA user_version = 1000; PRAGMA journal_mode = DELETE");
    unsigned long before = sum_of(path);
    ok(ipd_history_open(&h, path, 1, &e) && strstr(e.text, "newer") && sum_of(path) == before,
       "a newer schema is left untouched: %s", e.text);
    sql(in_folder("other.db"), "CREATE TABLE songs (title); PRAGMA user_version = 1");
    before = sum_of(path);
    ok(ipd_history_open(&h, path, 1, &e) && strstr(e.text, "another program") &&
           sum_of(path) == before,
       "%s", e.text);
    FILE *f = fopen(in_folder("noise.db"), "wb");
    for (int i = 0; i < 5000; i++)
        fputc(i * 7919 % 251, f);
    fclose(f);
    ok(ipd_history_open(&h, path, 1, &e), "%s", e.text);
    /* A program that measured less wrote this file. */
    ipd_history_open(&h, in_folder("less.db"), 1, &e);
    ipd_history_close(h);
    sql(path, "ALTER TABLE records DROP COLUMN forward_loss;"
              "ALTER TABLE records DROP COLUMN moved_W; ALTER TABLE records DROP COLUMN lr");
    ok(!ipd_history_open(&h, path, 0, &e) && ipd_history_records(h, 1, see_record, &seen, &e) &&
           e.code == IPD_ESTATE,
       "a missing column is no error for readers");
    ipd_history_close(h);
    const size_t widths[] = {2, 1};
    static ipd_dataset data = {.name = "d"};
    ipd_settings settings;
    ipd_record r = make_record(1, 1);
    long id = 0;
    ipd_settings_init(&settings);
    const ipd_history_new run = {.settings = &settings, .data = &data, .L = 1, .widths = widths};
    ok(!ipd_history_open(&h, path, 1, &e) && !ipd_history_begin(h, &id, &run, &e) &&
           !ipd_history_record(h, id, &r, 1, &e),
       "writers add the missing column");
    /* Another process holds the lock: an error in finite time, not a hang. */
    sqlite3 *db;
    sqlite3_open(path, &db);
    sqlite3_exec(db, "BEGIN IMMEDIATE", NULL, NULL, NULL);
    ok(ipd_history_status(h, id, "finished", &e) && strstr(e.text, "locked"), "%s", e.text);
    sqlite3_close(db);
    ok(!ipd_history_status(h, id, "finished", &e), "writing works again when the lock is gone");
    ipd_history_close(h);
}

int main(void)
{
    char command[300];
    if (!mkdtemp(folder))
        return EXIT_FAILURE;
    test_numbers();
    test_export();
    test_weights();
    test_hostile_weights();
    test_broken_weights();
    test_history();
    test_other_databases();
    snprintf(command, sizeof command, "rm -rf '%s'", folder);
    if (system(command))
        return EXIT_FAILURE;
    return done();
}
