/* diagnostics.h - shows which layers learn, and points out problems, from a run's records; with the
 * current settings (NULL: unknown) also their causes. Any thread.
 */
#ifndef IPD_REPORT_DIAGNOSTICS_H
#define IPD_REPORT_DIAGNOSTICS_H

#include "settings/settings.h"
#include "solver/records.h"

enum { IPD_DIAGNOSTICS_NOTES = 2, IPD_DIAGNOSTICS_NOTE = 400 };

typedef struct ipd_diagnostics {
    int records;
    ipd_record last;        /* valid if records > 0 */
    double metrics_samples; /* of the last record with accuracies */
    /* The best training accuracy since the last record without Phi or with other metrics samples;
     * iteration 0: none. */
    int peak_iteration;
    double peak_accuracy, peak_phi;
} ipd_diagnostics;

/* Adds the next record, in order; l starts zeroed. */
void ipd_diagnostics_add(ipd_diagnostics *l, const ipd_record *record);

/* Adds all records. */
void ipd_diagnostics_read(ipd_diagnostics *l, const ipd_records *records);

/* Writes sentences about problems in the records: hidden layers that did not move while the last
 * one did; Phi that fell together with the training accuracy. Returns their number. `phi` is the
 * name of Phi. */
int ipd_diagnostics_notes(const ipd_diagnostics *l, const ipd_settings *s, const char *phi,
                          char notes[IPD_DIAGNOSTICS_NOTES][IPD_DIAGNOSTICS_NOTE]);

/* Returns a table, one row per layer, and the sentences, wrapped to `width` columns (0: not
 * wrapped). widths: d_0 ... d_L. The caller frees it; NULL if memory runs out or there are no
 * records. */
char *ipd_diagnostics_text(const ipd_diagnostics *l, const size_t *widths, const ipd_settings *s,
                           const char *phi, int width);

#endif
