#include "tui/model/controller.h"
#include "base/text.h"

#include <stdio.h>
#include <string.h>

/* Notes a ticket whose answer is due; `text` will begin the line about it. */
static int wait_for(ipd_controller *s, ipd_ticket ticket, const char *text)
{
    s->waiting[s->count].ticket = ticket;
    snprintf(s->waiting[s->count].text, sizeof s->waiting[0].text, "%s", text);
    s->count++;
    return 0;
}

static int has_room(const ipd_controller *s, ipd_error *e)
{
    return s->count < IPD_CONTROLLER_MAX
               ? 0
               : ipd_fail(e, IPD_ESTATE,
                          "%d changes are pending. Try again when the run has answered", s->count);
}

/* Writes the change as Lua. */
static void write_lua(const char *name, const char *value, char *to, size_t size)
{
    const ipd_setting *setting = ipd_setting_find(name);
    FILE *f = fmemopen(to, size, "w");

    *to = 0;
    if (!f)
        return;
    fprintf(f, "run:set{ %s = ", name);
    if (setting && ipd_setting_is_text(setting, value))
        ipd_text_lua(f, value, strlen(value));
    else
        fputs(value, f);
    fputs(" }", f);
    fclose(f);
    to[size - 1] = 0;
}

static int give(ipd_controller *s, ipd_run *run, const char *name, const char *value, ipd_error *e)
{
    ipd_change change = {0};
    char text[sizeof s->waiting[0].text];

    if (has_room(s, e) < 0 || ipd_change_give(&change, ipd_run_settings(run), name, value, e) < 0)
        return -1;
    ipd_ticket ticket = ipd_run_set(run, &change, e);
    if (!ticket)
        return -1;
    write_lua(name, value, text, sizeof text);
    return wait_for(s, ticket, text);
}

static int is_there(ipd_controller *s, ipd_run *run, ipd_error *e)
{
    if (!run)
        return ipd_fail(e, IPD_ESTATE, "there is no run. Type run = ip.run{ data = \"digits\" }");
    if (s->run != run)
        *s = (ipd_controller){.run = run};
    return 0;
}

int ipd_controller_set(ipd_controller *s, ipd_run *run, const char *name, const char *value,
                       ipd_error *e)
{
    return is_there(s, run, e) < 0 ? -1 : give(s, run, name, value, e);
}

int ipd_controller_undo(ipd_controller *s, ipd_run *run, ipd_error *e)
{
    if (is_there(s, run, e) < 0 || has_room(s, e) < 0)
        return -1;
    ipd_ticket ticket = ipd_run_undo(run, e);
    return ticket ? wait_for(s, ticket, "") : -1;
}

/* The last change of the log. After the answer to an undo, this is the change that it made. */
static const char *last_change(ipd_run *run)
{
    size_t n = ipd_run_log_count(run);
    const char *text = n ? ipd_run_log(run, n - 1)->text : "";

    return strncmp(text, "set ", 4) ? text : text + 4;
}

int ipd_controller_work(ipd_controller *s, ipd_run *run, char *text, size_t size)
{
    ipd_reply reply;
    char place[160];

    if (s->count && s->run != run) /* another run is on the screen; the old one may be freed */
        s->count = 0;
    if (!s->count || !ipd_run_replied(run, s->waiting[0].ticket, &reply))
        return 0;
    ipd_run_forget(run, reply.ticket);
    ipd_reply_text(&reply, place, sizeof place);
    const char *what = s->waiting[0].text;
    /* If only a callback failed, the change was made, and Lua reports the error. */
    if (reply.failed && reply.error.code != IPD_ECALLBACK)
        snprintf(text, size, "%s%s%s", what, *what ? ": " : "", reply.error.text);
    else if (*what)
        snprintf(text, size, "%s -- at %s", what, place);
    else
        snprintf(text, size, "run:undo() -- %.400s, from %s", last_change(run), place);
    memmove(s->waiting, s->waiting + 1, (size_t)--s->count * sizeof *s->waiting);
    return 1;
}

int ipd_controller_busy(const ipd_controller *s)
{
    return s->count > 0;
}
