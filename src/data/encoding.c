/* encoding.c - see encoding.h. */
#include "data/encoding.h"

#include "base/matrix.h"
#include "base/text.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

const char *const ipd_scale_names[] = {"none", "unit", "standard", "pixel", NULL};
const char *const ipd_target_names[] = {"classes", "values", "inputs", NULL};

int ipd_names_add(ipd_names *n, const char *name, ipd_error *e)
{
    if ((n->count & (n->count - 1)) == 0) {
        char **more = realloc(n->item, (n->count ? 2 * n->count : 1) * sizeof *more);
        if (!more)
            return ipd_fail(e, IPD_EMEMORY, "out of memory");
        n->item = more;
    }
    if (!(n->item[n->count] = strdup(name)))
        return ipd_fail(e, IPD_EMEMORY, "out of memory");
    n->count++;
    return 0;
}

long ipd_names_find(const ipd_names *n, const char *name)
{
    for (size_t i = 0; i < n->count; i++)
        if (!strcmp(n->item[i], name))
            return (long)i;
    return -1;
}

void ipd_names_free(ipd_names *n)
{
    for (size_t i = 0; i < n->count; i++)
        free(n->item[i]);
    free(n->item);
    *n = (ipd_names){0};
}

ipd_encoding *ipd_encoding_new(ipd_error *e)
{
    return ipd_allocate(1, sizeof(ipd_encoding), e);
}

void ipd_encoding_free(ipd_encoding *r)
{
    if (!r)
        return;
    for (size_t i = 0; i < r->column_count; i++) {
        free(r->columns[i].name);
        ipd_names_free(&r->columns[i].values);
    }
    free(r->columns);
    free(r->options);
    free(r->offset);
    free(r->divisor);
    free(r->fill);
    free(r->target_offset);
    free(r->target_divisor);
    ipd_names_free(&r->classes);
    free(r);
}

/* Writing. */

json_t *ipd_text_json(const char *text)
{
    json_t *o = json_string(text);
    char *copy = o ? NULL : strdup(text);
    for (char *c = copy; c && *c; c++)
        *c = (char)(*c & 0x80 ? '?' : *c);
    if (copy)
        o = json_string(copy);
    free(copy);
    return o ? o : json_null();
}

static json_t *names_json(const ipd_names *n)
{
    json_t *list = json_array();
    for (size_t i = 0; i < n->count; i++)
        json_array_append_new(list, ipd_text_json(n->item[i]));
    return list;
}

static void put_floats(json_t *o, const char *name, const float *x, size_t count)
{
    if (!x)
        return;
    json_t *list = json_array();
    for (size_t i = 0; i < count; i++)
        json_array_append_new(list, isfinite(x[i]) ? json_real((double)x[i]) : json_null());
    json_object_set_new(o, name, list);
}

char *ipd_encoding_text(const ipd_encoding *r)
{
    json_t *o = json_object();
    if (r->options && *r->options)
        json_object_set_new(o, "options", ipd_text_json(r->options));
    if (r->column_count) {
        json_t *columns = json_array();
        for (size_t i = 0; i < r->column_count; i++) {
            json_t *column = json_object();
            json_object_set_new(column, "name", ipd_text_json(r->columns[i].name));
            if (r->columns[i].values.count)
                json_object_set_new(column, "values", names_json(&r->columns[i].values));
            json_array_append_new(columns, column);
        }
        json_object_set_new(o, "columns", columns);
    }
    json_object_set_new(o, "image",
                        json_pack("[I, I]", (json_int_t)r->width, (json_int_t)r->height));
    if (r->pictures)
        json_object_set_new(o, "pictures", json_true());
    json_object_set_new(o, "scale", json_string(ipd_scale_names[r->scale]));
    put_floats(o, "offset", r->offset, r->inputs);
    put_floats(o, "divisor", r->divisor, r->inputs);
    put_floats(o, "fill", r->fill, r->inputs);
    json_object_set_new(o, "target", json_string(ipd_target_names[r->target]));
    if (r->classes.count)
        json_object_set_new(o, "classes", names_json(&r->classes));
    put_floats(o, "target_offset", r->target_offset, r->outputs);
    put_floats(o, "target_divisor", r->target_divisor, r->outputs);
    char *text = json_dumps(o, JSON_COMPACT | JSON_ENSURE_ASCII | JSON_REAL_PRECISION(9));
    json_decref(o);
    return text;
}

/* Reading. */

#define REFUSE(...) ipd_fail(e, IPD_EFORMAT, "the encoding of the data: " __VA_ARGS__)

static int read_names(ipd_names *to, const json_t *list, size_t max, const char *what, ipd_error *e)
{
    if (!list)
        return 0;
    if (!json_is_array(list) || json_array_size(list) > max)
        return REFUSE("%s is not a list of at most %zu names", what, max);
    for (size_t i = 0; i < json_array_size(list); i++) {
        const char *name = json_string_value(json_array_get(list, i));
        if (!name)
            return REFUSE("%s holds something that is not text", what);
        if (ipd_names_add(to, name, e))
            return -1;
    }
    return 0;
}

static int read_floats(float **to, const json_t *o, const char *name, size_t count, int divisor,
                       ipd_error *e)
{
    const json_t *list = json_object_get(o, name);
    if (!list)
        return 0;
    if (!json_is_array(list) || json_array_size(list) != count)
        return REFUSE("%s is not a list of %zu numbers", name, count);
    if (!(*to = ipd_allocate(count, sizeof **to, e)))
        return -1;
    for (size_t i = 0; i < count; i++) {
        const json_t *x = json_array_get(list, i);
        double v = json_is_null(x) && !divisor ? NAN : json_number_value(x);
        if ((!json_is_number(x) && !(json_is_null(x) && !divisor)) || fabs(v) > 3.4e38 ||
            (divisor && (float)v == 0))
            return REFUSE("%s holds a value that is not possible", name);
        (*to)[i] = (float)v;
    }
    return 0;
}

static int read_columns(ipd_encoding *r, const json_t *list, ipd_error *e)
{
    size_t inputs = 0, count = json_array_size(list);
    if (!list)
        return 0;
    if (!json_is_array(list) || count < 1 || count > r->inputs)
        return REFUSE("columns is not a list of 1 to %zu columns", r->inputs);
    if (!(r->columns = ipd_allocate(count, sizeof *r->columns, e)))
        return -1;
    for (size_t i = 0; i < count; i++) {
        const json_t *one = json_array_get(list, i);
        const char *name = json_string_value(json_object_get(one, "name"));
        ipd_encoding_column *c = &r->columns[r->column_count++];
        if (!name || !(c->name = strdup(name)))
            return REFUSE("column %zu has no name", i + 1);
        if (read_names(&c->values, json_object_get(one, "values"), r->inputs, "values", e))
            return -1;
        inputs += c->values.count ? c->values.count : 1;
    }
    return inputs == r->inputs
               ? 0
               : REFUSE("its columns give %zu inputs, but the network has %zu", inputs, r->inputs);
}

static int read_word(const json_t *o, const char *name, const char *const *words, int *to,
                     ipd_error *e)
{
    const char *text = json_string_value(json_object_get(o, name));
    *to = text ? ipd_text_index(text, words) : -1;
    return *to < 0 ? REFUSE("%s is missing or unknown", name) : 0;
}

static int read_all(ipd_encoding *r, const json_t *o, size_t outputs, ipd_error *e)
{
    const json_t *image = json_object_get(o, "image");
    const char *options = json_string_value(json_object_get(o, "options"));
    int scale, target;
    if (!json_is_object(o))
        return REFUSE("is not a JSON object");
    if (read_word(o, "scale", ipd_scale_names, &scale, e) ||
        read_word(o, "target", ipd_target_names, &target, e))
        return -1;
    r->scale = (ipd_scaling)scale;
    r->target = (ipd_target)target;
    r->pictures = json_is_true(json_object_get(o, "pictures"));
    r->width = (size_t)json_integer_value(json_array_get(image, 0));
    r->height = (size_t)json_integer_value(json_array_get(image, 1));
    if (r->width < 1 || r->width > r->inputs || r->height < 1 || r->height > r->inputs ||
        r->width * r->height != r->inputs)
        return REFUSE("the image has not %zu pixels", r->inputs);
    if (r->target == IPD_TARGET_VALUES)
        r->outputs = outputs;
    if (options && !(r->options = strdup(options)))
        return ipd_fail(e, IPD_EMEMORY, "out of memory");
    if (read_columns(r, json_object_get(o, "columns"), e) ||
        read_names(&r->classes, json_object_get(o, "classes"), outputs, "classes", e) ||
        read_floats(&r->offset, o, "offset", r->inputs, 0, e) ||
        read_floats(&r->divisor, o, "divisor", r->inputs, 1, e) ||
        read_floats(&r->fill, o, "fill", r->inputs, 0, e) ||
        read_floats(&r->target_offset, o, "target_offset", r->outputs, 0, e) ||
        read_floats(&r->target_divisor, o, "target_divisor", r->outputs, 1, e))
        return -1;
    if (!r->offset != !r->divisor || !r->target_offset != !r->target_divisor ||
        (r->offset != NULL) != (r->scale == IPD_SCALE_UNIT || r->scale == IPD_SCALE_STANDARD))
        return REFUSE("the scale and its numbers do not fit");
    return 0;
}

ipd_encoding *ipd_encoding_parse(const char *text, size_t inputs, size_t outputs, ipd_error *e)
{
    json_error_t why;
    ipd_encoding *r = ipd_encoding_new(e);
    json_t *o = r ? json_loads(text, JSON_REJECT_DUPLICATES, &why) : NULL;
    if (r)
        r->inputs = inputs;
    if (r && !o)
        REFUSE("is not JSON: %s", why.text);
    if (!o || read_all(r, o, outputs, e)) {
        ipd_encoding_free(r);
        r = NULL;
    }
    json_decref(o);
    return r;
}

void ipd_encoding_apply(const ipd_encoding *r, float *x)
{
    for (size_t i = 0; i < r->inputs && r->fill; i++)
        if (isnan(x[i]))
            x[i] = r->fill[i];
    if (r->scale == IPD_SCALE_PIXEL)
        for (size_t i = 0; i < r->inputs; i++)
            x[i] /= 255;
    else if (r->offset)
        for (size_t i = 0; i < r->inputs; i++)
            x[i] = (x[i] - r->offset[i]) / r->divisor[i];
}

void ipd_encoding_undo(const ipd_encoding *r, float *x)
{
    if (r->scale == IPD_SCALE_PIXEL)
        for (size_t i = 0; i < r->inputs; i++)
            x[i] *= 255;
    else if (r->offset)
        for (size_t i = 0; i < r->inputs; i++)
            x[i] = x[i] * r->divisor[i] + r->offset[i];
}

static int same_names(const ipd_names *a, const ipd_names *b)
{
    int same = a->count == b->count;
    for (size_t i = 0; same && i < a->count; i++)
        same = !strcmp(a->item[i], b->item[i]);
    return same;
}

static int same_floats(const float *a, const float *b, size_t count)
{
    return !a || !b ? a == b : !memcmp(a, b, count * sizeof *a);
}

int ipd_encoding_alike(const ipd_encoding *a, const ipd_encoding *b)
{
    if (a->inputs != b->inputs || a->scale != b->scale || a->target != b->target ||
        a->outputs != b->outputs || !same_names(&a->classes, &b->classes) ||
        a->column_count != b->column_count)
        return 0;
    for (size_t i = 0; i < a->column_count; i++)
        if (strcmp(a->columns[i].name, b->columns[i].name) ||
            !same_names(&a->columns[i].values, &b->columns[i].values))
            return 0;
    return same_floats(a->offset, b->offset, a->inputs) &&
           same_floats(a->divisor, b->divisor, a->inputs) &&
           same_floats(a->target_offset, b->target_offset, a->outputs) &&
           same_floats(a->target_divisor, b->target_divisor, a->outputs);
}
