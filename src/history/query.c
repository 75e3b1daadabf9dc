/* query.c - conditions and orders of runs: parsed, checked, made into SQL with bound values. */
#include "history/query.h"
#include "base/text.h"
#include "history/private.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_VALUES = 64, MOST_DEPTH = 50, WORD = 256 };

typedef enum token {
    END,
    NAME,
    NUMERAL,
    STRING,
    OPERATOR /* all else: the text says which */
} token;

typedef struct parser {
    const char *text, *at;
    token token;
    char word[WORD]; /* of the token: a name, a string's content, an operator */
    double number;
    int depth;
    char sql[16384];
    size_t size;
    struct {
        int is_text;
        double number;
        char text[WORD];
    } values[MOST_VALUES];
    int count;
    ipd_error *e;
} parser;

/* What an operand turned out to be. */
typedef struct operand {
    ipd_history_kind kind;
    char name[WORD];            /* where it is a name alone */
    int literal;                /* 1: a text or a word, the last of the values */
    const char *const *choices; /* of the name */
} operand;

static int fail(parser *p, const char *format, const char *a, const char *b)
{
    char why[440];
    snprintf(why, sizeof why, format, a, b);
    return ipd_fail(p->e, IPD_EUSAGE, "\"%.100s\": %.340s", p->text, why);
}

static int fail_unknown(parser *p, const char *kind, const char *name, const char *near,
                        const char *otherwise)
{
    ipd_fail_unknown(p->e, kind, name, near, otherwise);
    return ipd_fail_in(p->e, "\"%.100s\"", p->text);
}

static int put(parser *p, const char *text)
{
    size_t length = strlen(text);
    if (p->size + length >= sizeof p->sql)
        return fail(p, "%s%s", "this is too long", "");
    memcpy(p->sql + p->size, text, length + 1);
    p->size += length;
    return 0;
}

static int put_value(parser *p, int is_text, double number, const char *text)
{
    char place[16];
    if (p->count == MOST_VALUES)
        return fail(p, "%s%s", "this is too long", "");
    p->values[p->count].is_text = is_text;
    p->values[p->count].number = number;
    snprintf(p->values[p->count].text, WORD, "%s", text);
    snprintf(place, sizeof place, "?%d", ++p->count);
    return put(p, place);
}

/* Takes letters, digits, _ and the dot of "last.phi". */
static void take_name(parser *p)
{
    size_t n = 0;
    while (isalnum((unsigned char)*p->at) || *p->at == '_' || *p->at == '.') {
        if (n + 1 < WORD)
            p->word[n++] = *p->at;
        p->at++;
    }
    p->word[n] = 0;
    p->token = NAME;
}

static int take_number(parser *p)
{
    char *end;
    p->number = strtod(p->at, &end);
    p->token = NUMERAL;
    p->at = end;
    if (*end == '%') {
        p->number /= 100;
        p->at++;
    } else if (isalnum((unsigned char)*end) || *end == '_') {
        return fail(p, "there is no number that goes on like \"%.40s\"%s", end, "");
    }
    return 0;
}

static int take_string(parser *p)
{
    char quote = *p->at++;
    size_t n = 0;
    for (; *p->at && *p->at != quote; p->at++) {
        if (n + 1 == WORD)
            return fail(p, "%s%s", "this text is too long", "");
        p->word[n++] = *p->at;
    }
    p->word[n] = 0;
    if (!*p->at)
        return fail(p, "%s%s", "a text in quotes does not end", "");
    p->at++;
    p->token = STRING;
    return 0;
}

static int next(parser *p)
{
    static const char *const operators[] = {"==", "!=", "~=", "<>", "<=", ">=", "!~",
                                            "&&", "||", "=",  "<",  ">",  "~",  "(",
                                            ")",  "+",  "-",  "*",  "/",  "!",  NULL};
    while (isspace((unsigned char)*p->at))
        p->at++;
    if (!*p->at) {
        p->token = END;
        strcpy(p->word, "the end");
        return 0;
    }
    if (isalpha((unsigned char)*p->at) || *p->at == '_') {
        take_name(p);
        return 0;
    }
    if (isdigit((unsigned char)*p->at) || (*p->at == '.' && isdigit((unsigned char)p->at[1])))
        return take_number(p);
    if (*p->at == '\'' || *p->at == '"')
        return take_string(p);
    for (int i = 0; operators[i]; i++)
        if (!strncmp(p->at, operators[i], strlen(operators[i]))) {
            strcpy(p->word, operators[i]);
            p->at += strlen(operators[i]);
            p->token = OPERATOR;
            return 0;
        }
    return fail(p, "\"%.10s\" means nothing here%s", p->at, "");
}

/* Whether the token is the operator or the word. */
static int is(const parser *p, const char *symbol, const char *word)
{
    return (p->token == OPERATOR && symbol && !strcmp(p->word, symbol)) ||
           (p->token == NAME && word && !strcasecmp(p->word, word));
}

static int parse_or(parser *p, operand *out);

/* A text in quotes, or a word, whatever else it may be the name of. */
static int parse_word(parser *p, operand *out)
{
    if (p->token != STRING && p->token != NAME)
        return fail(p, "a word or a text in quotes is missing before %.60s%s", p->word, "");
    *out = (operand){.kind = IPD_HISTORY_TEXT, .literal = 1};
    return put_value(p, 1, 0, p->word) || next(p) ? -1 : 0;
}

/* A name; or, where a text stands on the other side, a word that is no name: finished. */
static int parse_name(parser *p, const operand *other, operand *out)
{
    ipd_history_name name;
    if (!strcasecmp(p->word, "true") || !strcasecmp(p->word, "false")) {
        out->kind = IPD_HISTORY_NUMBER;
        return put(p, !strcasecmp(p->word, "true") ? "1" : "0") || next(p);
    }
    if (!ipd_history_find_name(p->word, &name)) {
        out->kind = name.kind;
        out->choices = name.choices;
        snprintf(out->name, sizeof out->name, "%s", p->word);
        return put(p, name.sql) || next(p);
    }
    if (other && other->kind == IPD_HISTORY_TEXT)
        return parse_word(p, out);
    return fail_unknown(p, "name", p->word, ipd_text_nearest(p->word, ipd_history_names, NULL),
                        "ipdlam-runs(1) lists the names.");
}

static int parse_primary(parser *p, const operand *other, operand *out)
{
    *out = (operand){0};
    if (p->token == NUMERAL) {
        out->kind = IPD_HISTORY_NUMBER;
        return put_value(p, 0, p->number, "") || next(p);
    }
    if (p->token == STRING)
        return parse_word(p, out);
    if (is(p, "-", NULL)) {
        if (put(p, " -") || next(p) || parse_primary(p, other, out))
            return -1;
        *out->name = 0;
        return out->kind == IPD_HISTORY_NUMBER ? 0
                                               : fail(p, "%s%s", "only a number has a sign", "");
    }
    if (is(p, "(", NULL)) {
        if (++p->depth > MOST_DEPTH)
            return fail(p, "%s%s", "the parentheses are too deep", "");
        if (put(p, "(") || next(p) || parse_or(p, out))
            return -1;
        if (!is(p, ")", NULL))
            return fail(p, "a parenthesis is not closed before %.60s%s", p->word, "");
        p->depth--;
        *out->name = 0;
        return put(p, ")") || next(p);
    }
    if (p->token == NAME)
        return parse_name(p, other, out);
    return fail(p, "a name or a value is missing before %.60s%s", p->word, "");
}

/* + - over * /, level 0 and 1. */
static int parse_sum(parser *p, int level, const operand *other, operand *out)
{
    static const char *const operators[2][2] = {{"+", "-"}, {"*", "/"}};
    if (level == 2)
        return parse_primary(p, other, out);
    if (parse_sum(p, level + 1, other, out))
        return -1;
    while (is(p, operators[level][0], NULL) || is(p, operators[level][1], NULL)) {
        operand right;
        /* A quotient of whole numbers is none itself. */
        int divides = p->word[0] == '/';
        if (put(p, divides ? " * 1.0 / " : p->word) || next(p) ||
            parse_sum(p, level + 1, NULL, &right))
            return -1;
        if (out->kind != IPD_HISTORY_NUMBER || right.kind != IPD_HISTORY_NUMBER)
            return fail(p, "%s%s", "only numbers can be reckoned with", "");
        *out = (operand){.kind = IPD_HISTORY_NUMBER};
    }
    return 0;
}

/* The two sides of a comparison must be of one kind, and a choice one that there is. */
static int check_sides(parser *p, const operand *left, const operand *right)
{
    const operand *name = *left->name ? left : right, *value = name == left ? right : left;
    if (left->kind != right->kind) {
        ipd_history_name last;
        char of_last[WORD + 8];
        if (!*name->name)
            return fail(p, "%s%s", "these two cannot be compared", "");
        if (name->kind == IPD_HISTORY_NUMBER)
            return fail(p, "%.60s is a number: compare it with a number%s", name->name, "");
        snprintf(of_last, sizeof of_last, "last.%s", name->name);
        if (!ipd_history_find_name(of_last, &last) && last.kind == IPD_HISTORY_NUMBER)
            return fail(p, "%.60s is a setting, a text. Did you mean %.60s?", name->name, of_last);
        return fail(p, "%.60s is a text: compare it with a text, %.60s = 'word'", name->name,
                    name->name);
    }
    if (!name->choices || !value->literal)
        return 0;
    const char *word = p->values[p->count - 1].text;
    for (int i = 0; name->choices[i]; i++)
        if (!strcmp(name->choices[i], word))
            return 0;
    ipd_fail_unknown_in(p->e, name->name, word, name->choices);
    return ipd_fail_in(p->e, "\"%.100s\"", p->text);
}

/* What a pattern without wildcards means is "holds". */
static void make_pattern(parser *p)
{
    char *text = p->values[p->count - 1].text, whole[WORD];
    if (!strpbrk(text, "*?[")) {
        snprintf(whole, sizeof whole, "*%.250s*", text);
        strcpy(text, whole);
    }
}

/* tag = word, tag ~ 'lr-*': whether there is one. */
static int parse_tags(parser *p, operand *out)
{
    int negated = is(p, "!=", NULL) || is(p, "~=", NULL) || is(p, "<>", NULL) || is(p, "!~", NULL);
    int matches = is(p, "~", NULL) || is(p, "!~", NULL);
    operand right;
    if (!negated && !matches && !is(p, "=", NULL) && !is(p, "==", NULL))
        return fail(p, "%s%s", "a tag is compared so: tag = word, tag != word, tag ~ 'wor*'", "");
    if (put(p, negated ? "NOT EXISTS (SELECT 1 FROM tags WHERE run = r.id AND tag "
                       : "EXISTS (SELECT 1 FROM tags WHERE run = r.id AND tag ") ||
        put(p, matches ? "GLOB " : "= ") || next(p) || parse_word(p, &right) || put(p, ")"))
        return -1;
    if (matches)
        make_pattern(p);
    *out = (operand){.kind = IPD_HISTORY_TRUTH};
    return 0;
}

static int parse_comparison(parser *p, operand *out)
{
    static const char *const symbols[][2] = {{"==", "="},  {"=", "="},   {"!=", "<>"}, {"~=", "<>"},
                                             {"<>", "<>"}, {"<=", "<="}, {">=", ">="}, {"<", "<"},
                                             {">", ">"},   {NULL, NULL}};
    operand right;
    size_t begin = p->size;
    if (parse_sum(p, 0, NULL, out))
        return -1;
    if (out->kind == IPD_HISTORY_TAGS) {
        p->size = begin;
        return parse_tags(p, out);
    }
    if (is(p, "~", NULL) || is(p, "!~", NULL)) {
        int negated = p->word[0] == '!';
        if (put(p, negated ? " NOT GLOB " : " GLOB ") || next(p) || parse_word(p, &right))
            return -1;
        if (out->kind != IPD_HISTORY_TEXT)
            return fail(p, "%s%s", "~ compares a text with a pattern: name ~ 'lr-*'", "");
        make_pattern(p);
        *out = (operand){.kind = IPD_HISTORY_TRUTH};
        return 0;
    }
    for (int i = 0; symbols[i][0]; i++) {
        if (!is(p, symbols[i][0], NULL))
            continue;
        if (put(p, " ") || put(p, symbols[i][1]) || put(p, " ") || next(p) ||
            parse_sum(p, 0, out, &right) || check_sides(p, out, &right))
            return -1;
        *out = (operand){.kind = IPD_HISTORY_TRUTH};
        return 0;
    }
    return 0;
}

/* A number alone is true where it is not 0: audit, nesterov. */
static int check_truth(parser *p, const operand *o)
{
    if (o->kind == IPD_HISTORY_TRUTH || o->kind == IPD_HISTORY_NUMBER)
        return 0;
    return *o->name
               ? fail(p, "%.60s is a text: compare it with one, %.60s = 'word'", o->name, o->name)
               : fail(p, "%s%s", "a text alone says nothing: compare it", "");
}

static int parse_not(parser *p, operand *out)
{
    if (!is(p, "!", "not"))
        return parse_comparison(p, out);
    if (++p->depth > MOST_DEPTH)
        return fail(p, "%s%s", "this is too deep", "");
    if (put(p, "NOT (") || next(p) || parse_not(p, out) || put(p, ")") || check_truth(p, out))
        return -1;
    p->depth--;
    *out = (operand){.kind = IPD_HISTORY_TRUTH};
    return 0;
}

static int parse_and(parser *p, operand *out)
{
    if (parse_not(p, out))
        return -1;
    while (is(p, "&&", "and")) {
        operand right;
        if (check_truth(p, out) || put(p, " AND ") || next(p) || parse_not(p, &right) ||
            check_truth(p, &right))
            return -1;
        *out = (operand){.kind = IPD_HISTORY_TRUTH};
    }
    return 0;
}

static int parse_or(parser *p, operand *out)
{
    if (parse_and(p, out))
        return -1;
    while (is(p, "||", "or")) {
        operand right;
        if (check_truth(p, out) || put(p, " OR ") || next(p) || parse_and(p, &right) ||
            check_truth(p, &right))
            return -1;
        *out = (operand){.kind = IPD_HISTORY_TRUTH};
    }
    return 0;
}

static int put_where(parser *p, const char *where)
{
    operand whole;
    p->text = p->at = where;
    if (put(p, "WHERE ") || next(p) || parse_or(p, &whole) || check_truth(p, &whole))
        return -1;
    if (p->token != END)
        return fail(p, "%.60s is not expected; and, or are missing?%s", p->word, "");
    return put(p, " ");
}

static int put_sort(parser *p, const char *sort)
{
    p->text = sort;
    if (put(p, "ORDER BY "))
        return -1;
    for (const char *at = sort; *at;) {
        char word[WORD];
        ipd_history_name name;
        at += strspn(at, ", ");
        int down = *at == '-';
        at += *at == '-' || *at == '+';
        size_t length = strcspn(at, ", ");
        snprintf(word, sizeof word, "%.*s", (int)(length < WORD ? length : WORD - 1), at);
        at += length;
        if (!*word && !*at)
            break;
        if (ipd_history_find_name(word, &name)) {
            return fail_unknown(p, "name", word, ipd_text_nearest(word, ipd_history_names, NULL),
                                "ipdlam-runs(1) lists the names.");
        }
        if (put(p, name.sql) || put(p, down ? " DESC NULLS LAST, " : " NULLS LAST, "))
            return -1;
    }
    return put(p, "r.id DESC ");
}

int ipd_history_select(ipd_history *h, const ipd_history_query *query, ipd_history_run_fn *each,
                       void *context, ipd_error *e)
{
    sqlite3_stmt *s;
    parser *p = calloc(1, sizeof *p);
    if (!p)
        return ipd_fail(e, IPD_EMEMORY, "%s: out of memory", h->path);
    p->e = e;
    int failed = put(p, ipd_history_run_columns);
    if (!failed && query->where && query->where[strspn(query->where, " ")])
        failed = put_where(p, query->where);
    failed = failed || put_sort(p, query->sort ? query->sort : "-id") || put(p, "LIMIT ") ||
             put_value(p, 0, query->limit > 0 ? (double)query->limit : -1, "") ||
             ipd_history_prepare(h, p->sql, &s, e);
    for (int i = 0; !failed && i < p->count; i++) {
        double x = p->values[i].number;
        if (p->values[i].is_text)
            sqlite3_bind_text(s, i + 1, p->values[i].text, -1, SQLITE_TRANSIENT);
        else if (i + 1 == p->count)
            sqlite3_bind_int64(s, i + 1, (sqlite3_int64)x);
        else
            sqlite3_bind_double(s, i + 1, x);
    }
    free(p);
    return failed ? -1 : ipd_history_each_run(h, s, each, context, e);
}
