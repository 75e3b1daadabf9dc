/* fuzz_layouts.c - arbitrary bytes as the file of layouts.
 *
 * What could be read is placed on screens of several sizes, resized, written and read again: the
 * same layouts. */
#include "tests/fuzz.h"
#include "tui/pane/layout.h"

#include <sys/stat.h>

static char folder[64], path[96];

static void remove_folder(void)
{
    remove(path);
    *strrchr(path, '/') = 0;
    rmdir(path);
    rmdir(folder);
}

/* $XDG_CONFIG_HOME, in memory if possible. */
static void make_folder(void)
{
    strcpy(folder, "/dev/shm/ipdlam-fuzz-XXXXXX");
    if (!mkdtemp(folder)) {
        strcpy(folder, "/tmp/ipdlam-fuzz-XXXXXX");
        fuzz_check(mkdtemp(folder));
    }
    setenv("XDG_CONFIG_HOME", folder, 1);
    snprintf(path, sizeof path, "%s/ipdlam", folder);
    fuzz_check(!mkdir(path, 0700));
    strcat(path, "/layouts");
    atexit(remove_folder);
}

/* Prints, places and resizes the trees for some sizes of the screen. */
static const char *trees_of(ipd_layouts *l)
{
    static const int sizes[][2] = {{20, 5}, {80, 24}, {200, 60}};
    static char all[2][3 * IPD_PANE_TEXT];
    static int turn;
    const ipd_model m = {.layouts = l};
    char *to = all[turn ^= 1];

    *to = 0;
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        ipd_pane *leaves[IPD_MAX_PANES], *root = ipd_layout_place(&m, sizes[i][0], sizes[i][1]);
        int count = ipd_pane_leaves(root, leaves, IPD_MAX_PANES);
        for (int k = 0; k < count; k++)
            fuzz_check(leaves[k]->area.x + leaves[k]->area.width <= sizes[i][0] &&
                       leaves[k]->area.y + leaves[k]->area.height <= sizes[i][1]);
        ipd_pane_print(root, to + strlen(to), IPD_PANE_TEXT);
        strcat(to, "\n");
    }
    return to;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    ipd_error e = {0};
    if (!*folder)
        make_folder();
    FILE *f = fopen(path, "wb");
    fuzz_check(f && fwrite(bytes, 1, length, f) == length && !fclose(f));
    ipd_layouts *l = ipd_layouts_new(&e), *again = ipd_layouts_new(&e);
    fuzz_check(l && again);
    if (ipd_layouts_load(l, &e) < 0)
        fuzz_check_error(&e, path);
    else
        fuzz_taken++;
    const char *before = trees_of(l);
    ipd_layouts_touch(l);
    fuzz_check(!ipd_layouts_save(l, &e));
    if (ipd_layouts_load(again, &e) < 0)
        fuzz_check_error(&e, path);
    for (int i = 1; ipd_layouts_name(l, i) || ipd_layouts_name(again, i); i++)
        fuzz_check(ipd_layouts_name(l, i) && ipd_layouts_name(again, i) &&
                   !strcmp(ipd_layouts_name(l, i), ipd_layouts_name(again, i)));
    fuzz_check(ipd_layouts_current(l) == ipd_layouts_current(again));
    fuzz_check(!strcmp(before, trees_of(again)));
    ipd_layouts_restore(again);
    ipd_layouts_free(l);
    ipd_layouts_free(again);
    return 0;
}

FUZZ_MAIN("tests/tui/corpus_layouts", "\n\n#=@x(),,:: 0123456789-_showrowscolumns", 400, 8)
