/* progress.c - reports the progress of a read; see reading.h. */
#include "data/reading.h"

int ipd_data_report(const ipd_data_progress *progress, const char *step, double share, ipd_error *e)
{
    return progress && progress->report(progress->context, step, share)
               ? ipd_fail(e, IPD_EINTERRUPT, "interrupted: nothing was written")
               : 0;
}

int ipd_data_report_sample(const ipd_data_progress *progress, const char *step, size_t n, size_t N,
                           size_t d, ipd_error *e)
{
    enum { VALUES = 1 << 20 }; /* between two reports */
    size_t every = VALUES / d ? VALUES / d : 1;
    return n % every ? 0 : ipd_data_report(progress, step, (double)n / (double)N, e);
}
