/* min.h - the smaller of two values; evaluates both twice. */
#ifndef IPD_BASE_MIN_H
#define IPD_BASE_MIN_H

#define IPD_MIN(a, b) ((a) < (b) ? (a) : (b))

#endif
