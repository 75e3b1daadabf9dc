/* rows.c - prints samples of tables for `ipdlam data show`. */
#include "cli/data/data.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The first target value of a sample. */
static double first_value(const ipd_dataset *d, const ipd_samples *half, size_t n, int scaled)
{
    const ipd_encoding *encoding = d->encoding;
    float y = half->Y.data[n * half->Y.rows];
    if (scaled)
        return (double)y;
    if (encoding->target == IPD_TARGET_INPUTS && encoding->offset)
        y = y * encoding->divisor[0] + encoding->offset[0];
    else if (encoding->target_offset)
        y = y * encoding->target_divisor[0] + encoding->target_offset[0];
    return (double)y;
}

int ipd_cli_data_rows(const ipd_dataset *d, const ipd_samples *half, const size_t *chosen,
                      size_t count, size_t room, int scaled, ipd_error *e)
{
    ipd_inputs X = ipd_samples_inputs(half);
    float *buffer = ipd_allocate(X.rows, sizeof *buffer, e);
    const ipd_encoding *encoding = d->encoding;
    size_t fits = room > 26 ? (room - 26) / 12 : 1, inputs = d->inputs;
    fits = fits < inputs ? fits : inputs;
    if (!buffer)
        return -1;
    printf("%8s  %-14s", "sample", d->values ? "target" : "class");
    for (size_t i = 0, k = 0, at = 0; i < fits; i++) {
        const ipd_encoding_column *c = encoding->column_count ? &encoding->columns[k] : NULL;
        char name[32];
        snprintf(name, sizeof name, "%zu", i + 1);
        printf(" %11.11s", !c ? name : c->values.count ? c->values.item[at] : c->name);
        if (c && ++at >= c->values.count)
            at = 0, k++;
    }
    printf("%s\n", fits < inputs ? " ..." : "");
    for (size_t i = 0; i < count; i++) {
        size_t n = chosen[i];
        char name[32];
        if (half->labels)
            ipd_dataset_class_name(d, half->labels[n], name, sizeof name);
        else
            snprintf(name, sizeof name, "%.6g", first_value(d, half, n, scaled));
        printf("%8zu  %-14.14s", n + 1, name);
        ipd_inputs_read(&X, n, 1, 1, buffer);
        if (!scaled)
            ipd_encoding_undo(encoding, buffer);
        for (size_t k = 0; k < fits; k++)
            printf(" %11.5g", (double)buffer[k]);
        putchar('\n');
    }
    if (encoding->offset || encoding->scale == IPD_SCALE_PIXEL)
        printf(scaled ? "Values are shown as the network gets them, scaled.\n"
                      : "--scaled shows the values as the network gets them.\n");
    free(buffer);
    return 0;
}
