/* program.h - functions of elements as short programs: steps on floats, element by element.
 *
 *     ipd_program p;
 *     ipd_program_init(&p, "x", 0);
 *     ipd_program_add(&p, ipd_program_op("exp"), (ipd_operand[]){0}, &a, &e);
 *     ...
 *     ipd_program_finish(&p, outputs, 1, &e);
 *     ipd_program_run(&p, (const float *[]){x}, (float *[]){y}, count);
 *
 * A program is a plain value and never changes once it is finished; any thread can run it. The bits
 * of a result do not depend on how the elements are divided among calls. Its text is one line,
 *
 *     x -> t1 = exp x; t2 = add t1 1; t3 = log t2; t4 = div t1 t2; return t3 t4
 *
 * with one letter per input; reading it gives the same program to the bit.
 */
#ifndef IPD_NET_PROGRAM_H
#define IPD_NET_PROGRAM_H

#include "base/error.h"

#include <stddef.h>
#include <stdint.h>

enum {
    IPD_PROGRAM_INPUTS = 3,
    IPD_PROGRAM_OUTPUTS = 2,
    IPD_PROGRAM_STEPS = 100,
    IPD_PROGRAM_NUMBERS = 60,
    IPD_PROGRAM_REGISTERS = 32, /* intermediate values in use at once */
    IPD_PROGRAM_TEXT = 8192     /* bytes that suffice for the text */
};

/* An input, from 0; a step, from IPD_PROGRAM_INPUTS; or -1 - i for number i. */
typedef int16_t ipd_operand;

typedef struct ipd_program_step {
    uint8_t op;         /* index of an operation; see ipd_program_op */
    uint8_t is_uniform; /* 1: one value for all elements */
    uint8_t reg;        /* where the result is kept, unless uniform */
    ipd_operand of[3];
} ipd_program_step;

typedef struct ipd_program {
    int inputs, outputs, steps, numbers;
    char input[IPD_PROGRAM_INPUTS]; /* letters */
    unsigned uniform;               /* bit i: input i is one value for all elements */
    float number[IPD_PROGRAM_NUMBERS];
    ipd_program_step step[IPD_PROGRAM_STEPS];
    ipd_operand output[IPD_PROGRAM_OUTPUTS];
} ipd_program;

/* The operation of this name, or -1: neg, abs, sign, exp, log, sqrt, tanh; add, sub, mul, div, pow,
 * minimum, maximum, lt, le, eq, ne (1 or 0); where (mask, x, y). */
int ipd_program_op(const char *name);
/* Its number of operands, 1 to 3. */
int ipd_program_arity(int op);

/* Makes an empty program. inputs: a letter for each; uniform: as in ipd_program. */
void ipd_program_init(ipd_program *p, const char *inputs, unsigned uniform);
/* Add a number, which must not be NaN, or a step, unless the program has it, and set its operand
 * *to. -1 and *e if there are too many. */
int ipd_program_number(ipd_program *p, double x, ipd_operand *to, ipd_error *e);
int ipd_program_add(ipd_program *p, int op, const ipd_operand *of, ipd_operand *to, ipd_error *e);
/* Sets the outputs and drops the steps that they do not need. -1 and *e if too many intermediate
 * values are in use at once. */
int ipd_program_finish(ipd_program *p, const ipd_operand *outputs, int count, ipd_error *e);
/* *to := the finished program p with output k alone. */
void ipd_program_part(const ipd_program *p, int k, ipd_program *to);

/* Writes the text, at most IPD_PROGRAM_TEXT bytes. */
void ipd_program_write(const ipd_program *p, char *to, size_t size);
/* Reads a text of `outputs` outputs. The text is not trusted. */
int ipd_program_read(ipd_program *p, const char *text, const char *inputs, unsigned uniform,
                     int outputs, ipd_error *e);

/* to[k][i] := output k of element i. in[j] has `count` floats, or one if input j is uniform. to[k]
 * may be one of the inputs. */
void ipd_program_run(const ipd_program *p, const float *const *in, float *const *to, size_t count);

#endif
