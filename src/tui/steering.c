#include "tui/steering.h"

#include <stdio.h>
#include <string.h>

static int give(ipd_steering *s, ipd_run *run, const char *name, const char *value, ipd_error *e)
{
    ipd_change change = {0};

    if (s->count == IPD_STEERING_MOST)
        return ipd_fail(e, IPD_ESTATE, "%d changes wait for the run: wait for their answers",
                        s->count);
    if (ipd_change_add(&change, name, value, e) < 0)
        return -1;
    ipd_ticket ticket = ipd_run_set(run, &change, e);
    if (!ticket)
        return -1;
    s->waiting[s->count].ticket = ticket;
    snprintf(s->waiting[s->count].text, sizeof s->waiting[0].text, "%s = %.90s", name, value);
    s->count++;
    return 0;
}

/* Remembers what is in force. The oldest is forgotten. */
static void remember(ipd_steering *s, ipd_run *run, const char *name)
{
    const ipd_setting *setting = ipd_setting_find(name);

    if (s->undo_count == IPD_STEERING_UNDO)
        memmove(s->undo, s->undo + 1, (size_t)--s->undo_count * sizeof *s->undo);
    snprintf(s->undo[s->undo_count].name, sizeof s->undo[0].name, "%.23s", name);
    s->undo[s->undo_count].value[0] = 0;
    if (setting)
        ipd_settings_get(ipd_run_settings(run), setting, s->undo[s->undo_count].value,
                         sizeof s->undo[0].value);
    s->undo_count++;
}

static int is_there(ipd_steering *s, ipd_run *run, ipd_error *e)
{
    if (!run)
        return ipd_fail(e, IPD_ESTATE, "there is no run: type run = ip.run{ data = \"digits\" }");
    if (s->run != run)
        *s = (ipd_steering){.run = run};
    return 0;
}

int ipd_steering_set(ipd_steering *s, ipd_run *run, const char *name, const char *value,
                     ipd_error *e)
{
    if (is_there(s, run, e) < 0)
        return -1;
    remember(s, run, name);
    if (give(s, run, name, value, e) == 0)
        return 0;
    s->undo_count--;
    return -1;
}

int ipd_steering_undo(ipd_steering *s, ipd_run *run, ipd_error *e)
{
    if (is_there(s, run, e) < 0)
        return -1;
    if (!s->undo_count)
        return ipd_fail(e, IPD_ESTATE,
                        "no setting was changed by keys: there is nothing to take back");
    int last = s->undo_count - 1;
    if (give(s, run, s->undo[last].name, s->undo[last].value, e) < 0)
        return -1;
    s->undo_count--;
    return 0;
}

int ipd_steering_work(ipd_steering *s, ipd_run *run, char *text, size_t size)
{
    ipd_reply reply;
    char place[128];

    if (s->count && s->run != run) /* another run is on the screen, the old one may be gone */
        s->count = 0;
    if (!s->count || !ipd_run_replied(run, s->waiting[0].ticket, &reply))
        return 0;
    ipd_place_text(&reply.place, place, sizeof place);
    if (reply.failed)
        snprintf(text, size, "%s: %s", s->waiting[0].text, reply.error.text);
    else
        snprintf(text, size, "%s: at %s", s->waiting[0].text, place);
    memmove(s->waiting, s->waiting + 1, (size_t)--s->count * sizeof *s->waiting);
    return 1;
}

int ipd_steering_busy(const ipd_steering *s)
{
    return s->count > 0;
}
