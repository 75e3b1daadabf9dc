#include "tui/view/view.h"

#include <string.h>

const ipd_view *const ipd_views[] = {
    &ipd_view_status,     &ipd_view_objective,
    &ipd_view_accuracy,   &ipd_view_gaps,
    &ipd_view_moved,      &ipd_view_steps,
    &ipd_view_parameters, &ipd_view_metrics,
    &ipd_view_changes,    &ipd_view_order,
    &ipd_view_layers,     &ipd_view_blocks,
    &ipd_view_events,     &ipd_view_weights,
    &ipd_view_samples,    &ipd_view_confusion,
    &ipd_view_boundary,   &ipd_view_distribution,
    &ipd_view_runs,       &ipd_view_tree,
    &ipd_view_values,     &ipd_view_watch,
    &ipd_view_settings,   &ipd_view_console,
    &ipd_view_keys,       NULL,
};

const ipd_view *ipd_view_find(const char *name)
{
    for (int i = 0; ipd_views[i]; i++)
        if (strcmp(ipd_views[i]->name, name) == 0)
            return ipd_views[i];
    return NULL;
}
