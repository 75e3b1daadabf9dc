/* clock.h - clocks for measuring. */
#ifndef IPD_BASE_CLOCK_H
#define IPD_BASE_CLOCK_H

/* Seconds on the monotonic clock, whose origin is arbitrary. Any thread. */
double ipd_seconds(void);
/* Seconds of processor time used by the calling thread. */
double ipd_thread_seconds(void);

#endif
