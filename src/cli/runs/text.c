/* text.c - texts about runs for the terminal, and the question before a removal; see runs.h. */
#include "base/text.h"
#include "cli/runs/runs.h"
#include "plot/glyph.h"

#include <math.h>
#include <string.h>
#include <unistd.h>

int ipd_runs_find(ipd_runs *r, int index, ipd_history_run *run, ipd_error *e)
{
    return ipd_history_look_up(r->h, r->operands[index], run, e);
}

void ipd_runs_text(char *to, size_t size, const char *text)
{
    snprintf(to, size, "%s", text);
    ipd_make_line(to);
}

void ipd_runs_cell(FILE *to, const char *text, int width, int right)
{
    int columns = ipd_text_columns(text, 0), taken = 0;
    if (columns <= width) {
        fprintf(to, "%*s%s%*s", right ? width - columns : 0, "", text, right ? 0 : width - columns,
                "");
        return;
    }
    size_t length = strlen(text);
    while (*text) {
        uint32_t code;
        size_t bytes = ipd_utf8_decode(text, length, &code);
        int wide = ipd_glyph_width(code);
        if (taken + (wide > 0 ? wide : 0) > width - 1)
            break;
        fwrite(text, 1, bytes, to);
        taken += wide > 0 ? wide : 0;
        text += bytes;
        length -= bytes;
    }
    fprintf(to, "~%*s", width - 1 - taken, "");
}

void ipd_runs_quality(char to[IPD_QUALITY_TEXT], const ipd_history_run *run, double value)
{
    int is_r2 = ipd_history_is_r2(run);
    ipd_quality_text(to, value, is_r2, is_r2 ? 4 : 2);
}

void ipd_runs_setting(const ipd_history_run *run, const char *name, char *to, size_t size)
{
    json_t *settings = json_loads(run->settings, 0, NULL);
    const char *text = json_string_value(json_object_get(settings, name));
    ipd_runs_text(to, size, text ? text : "");
    json_decref(settings);
}

void ipd_runs_change_json(const ipd_place *place, const char *text)
{
    char block[8];
    ipd_block_text(place->block, block);
    printf("{\"iteration\": %d, \"batch\": %d, \"sweep\": %d, \"block\": \"%s\", \"text\": ",
           place->iteration, place->batch, place->sweep, block);
    ipd_json_string(stdout, text);
    putchar('}');
}

const char *ipd_runs_plural(long count)
{
    return count == 1 ? "" : "s";
}

int ipd_runs_confirm(const ipd_runs *r, const char *question, ipd_error *e)
{
    char answer[16] = "";
    if (r->yes)
        return 1;
    if (!isatty(STDIN_FILENO))
        return ipd_fail(e, IPD_EUSAGE, "not at a terminal, so nothing was removed. Add --yes");
    printf("%s [y/N] ", question);
    fflush(stdout);
    return fgets(answer, sizeof answer, stdin) && (*answer == 'y' || *answer == 'Y');
}
