/* golden.h - compares drawn text with a file that was looked at and kept.
 *
 * Files are in $TOP_SRCDIR. With UPDATE_GOLDEN set they are written anew: look at the difference
 * before you commit it. */
#ifndef TESTS_GOLDEN_H
#define TESTS_GOLDEN_H

#include "tests/tap.h"

#include <string.h>

__attribute__((unused)) static char *read_golden(const char *path)
{
    FILE *f = fopen(path, "rb");
    if (!f)
        return NULL;
    static char text[1 << 18];
    size_t n = fread(text, 1, sizeof text - 1, f);
    text[n] = 0;
    fclose(f);
    return text;
}

static void show_lines(const char *what, const char *text)
{
    printf("# %s\n", what);
    while (text && *text) {
        size_t n = strcspn(text, "\n");
        printf("# |%.*s\n", (int)n, text);
        text += n + (text[n] == '\n');
    }
}

/* One test: `text` is equal to the content of `folder`/`name`.txt. */
__attribute__((unused)) static void golden(const char *folder, const char *name, const char *text)
{
    const char *top = getenv("TOP_SRCDIR");
    char path[4096];

    snprintf(path, sizeof path, "%s/%s/%s.txt", top ? top : ".", folder, name);
    if (getenv("UPDATE_GOLDEN")) {
        FILE *f = fopen(path, "wb");
        if (f) {
            fputs(text, f);
            fclose(f);
        }
    }
    const char *kept = read_golden(path);
    int same = kept && strcmp(kept, text) == 0;
    ok(same, "%s looks as it did", name);
    if (!same) {
        show_lines(kept ? "it was" : "there is no file; it is", kept ? kept : text);
        if (kept)
            show_lines("it is", text);
    }
}

#endif
