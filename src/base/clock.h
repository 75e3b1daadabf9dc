/* clock.h - time for measuring. */
#ifndef IPD_BASE_CLOCK_H
#define IPD_BASE_CLOCK_H

/* Seconds of the monotonic clock, which begins somewhere. Any thread. */
double ipd_seconds(void);
/* Of the processor, spent by the calling thread. */
double ipd_thread_seconds(void);

#endif
