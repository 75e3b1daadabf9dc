/* test_checkpoint.c - checkpoint files: every damaged bit is found, the last two are kept, resumed runs have the same bits. */
#include "base/path.h"
#include "run/time/checkpoint.h"
#include "tests/tap.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[] = "/tmp/ipdlam-test-XXXXXX", path[512];
static ipd_dataset *data;

static ipd_run *make_run(const char *preset, const char *method)
{
    static const size_t hidden[] = {12, 9};
    ipd_run_options options = {.hidden = hidden, .hidden_count = 2, .name = "a run"};
    ipd_settings s;
    ipd_error e;
    ipd_run *run = NULL;
    ipd_settings_init(&s);
    if (ipd_settings_set(&s, "preset", preset, &e) || ipd_settings_set(&s, "method", method, &e) ||
        ipd_run_open(&run, data, &s, &options, &e))
        printf("# %s\n", e.text);
    return run;
}

static int wait_for(ipd_run *run, ipd_ticket ticket)
{
    ipd_reply reply;
    ipd_error e;
    int failed = !ticket || ipd_run_wait(run, ticket, &reply, &e);
    if (failed)
        printf("# %s\n", ticket ? e.text : "not accepted");
    return failed;
}

static ipd_archive *state_of(ipd_run *run)
{
    ipd_error e;
    ipd_archive *a = ipd_archive_new(&e);
    wait_for(run, ipd_run_archive(run, a, &e));
    return a;
}

/* Changes byte `at` of the file by `bits`. */
static void flip(long at, int bits)
{
    FILE *f = fopen(path, "r+b");
    fseek(f, at, SEEK_SET);
    int c = fgetc(f);
    fseek(f, at, SEEK_SET);
    fputc(c ^ bits, f);
    fclose(f);
}

static long size_of(const char *file)
{
    struct stat s;
    return stat(file, &s) ? -1 : (long)s.st_size;
}

static void test_file(void)
{
    ipd_checkpoint c, back;
    ipd_archive *b = NULL;
    ipd_error e;
    ipd_run *run = make_run("default", "ipdlam");
    wait_for(run, ipd_run_step_blocks(run, 37, &e));
    ipd_archive *a = state_of(run);
    ipd_checkpoint_describe(&c, run, 20);
    snprintf(c.path, sizeof c.path, "%s/one.safetensors", folder);
    strcpy(path, c.path);
    ok(ipd_checkpoint_write(&c, a, &e) == 0 && c.size == size_of(path), "a checkpoint is written");
    ok(ipd_checkpoint_read(&back, path, &b, &e) == 0 &&
           ipd_archive_checksum(b) == ipd_archive_checksum(a),
       "a checkpoint is read to the same bits");
    ok(back.goal == 20 && !strcmp(back.name, "a run") && !strcmp(back.checksum, data->checksum) &&
           back.iteration == c.iteration,
       "the metadata are read");
    ipd_archive_free(b);
    int refused = 0, named = 0;
    for (long i = 0; i < 200; i++) {
        long at = (long)((double)i / 200 * (double)c.size);
        flip(at, 1 << i % 8);
        if (ipd_checkpoint_read(&back, path, &b, &e) && !b)
            refused++, named += !strncmp(e.text, path, strlen(path)) && !strchr(e.text, '\n');
        ipd_archive_free(b);
        flip(at, 1 << i % 8);
    }
    ok(refused == 200 && named == 200, "a flipped bit at 200 places: %d refused, %d name the file",
       refused, named);
    static const double parts[] = {0.999, 0.5, 0.01, 0};
    for (int i = 0; i < 4; i++) {
        int failed = truncate(path, (off_t)(parts[i] * (double)c.size));
        ok(!failed && ipd_checkpoint_read(&back, path, &b, &e) && !b,
           "a truncated checkpoint is refused: %s", e.text);
    }
    snprintf(c.path, sizeof c.path, "/proc/none/x.safetensors");
    ok(ipd_checkpoint_write(&c, a, &e) && e.code == IPD_EIO,
       "a folder that cannot be made is an error: %s", e.text);
    ipd_archive_free(a);
    ipd_run_free(run);
}

static int count_files(const char *of)
{
    int count = 0;
    DIR *d = opendir(of);
    for (struct dirent *entry; d && (entry = readdir(d));)
        count += entry->d_name[0] != '.';
    if (d)
        closedir(d);
    return count;
}

static void test_folder(void)
{
    ipd_checkpoint c, found;
    ipd_archive *b = NULL;
    ipd_error e, damaged;
    char of[300], last[4096];
    ipd_run *run = make_run("ipdlam", "ipdlam");
    snprintf(of, sizeof of, "%s/run", folder);
    ok(ipd_checkpoint_find(&found, folder, NULL, &b, &damaged, &e),
       "an empty folder has no checkpoint: %s", e.text);
    for (int i = 0; i < 4; i++) {
        wait_for(run, ipd_run_step(run, 1, &e));
        ipd_archive *a = state_of(run);
        ipd_checkpoint_describe(&c, run, 0);
        if (ipd_checkpoint_keep(&c, of, a, NULL, &e))
            ok(0, "checkpoints in the folder: %s", e.text);
        ipd_archive_free(a);
    }
    ok(count_files(of) == 2, "the last two checkpoints are kept");
    ok(!ipd_checkpoint_find(&found, of, NULL, &b, &damaged, &e) && found.iteration == 4 &&
           !*damaged.text,
       "the newest checkpoint is found");
    ipd_archive_free(b);
    strcpy(last, c.path);
    snprintf(path, sizeof path, "%.500s", last);
    flip(size_of(last) / 2, 8);
    ok(!ipd_checkpoint_find(&found, of, NULL, &b, &damaged, &e) && found.iteration == 3 &&
           strstr(damaged.text, last),
       "a damaged checkpoint is reported and the previous one used: %s", damaged.text);
    ipd_archive_free(b);
    ok(ipd_checkpoint_find(&found, last, NULL, &b, &damaged, &e) &&
           strstr(e.text, "000003-iteration-3"),
       "for a damaged file that was named, the error names the previous one: %s", e.text);
    ok(ipd_checkpoint_find(&found, "/none", NULL, &b, &damaged, &e), "%s", e.text);
    ok(ipd_checkpoint_find(&found, "987654", NULL, &b, &damaged, &e), "%s", e.text);
    ipd_run_free(run);
}

/* Stops after this many blocks, resumes from the file, and compares the weights with those of an uninterrupted run. */
static void test_resume(const char *preset, const char *method, long blocks)
{
    ipd_checkpoint c;
    ipd_archive *b = NULL;
    ipd_error e;
    ipd_network one = {0}, two = {0};
    ipd_run *run = make_run(preset, method), *again = NULL;
    wait_for(run, ipd_run_step_blocks(run, blocks, &e));
    ipd_archive *a = state_of(run);
    ipd_checkpoint_describe(&c, run, 0);
    snprintf(c.path, sizeof c.path, "%s/resume.safetensors", folder);
    int failed = ipd_checkpoint_write(&c, a, &e) || ipd_checkpoint_read(&c, c.path, &b, &e);
    ipd_run_options options = {.archive = b};
    failed = failed || ipd_run_open(&again, data, NULL, &options, &e);
    failed = failed || wait_for(run, ipd_run_step(run, 3, &e)) ||
             wait_for(again, ipd_run_step(again, 3, &e)) ||
             wait_for(run, ipd_run_copy_network(run, &one, &e)) ||
             wait_for(again, ipd_run_copy_network(again, &two, &e));
    int same = !failed;
    for (int l = 1; same && l <= one.L; l++)
        same = !memcmp(one.W[l].data, two.W[l].data, one.d[l] * one.d[l - 1] * sizeof(float)) &&
               !memcmp(one.b[l].data, two.b[l].data, one.d[l] * sizeof(float));
    ok(same && ipd_run_record_count(run) == ipd_run_record_count(again),
       "%s, preset %s, after %ld blocks: the same bits%s%s", method, preset, blocks,
       failed ? ": " : "", failed ? e.text : "");
    ipd_network_free(&one);
    ipd_network_free(&two);
    ipd_archive_free(a);
    ipd_archive_free(b);
    ipd_run_free(run);
    ipd_run_free(again);
}

int main(void)
{
    static const char *const optimizers[] = {"sgd",  "adagrad", "adadelta", "rmsprop",
                                             "adam", "amsgrad", "adamax"};
    const ipd_dataset_options options = {.train = 150, .test = 40};
    ipd_error e;
    if (!mkdtemp(folder) || ipd_dataset_open(&data, "digits", &options, &e))
        return 1;
    setenv("XDG_DATA_HOME", folder, 1);
    test_file();
    test_folder();
    for (long blocks = 8; blocks < 30; blocks += 7) {
        test_resume("ipdlam", "ipdlam", blocks);
        test_resume("default", "ipdlam", blocks);
        test_resume("dlam", "ipdlam", blocks);
        test_resume("bcd", "bcd", blocks);
        test_resume("default", "bcd", blocks);
    }
    for (int i = 0; i < 7; i++) {
        test_resume("default", optimizers[i], 3);
        test_resume("ipdlam", optimizers[i], 2);
    }
    ipd_dataset_unref(data);
    return done();
}
