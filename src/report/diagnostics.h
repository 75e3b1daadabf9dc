/* diagnostics.h - what a run has learnt, layer by layer, and what is worth saying of it: from its
 * records alone, and from the settings in force (NULL: not known) why it is so. Any thread.
 */
#ifndef IPD_REPORT_DIAGNOSTICS_H
#define IPD_REPORT_DIAGNOSTICS_H

#include "settings/settings.h"
#include "solver/records.h"

enum { IPD_DIAGNOSTICS_NOTES = 2, IPD_DIAGNOSTICS_NOTE = 400 };

typedef struct ipd_diagnostics {
    int records;
    ipd_record last;        /* good where records > 0 */
    double metrics_samples; /* of the last record with accuracies */
    /* The best training accuracy since the last record without Phi, or on other samples; iteration 0 where none. */
    int peak_iteration;
    double peak_accuracy, peak_phi;
} ipd_diagnostics;

/* Takes the next record, in order; l begins as zero. */
void ipd_diagnostics_add(ipd_diagnostics *l, const ipd_record *record);

/* Takes all of them. */
void ipd_diagnostics_read(ipd_diagnostics *l, const ipd_records *records);

/* Sentences about what the records show: hidden layers that did not move while the last one did;
 * Phi that fell while the training accuracy did. Returns how many. `phi` is what Phi is called. */
int ipd_diagnostics_notes(const ipd_diagnostics *l, const ipd_settings *s, const char *phi,
                          char notes[IPD_DIAGNOSTICS_NOTES][IPD_DIAGNOSTICS_NOTE]);

/* A table, one row per layer, and the sentences in lines of at most `width` columns (0: one line each); each line ends with
 * a newline. widths: d_0 ... d_L. The caller frees it; NULL where memory runs out or there is no record. */
char *ipd_diagnostics_text(const ipd_diagnostics *l, const size_t *widths, const ipd_settings *s,
                           const char *phi, int width);

#endif
