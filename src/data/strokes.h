/* strokes.h - pen strokes of digits, in tables generated from data/digits.strokes at build time. */
#ifndef IPD_DATA_STROKES_H
#define IPD_DATA_STROKES_H

enum { IPD_STROKE_MAX = 32 }; /* maximum points per variant; checked by the generator */

typedef struct ipd_stroke_point {
    unsigned char x, y;   /* 0 ... 100; x runs right, y down */
    unsigned char corner; /* the pen turns sharply here */
    unsigned char last;   /* the pen is lifted here */
} ipd_stroke_point;

typedef struct ipd_stroke_variant {
    unsigned char digit, weight; /* weight: its frequency among the variants of the digit */
    unsigned short first, count; /* its range in ipd_stroke_points */
} ipd_stroke_variant;

extern const ipd_stroke_point ipd_stroke_points[];
extern const ipd_stroke_variant ipd_stroke_variants[]; /* sorted by digit, each present */
extern const int ipd_stroke_variant_count;

#endif
