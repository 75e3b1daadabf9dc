/* strokes.h - the ways to write digits, as tables made from data/digits.strokes at build time. */
#ifndef IPD_DATA_STROKES_H
#define IPD_DATA_STROKES_H

enum { IPD_STROKE_MAX = 32 }; /* most points of a variant; the generator checks it */

typedef struct ipd_stroke_point {
    unsigned char x, y;   /* 0 ... 100; x runs right, y down */
    unsigned char corner; /* the pen turns sharply here */
    unsigned char last;   /* the pen is lifted here */
} ipd_stroke_point;

typedef struct ipd_stroke_variant {
    unsigned char digit, weight; /* weight: how common it is among those of this digit */
    unsigned short first, count; /* its points */
} ipd_stroke_variant;

extern const ipd_stroke_point ipd_stroke_points[];
extern const ipd_stroke_variant ipd_stroke_variants[]; /* sorted by digit, each present */
extern const int ipd_stroke_variant_count;

#endif
