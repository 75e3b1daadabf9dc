/* switch.c - switching to another method, which continues with W and b, between two iterations. */
#include "run/trainer.h"

int ipd_switch_settings(const ipd_run *run, const ipd_settings *now, const char *name,
                        const ipd_change *change, ipd_settings *out, ipd_error *e)
{
    const ipd_method *method = ipd_method_get(name, e);
    ipd_change given = *change;
    const char *const *alias;
    ipd_settings new = *now;
    if (!method)
        return -1;
    int reload = ipd_method_is_reload(ipd_method_find(now->method), method);
    if (!reload)
        new.lr = new.eps = -1; /* the new method's own, unless given */
    if (ipd_settings_set(&new, "method", method->name, e))
        return -1;
    if (ipd_method_uses(method, "rho") && !reload)
        new.rho = run->first_rho;
    for (int i = 0; i < given.count; i++)
        if ((alias = given.items[i].setting->alias) && !alias[1])
            given.items[i].setting =
                ipd_setting_find(alias[0]); /* a switch is a start: rho means rho_init */
    if (ipd_change_apply(&given, &new, 1, e) ||
        ipd_settings_check(&new, run->L, run->data->name, run->problem.N, e))
        return -1;
    *out = new;
    return 0;
}

ipd_place ipd_switch_place(const ipd_run *run, const ipd_settings *new, int iteration)
{
    size_t N = run->problem.N, n = new->batch > 0 ? (size_t) new->batch : N;
    ipd_place at = {iteration, 1, (int)((N + n - 1) / n), 1, {IPD_STEP, 0}};
    ipd_order order;
    ipd_error e;
    const ipd_method *method = ipd_method_find(new->method);
    if ((method->sweep || method->visits) &&
        ipd_method_order(method, &order, new->order, run->L, &e) == 0)
        at.block = order.blocks[0];
    return at;
}
