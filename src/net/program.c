/* program.c - see program.h. */
#include "net/program.h"
#include "base/elements.h"
#include "base/text.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

enum { TILE = 256 }; /* elements at a time: their intermediate values stay in the L1 cache */

static const struct operation {
    const char *name;
    int arity, op; /* of ipd_unary or ipd_binary */
} operations[] = {
    {"neg", 1, IPD_NEGATE},
    {"abs", 1, IPD_ABSOLUTE},
    {"sign", 1, IPD_SIGN},
    {"exp", 1, IPD_EXP},
    {"log", 1, IPD_LOG},
    {"sqrt", 1, IPD_SQRT},
    {"tanh", 1, IPD_TANH},
    {"add", 2, IPD_ADD},
    {"sub", 2, IPD_SUBTRACT},
    {"mul", 2, IPD_MULTIPLY},
    {"div", 2, IPD_DIVIDE},
    {"pow", 2, IPD_POWER},
    {"minimum", 2, IPD_MINIMUM},
    {"maximum", 2, IPD_MAXIMUM},
    {"lt", 2, IPD_LESS},
    {"le", 2, IPD_LESS_EQUAL},
    {"eq", 2, IPD_EQUAL},
    {"ne", 2, IPD_NOT_EQUAL},
    {"where", 3, 0},
};
enum { OPERATIONS = sizeof operations / sizeof *operations };

int ipd_program_op(const char *name)
{
    for (int i = 0; i < OPERATIONS; i++)
        if (!strcmp(operations[i].name, name))
            return i;
    return -1;
}

int ipd_program_arity(int op)
{
    return operations[op].arity;
}

void ipd_program_init(ipd_program *p, const char *inputs, unsigned uniform)
{
    *p = (ipd_program){.inputs = (int)strlen(inputs), .uniform = uniform};
    assert(p->inputs <= IPD_PROGRAM_INPUTS);
    memcpy(p->input, inputs, (size_t)p->inputs);
}

int ipd_program_number(ipd_program *p, double x, ipd_operand *to, ipd_error *e)
{
    float number = (float)x;
    int i = 0;
    if (isnan(x))
        return ipd_fail(e, IPD_EUSAGE, "a number of the function is nan");
    while (i < p->numbers && memcmp(&p->number[i], &number, sizeof number) != 0)
        i++;
    if (i == IPD_PROGRAM_NUMBERS)
        return ipd_fail(e, IPD_EUSAGE, "the function has more than %d numbers. Use fewer", i);
    if (i == p->numbers)
        p->number[p->numbers++] = number;
    *to = (ipd_operand)(-1 - i);
    return 0;
}

int ipd_program_add(ipd_program *p, int op, const ipd_operand *of, ipd_operand *to, ipd_error *e)
{
    ipd_program_step new = {.op = (uint8_t)op};
    int i = 0;
    memcpy(new.of, of, (size_t)operations[op].arity * sizeof *of);
    while (i < p->steps && memcmp(&p->step[i], &new, sizeof new) != 0)
        i++;
    if (i == IPD_PROGRAM_STEPS)
        return ipd_fail(e, IPD_EUSAGE, "the function has more than %d operations. Use fewer", i);
    if (i == p->steps)
        p->step[p->steps++] = new;
    *to = (ipd_operand)(IPD_PROGRAM_INPUTS + i);
    return 0;
}

/* The index of the step that computes the operand; -1 for an input or a number. */
static int step_of(ipd_operand x)
{
    return x < IPD_PROGRAM_INPUTS ? -1 : x - IPD_PROGRAM_INPUTS;
}

static int is_uniform(const ipd_program *p, ipd_operand x)
{
    int i = step_of(x);
    return x < 0 || (i < 0 ? (int)(p->uniform >> x & 1) : p->step[i].is_uniform);
}

/* Drops steps and numbers that no output needs. */
static void prune(ipd_program *p)
{
    const ipd_program old = *p;
    char needed[IPD_PROGRAM_STEPS] = {0};
    ipd_operand moved[IPD_PROGRAM_STEPS];
    ipd_error e;
    for (int k = 0; k < old.outputs; k++)
        if (step_of(old.output[k]) >= 0)
            needed[step_of(old.output[k])] = 1;
    for (int i = old.steps - 1; i >= 0; i--)
        for (int j = 0; needed[i] && j < operations[old.step[i].op].arity; j++)
            if (step_of(old.step[i].of[j]) >= 0)
                needed[step_of(old.step[i].of[j])] = 1;
    p->steps = p->numbers = 0;
    for (int i = 0; i <= old.steps; i++) { /* the last turn is for the outputs */
        const ipd_operand *from = i < old.steps ? old.step[i].of : old.output;
        int count = i < old.steps ? operations[old.step[i].op].arity : old.outputs;
        ipd_operand of[3] = {0};
        for (int j = 0; j < count && (i == old.steps || needed[i]); j++) {
            of[j] = step_of(from[j]) >= 0 ? moved[step_of(from[j])] : from[j];
            if (from[j] < 0)
                ipd_program_number(p, old.number[-1 - from[j]], &of[j], &e);
        }
        if (i == old.steps)
            memcpy(p->output, of, sizeof p->output);
        else if (needed[i])
            ipd_program_add(p, old.step[i].op, of, &moved[i], &e);
    }
}

/* Assigns a register to each step. A step may write to a register that it reads. */
static int allocate(ipd_program *p, ipd_error *e)
{
    int last[IPD_PROGRAM_STEPS]; /* the last step that reads the result; p->steps for an output */
    int owner[IPD_PROGRAM_REGISTERS];
    for (int i = 0; i < p->steps; i++) {
        last[i] = i;
        for (int j = 0; j < operations[p->step[i].op].arity; j++)
            if (step_of(p->step[i].of[j]) >= 0)
                last[step_of(p->step[i].of[j])] = i;
    }
    for (int k = 0; k < p->outputs; k++)
        if (step_of(p->output[k]) >= 0)
            last[step_of(p->output[k])] = p->steps;
    for (int r = 0; r < IPD_PROGRAM_REGISTERS; r++)
        owner[r] = -1;
    for (int i = 0; i < p->steps; i++) {
        ipd_program_step *s = &p->step[i];
        s->is_uniform = 1;
        for (int j = 0; j < operations[s->op].arity; j++)
            s->is_uniform &= is_uniform(p, s->of[j]);
        int r = 0;
        while (!s->is_uniform && r < IPD_PROGRAM_REGISTERS && owner[r] >= 0 && last[owner[r]] > i)
            r++;
        if (r == IPD_PROGRAM_REGISTERS)
            return ipd_fail(e, IPD_EUSAGE,
                            "the function has more than %d intermediate values in use at once. Use "
                            "fewer",
                            r);
        s->reg = (uint8_t)r;
        if (!s->is_uniform)
            owner[r] = i;
    }
    return 0;
}

int ipd_program_finish(ipd_program *p, const ipd_operand *outputs, int count, ipd_error *e)
{
    assert(count >= 1 && count <= IPD_PROGRAM_OUTPUTS);
    p->outputs = count;
    memcpy(p->output, outputs, (size_t)count * sizeof *outputs);
    prune(p);
    return allocate(p, e);
}

void ipd_program_part(const ipd_program *p, int k, ipd_program *to)
{
    ipd_error e;
    *to = *p;
    for (int i = 0; i < to->steps; i++)
        to->step[i].is_uniform = to->step[i].reg = 0; /* as ipd_program_add leaves them */
    /* A part has no more values in use at once than the whole. */
    ipd_program_finish(to, &p->output[k], 1, &e);
}

/* Text. */

/* Writes a number with the fewest digits that read back to the same bits. */
static void write_number(float x, char *to, size_t size)
{
    double back = 0;
    for (int digits = 1; digits <= 9; digits++) {
        snprintf(to, size, "%.*g", digits, (double)x);
        if (isinf(x) || (!ipd_text_to_double(to, &back) && (float)back == x))
            return;
    }
}

static void write_operand(const ipd_program *p, ipd_operand x, char *to, size_t size)
{
    if (x < 0)
        write_number(p->number[-1 - x], to, size);
    else if (step_of(x) < 0)
        snprintf(to, size, "%c", p->input[x]);
    else
        snprintf(to, size, "t%d", step_of(x) + 1);
}

void ipd_program_write(const ipd_program *p, char *to, size_t size)
{
    size_t at = 0;
    char word[24];
    for (int i = 0; i < p->inputs; i++)
        at += (size_t)snprintf(to + at, size - at, "%c ", p->input[i]);
    at += (size_t)snprintf(to + at, size - at, "->");
    for (int i = 0; i < p->steps; i++) {
        const ipd_program_step *s = &p->step[i];
        at += (size_t)snprintf(to + at, size - at, " t%d = %s", i + 1, operations[s->op].name);
        for (int j = 0; j < operations[s->op].arity; j++) {
            write_operand(p, s->of[j], word, sizeof word);
            at += (size_t)snprintf(to + at, size - at, " %s", word);
        }
        at += (size_t)snprintf(to + at, size - at, ";");
        assert(at < size);
    }
    at += (size_t)snprintf(to + at, size - at, " return");
    for (int k = 0; k < p->outputs; k++) {
        write_operand(p, p->output[k], word, sizeof word);
        at += (size_t)snprintf(to + at, size - at, " %s", word);
    }
    assert(at < size);
}

/* Reading: words are separated by single spaces; a step ends with a semicolon. */
typedef struct reader {
    const char *at;
    char word[24];
    int ends; /* the word ended with a semicolon */
    ipd_program *p;
    ipd_error *e;
} reader;

static int next_word(reader *r)
{
    size_t n = strcspn(r->at, " ;");
    if (!n || n >= sizeof r->word)
        return ipd_fail(r->e, IPD_EFORMAT,
                        "a word of the program is missing or too long, at "
                        "'%.20s'. Write it as ipdlam does",
                        r->at);
    memcpy(r->word, r->at, n);
    r->word[n] = 0;
    r->at += n;
    if ((r->ends = *r->at == ';'))
        r->at++;
    if (*r->at == ' ' && r->at[1])
        r->at++;
    return 0;
}

static int expect(reader *r, const char *word)
{
    if (next_word(r))
        return -1;
    if (strcmp(r->word, word) != 0)
        return ipd_fail(r->e, IPD_EFORMAT, "the program has '%s' where '%s' must be", r->word,
                        word);
    return 0;
}

static int read_operand(reader *r, ipd_operand *to)
{
    double number;
    long step;
    if (next_word(r))
        return -1;
    for (int i = 0; i < r->p->inputs; i++)
        if (r->word[0] == r->p->input[i] && !r->word[1]) {
            *to = (ipd_operand)i;
            return 0;
        }
    if (r->word[0] == 't' && !ipd_text_to_long(r->word + 1, &step) && step >= 1 &&
        step <= r->p->steps) {
        *to = (ipd_operand)(IPD_PROGRAM_INPUTS + step - 1);
        return 0;
    }
    if (!strcmp(r->word, "inf") || !strcmp(r->word, "-inf"))
        return ipd_program_number(r->p, r->word[0] == '-' ? -INFINITY : INFINITY, to, r->e);
    if (ipd_text_to_double(r->word, &number) || !isfinite((float)number))
        return ipd_fail(r->e, IPD_EFORMAT,
                        "the program uses '%s', which is no input, no earlier step and no number",
                        r->word);
    return ipd_program_number(r->p, number, to, r->e);
}

/* Reads "t1 = exp x;" up to its end; the word t1 has been read. */
static int read_step(reader *r)
{
    char name[16];
    ipd_operand of[3], to;
    int before = r->p->steps;
    snprintf(name, sizeof name, "t%d", before + 1);
    if (strcmp(r->word, name) != 0)
        return ipd_fail(r->e, IPD_EFORMAT, "the program has '%s' where '%s' or 'return' must be",
                        r->word, name);
    if (expect(r, "=") || next_word(r))
        return -1;
    int op = ipd_program_op(r->word);
    if (op < 0)
        return ipd_fail(r->e, IPD_EFORMAT, "the program has the unknown operation '%s'", r->word);
    for (int j = 0; j < operations[op].arity; j++) {
        if (r->ends)
            return ipd_fail(r->e, IPD_EFORMAT, "%s needs %d operands in the program",
                            operations[op].name, operations[op].arity);
        if (read_operand(r, &of[j]))
            return -1;
    }
    if (!r->ends)
        return ipd_fail(r->e, IPD_EFORMAT, "step %s of the program does not end after its operands",
                        name);
    if (ipd_program_add(r->p, op, of, &to, r->e))
        return -1;
    if (r->p->steps == before)
        return ipd_fail(r->e, IPD_EFORMAT, "step %s of the program repeats an earlier one", name);
    return 0;
}

int ipd_program_read(ipd_program *p, const char *text, const char *inputs, unsigned uniform,
                     int outputs, ipd_error *e)
{
    reader r = {.at = text, .p = p, .e = e};
    ipd_operand output[IPD_PROGRAM_OUTPUTS];
    assert(outputs <= IPD_PROGRAM_OUTPUTS);
    if (strlen(text) >= IPD_PROGRAM_TEXT)
        return ipd_fail(e, IPD_EFORMAT, "the program has more than %d characters",
                        IPD_PROGRAM_TEXT - 1);
    ipd_program_init(p, inputs, uniform);
    for (const char *c = inputs; *c; c++)
        if (expect(&r, (char[]){*c, 0}))
            return -1;
    if (expect(&r, "->") || next_word(&r))
        return -1;
    while (strcmp(r.word, "return") != 0)
        if (read_step(&r) || next_word(&r))
            return -1;
    for (int k = 0; k < outputs; k++)
        if (read_operand(&r, &output[k]))
            return -1;
    if (*r.at || r.ends)
        return ipd_fail(e, IPD_EFORMAT, "the program goes on after its end: '%.20s'", r.at);
    return ipd_program_finish(p, output, outputs, e);
}

/* Running. */

/* The values of an operand: a step of 0 repeats one value. */
typedef struct view {
    const float *data;
    size_t step;
} view;

typedef struct run {
    const ipd_program *p;
    const float *const *in;
    size_t at; /* the first element of the tile */
    float scalar[IPD_PROGRAM_STEPS];
    float (*reg)[TILE];
} run;

static view view_of(const run *r, ipd_operand x)
{
    int i = step_of(x);
    if (x < 0)
        return (view){&r->p->number[-1 - x], 0};
    if (i < 0)
        return r->p->uniform >> x & 1 ? (view){r->in[x], 0} : (view){r->in[x] + r->at, 1};
    return r->p->step[i].is_uniform ? (view){&r->scalar[i], 0}
                                    : (view){r->reg[r->p->step[i].reg], 1};
}

static void run_step(const run *r, const ipd_program_step *s, float *to, size_t count)
{
    const struct operation *o = &operations[s->op];
    view x[3];
    for (int j = 0; j < o->arity; j++)
        x[j] = view_of(r, s->of[j]);
    if (o->arity == 1)
        ipd_map_floats((ipd_unary)o->op, x[0].data, to, count);
    else if (o->arity == 2)
        ipd_combine_floats((ipd_binary)o->op, x[0].data, x[0].step, x[1].data, x[1].step, to,
                           count);
    else
        ipd_choose_floats(x[0].data, x[0].step, x[1].data, x[1].step, x[2].data, x[2].step, to,
                          count);
}

static void copy_output(view from, float *to, size_t count)
{
    for (size_t i = 0; i < count; i++)
        to[i] = from.data[i * from.step];
}

/* 1 if the last step gives the only output, and can write it there. */
static int ends_in_place(const ipd_program *p)
{
    return p->outputs == 1 && p->steps && step_of(p->output[0]) == p->steps - 1 &&
           !p->step[p->steps - 1].is_uniform;
}

void ipd_program_run(const ipd_program *p, const float *const *in, float *const *to, size_t count)
{
    float reg[IPD_PROGRAM_REGISTERS][TILE];
    run r = {.p = p, .in = in, .reg = reg};
    int in_place = ends_in_place(p);
    for (int i = 0; i < p->steps; i++)
        if (p->step[i].is_uniform)
            run_step(&r, &p->step[i], &r.scalar[i], 1);
    for (r.at = 0; r.at < count; r.at += TILE) {
        size_t n = count - r.at < TILE ? count - r.at : TILE;
        for (int i = 0; i < p->steps; i++)
            if (!p->step[i].is_uniform)
                run_step(&r, &p->step[i],
                         in_place && i == p->steps - 1 ? to[0] + r.at : reg[p->step[i].reg], n);
        if (in_place)
            continue;
        view result[IPD_PROGRAM_OUTPUTS];
        float kept[IPD_PROGRAM_OUTPUTS]
                  [TILE]; /* to[0] may be in[i], and the other output input i */
        for (int k = 0; k < p->outputs; k++) {
            result[k] = view_of(&r, p->output[k]);
            if (p->outputs > 1 && p->output[k] >= 0 && step_of(p->output[k]) < 0 &&
                result[k].step) {
                memcpy(kept[k], result[k].data, n * sizeof(float));
                result[k].data = kept[k];
            }
        }
        for (int k = 0; k < p->outputs; k++)
            copy_output(result[k], to[k] + r.at, n);
    }
}
