/* actions.c - functions for views: calls to m->actions, if set. */
#include "tui/model/model.h"

static int done(ipd_model *m, int failed, const ipd_error *e)
{
    if (failed < 0)
        ipd_act_say(m, IPD_TEXT_ERROR, e->text);
    return failed;
}

int ipd_act_set(ipd_model *m, const char *name, const char *value, ipd_error *e)
{
    ipd_error own;

    if (!m->actions.set)
        return ipd_fail(e, IPD_ESTATE, "settings cannot be changed here");
    return e ? m->actions.set(m->actions.context, name, value, e)
             : done(m, m->actions.set(m->actions.context, name, value, &own), &own);
}

int ipd_act_lua(ipd_model *m, const char *line, ipd_error *e)
{
    ipd_error own;

    if (!m->actions.lua)
        return ipd_fail(e, IPD_ESTATE, "there is no Lua here");
    return e ? m->actions.lua(m->actions.context, line, e)
             : done(m, m->actions.lua(m->actions.context, line, &own), &own);
}

int ipd_act_edit(ipd_model *m, ipd_run_edit what, const ipd_run_row *run, const char *text,
                 ipd_error *e)
{
    ipd_error own;

    if (!m->actions.edit)
        return ipd_fail(e, IPD_ESTATE, "runs cannot be edited here");
    return e ? m->actions.edit(m->actions.context, what, run, text, e)
             : done(m, m->actions.edit(m->actions.context, what, run, text, &own), &own);
}

void ipd_act_say(ipd_model *m, ipd_text_kind kind, const char *text)
{
    if (m->actions.say)
        m->actions.say(m->actions.context, kind, text);
}
