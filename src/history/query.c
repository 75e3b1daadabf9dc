/* query.c - conditions and orders of runs, parsed by SQLite. See query.h.
 *
 * A condition becomes an SQLite expression over runs r, with each public name replaced by its SQL.
 * The scanner knows words but no grammar: it translates the forms that SQLite lacks (50%, ~, words
 * without quotes, tags), rejects names that are not public, and compares the types of neighbouring
 * words. An error from SQLite is traced back to a word of the condition by its position in the SQL.
 * An authorizer restricts the statement to reading the history.
 */
#include "history/query.h"
#include "base/text.h"
#include "history/private.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

enum { LONGEST = 8192, DEEPEST = 50, WORD = 256, STRIDE = 1000, STRIDES = 100000 };

static const char *const keywords[] = {"and", "false", "in", "is",   "like",
                                       "not", "null",  "or", "true", NULL};
/* Used by the names in names.c and by ~. */
static const char *const functions[] = {
    "coalesce",     "count",      "glob",      "group_concat", "ipd_state", "json_array_length",
    "json_extract", "json_valid", "julianday", "like",         "nullif",    "replace",
    "trim",         NULL};
static const char *const tables[] = {"runs", "records", "rewinds", "tags", "checkpoints", NULL};

/* Symbols of conditions and of SQLite. A division of integers is made real. */
static const char *const symbols[][2] = {
    {"&&", "and"}, {"||", "or"}, {"!~", "not glob"}, {"~=", "<>"}, {"!=", "<>"}, {"<>", "<>"},
    {"==", "="},   {"<=", "<="}, {">=", ">="},       {"=", "="},   {"<", "<"},   {">", ">"},
    {"~", "glob"}, {"!", "not"}, {"/", "* 1.0 /"},   {"*", "*"},   {"+", "+"},   {"-", "-"},
    {"(", "("},    {")", ")"},   {",", ","}};
enum { SYMBOLS = sizeof symbols / sizeof *symbols };

typedef struct token {
    enum { EDGE, NAME, FREE, KEYWORD, NUMBER, STRING, SYMBOL } type;
    const char *at, *sql; /* position in the condition; the SQL of a keyword or a symbol, else "" */
    int length;
    double number;
    ipd_history_name name;
    char text[WORD]; /* the word, or a string without its quotes */
    long place;      /* its offset in the SQL */
} token;

/* A condition: tokens 1 to `count`, between two EDGE tokens. */
typedef struct scanner {
    const char *text;
    token *tokens;
    int count;
    ipd_error *e;
} scanner;

__attribute__((format(printf, 2, 3))) static int fail(const scanner *s, const char *format, ...)
{
    char why[340];
    va_list ap;
    va_start(ap, format);
    vsnprintf(why, sizeof why, format, ap);
    va_end(ap);
    return ipd_fail(s->e, IPD_EUSAGE, "\"%.100s\": %s", s->text, why);
}

static int fail_name(const scanner *s, const char *word)
{
    ipd_nearest near = ipd_nearest_in(word, ipd_history_names());
    ipd_fail_unknown(s->e, "name", &near, "ipdlam-runs(1) lists the names.");
    return ipd_fail_in(s->e, "\"%.100s\"", s->text);
}

static const char *find(const char *const *words, const char *word)
{
    while (*words && strcasecmp(*words, word))
        words++;
    return *words;
}

static int is(const token *t, const char *sql)
{
    return !strcmp(t->sql, sql);
}

/* A string in quotes of either kind; a doubled quote is a literal one. */
static int scan_string(scanner *s, token *t)
{
    const char *at = t->at + 1;
    for (size_t n = 0; *at && (*at != *t->at || *++at == *t->at); at++) {
        if (n + 1 == WORD)
            return fail(s, "a quoted text is too long. Use less than 256 bytes");
        t->text[n++] = *at;
    }
    t->type = STRING;
    t->length = (int)(at - t->at);
    return t->length < 2 || at[-1] != *t->at ? fail(s, "a quoted text is not closed") : 0;
}

static int scan_number(scanner *s, token *t)
{
    const char *at = t->at;
    while (isalnum((unsigned char)*at) || *at == '.' || *at == '_' ||
           ((*at == '+' || *at == '-') && (at[-1] | 32) == 'e'))
        at++;
    snprintf(t->text, WORD, "%.*s", (int)(at - t->at), t->at);
    if (ipd_text_to_double(t->text, &t->number))
        return fail(s, "'%.60s' is not a number", t->text);
    if (*at == '%')
        t->number /= 100;
    t->type = NUMBER;
    t->length = (int)(at - t->at) + (*at == '%');
    return 0;
}

static int scan_word(token *t)
{
    while (isalnum((unsigned char)t->at[t->length]) || t->at[t->length] == '_' ||
           t->at[t->length] == '.') /* as in last.phi */
        t->length++;
    snprintf(t->text, WORD, "%.*s", t->length, t->at);
    const char *keyword = find(keywords, t->text);
    t->type = !ipd_history_find_name(t->text, &t->name) ? NAME : keyword ? KEYWORD : FREE;
    t->sql = t->type == KEYWORD ? keyword : "";
    return 0;
}

static int scan_token(scanner *s, token *t)
{
    unsigned char c = (unsigned char)*t->at;
    if (c == '\'' || c == '"')
        return scan_string(s, t);
    if (isdigit(c) || (c == '.' && isdigit((unsigned char)t->at[1])))
        return scan_number(s, t);
    if (isalpha(c) || c == '_')
        return scan_word(t);
    for (int i = 0; i < SYMBOLS; i++)
        if (!strncmp(t->at, symbols[i][0], strlen(symbols[i][0]))) {
            t->type = SYMBOL;
            t->length = snprintf(t->text, WORD, "%s", symbols[i][0]);
            t->sql = symbols[i][1];
            return 0;
        }
    return fail(s, "unknown character \"%.10s\"", t->at);
}

static int tokenize(scanner *s)
{
    size_t length = strlen(s->text);
    int depth = 0;
    if (length > LONGEST)
        return fail(s, "the condition is too long. Use at most 8192 bytes");
    s->tokens = calloc(length + 3, sizeof *s->tokens);
    if (!s->tokens)
        return ipd_fail(s->e, IPD_EMEMORY, "out of memory");
    s->tokens[0].sql = "";
    for (const char *at = s->text;;) {
        token *t = &s->tokens[s->count + 1];
        *t = (token){.at = at + strspn(at, " \t\r\n\v\f"), .sql = ""};
        if (!*t->at) {
            strcpy(t->text, "the end");
            return depth ? fail(s, "a parenthesis is not closed") : 0;
        }
        if (scan_token(s, t))
            return -1;
        at = t->at + t->length;
        s->count++;
        depth += is(t, "(") - is(t, ")");
        if (depth < 0 || depth > DEEPEST)
            return fail(s, depth < 0 ? "')' without '('" : "the parentheses are nested too deeply");
    }
}

static int is_operand(const token *t)
{
    return t->type == NAME || t->type == FREE || t->type == NUMBER || t->type == STRING;
}

static int is_text(const token *t)
{
    return t->type == STRING || (t->type == NAME && t->name.is_text);
}

static int compares(const token *t)
{
    return t->type == SYMBOL && strspn(t->sql, "<=>") == strlen(t->sql);
}

static int matches(const token *t)
{
    return is(t, "glob") || is(t, "not glob");
}

static int joins(const token *t)
{
    return t->type == EDGE || is(t, "and") || is(t, "or");
}

/* Checks that both sides of a comparison have the same type, and that a choice has a possible
 * value. */
static int check_sides(const scanner *s, const token *left, const token *right)
{
    const token *name = left->type == NAME ? left : right, *value = name == left ? right : left;
    ipd_history_name last;
    char of_last[WORD + 8];
    if (!is_operand(left) || !is_operand(right))
        return 0;
    if (is_text(left) == is_text(right)) {
        const char *const *choices = name->name.choices;
        if (value->type != STRING || !choices || ipd_text_index(value->text, choices) >= 0)
            return 0;
        ipd_fail_unknown_in(s->e, name->text, value->text, choices);
        return ipd_fail_in(s->e, "\"%.100s\"", s->text);
    }
    if (name->type != NAME)
        return fail(s, "a text cannot be compared with a number");
    if (!is_text(name))
        return fail(s, "%.60s is a number. Compare it with a number", name->text);
    snprintf(of_last, sizeof of_last, "last.%s", name->text);
    if (!ipd_history_find_name(of_last, &last) && !last.is_text)
        return fail(s, "%.60s is a text setting. Did you mean %.60s?", name->text, of_last);
    return fail(s, "%.60s is a text. Compare it with a text, %.60s = 'word'", name->text,
                name->text);
}

/* Checks that a text is not an operand of arithmetic, nor used as a truth value. */
static int check_text(const scanner *s, const token *t)
{
    if ((t[-1].type == SYMBOL && strpbrk(t[-1].sql, "+-*/")) ||
        (t[1].type == SYMBOL && strpbrk(t[1].sql, "+-*/")))
        return fail(s, "'%.60s' is a text, but arithmetic needs numbers", t->text);
    if ((joins(t - 1) || is(t - 1, "not") || (is(t - 1, "(") && !is(t - 2, "in"))) &&
        (joins(t + 1) || is(t + 1, ")")))
        return fail(s, "'%.60s' is a text. Compare it, name = 'word'", t->text);
    return 0;
}

static int is_tag(const token *t)
{
    return t->type == NAME && t->name.is_tags;
}

/* Makes a word without quotes a string if it is compared with a text and is not a name; after ~ or
 * next to a tag, always. */
static void resolve_word(token *t)
{
    int word = t->type == NAME || t->type == FREE || t->type == KEYWORD;
    if ((word && (matches(t - 1) || (compares(t - 1) && is_tag(t - 2)))) ||
        (t->type == FREE && compares(t - 1) && is_text(t - 2))) {
        t->type = STRING;
        t->sql = "";
    }
}

/* Checks each token against its predecessors. */
static int check(const scanner *s)
{
    for (token *t = s->tokens + 1; s->count && t <= s->tokens + s->count + 1; t++) {
        const token *before = t - 1;
        resolve_word(t);
        if (is_tag(before) && !is(t, "=") && !is(t, "<>") && !matches(t))
            return fail(s, "a tag is compared with a word: tag = word, tag != word, tag ~ 'wor*'");
        if ((matches(before) || (compares(before) && is_tag(t - 2))) && t->type != STRING)
            return fail(s, "a word or a quoted text is missing before %.60s", t->text);
        if (matches(t) && !is_text(before) && !is(before, ")"))
            return fail(s, "~ compares a text with a pattern, such as name ~ 'lr-*'");
        if (t->type == FREE && !is_operand(before) && !is(before, ")"))
            return fail_name(s, t->text);
        if (is_operand(t) && (is_operand(before) || is(before, ")")))
            return fail(s, "'%.60s' is not expected here. Is 'and' or 'or' missing before it?",
                        t->text);
        if ((compares(before) && check_sides(s, t - 2, t)) ||
            (is_text(before) && check_text(s, before)))
            return -1;
    }
    return 0;
}

/* Writes a text in SQL. A pattern without wildcards means "contains". */
static void put_text(FILE *to, const char *text, int pattern)
{
    const char *around = pattern && !strpbrk(text, "*?[") ? "*" : "";
    fprintf(to, "'%s", around);
    for (; *text; text++)
        fprintf(to, *text == '\'' ? "''" : "%c", *text);
    fprintf(to, "%s'", around);
}

static void put_condition(FILE *to, const scanner *s)
{
    token *t = s->tokens + 1, *end = t + s->count;
    if (!s->count)
        return;
    putc('(', to);
    for (; t < end; t++) {
        t->place = ftell(to);
        if (t->type == NAME && t->name.is_tags) {
            int negated = is(t + 1, "<>") || is(t + 1, "not glob"), pattern = matches(t + 1);
            fprintf(to, "%s exists (SELECT 1 FROM tags WHERE run = r.id AND tag %s ",
                    negated ? "not" : "", pattern ? "glob" : "=");
            put_text(to, t[2].text, pattern);
            putc(')', to);
            t += 2;
        } else if (t->type == NAME) {
            fputs(t->name.sql, to);
        } else if (t->type == NUMBER) {
            fprintf(to, "%.17g", t->number);
        } else if (t->type == STRING) {
            put_text(to, t->text, matches(t - 1));
        } else {
            fputs(t->sql, to);
        }
        putc(' ', to);
    }
    end->place = ftell(to);
    fputs(") AND ", to);
}

/* Writes the order: comma-separated names, "-" for descending. */
static int put_sort(const scanner *s, FILE *to)
{
    for (const char *at = s->text + strspn(s->text, ", "); *at; at += strspn(at, ", ")) {
        char word[WORD];
        ipd_history_name name;
        int down = *at == '-';
        at += *at == '-' || *at == '+';
        size_t length = strcspn(at, ", ");
        snprintf(word, sizeof word, "%.*s", (int)(length < WORD ? length : WORD - 1), at);
        at += length;
        if (ipd_history_find_name(word, &name))
            return fail_name(s, word);
        fprintf(to, "%s%s NULLS LAST, ", name.sql, down ? " DESC" : "");
    }
    return 0;
}

/* The authorizer: allows only reading the tables of the history. */
static int allow(void *context, int action, const char *a, const char *b, const char *database,
                 const char *view)
{
    (void)context, (void)view;
    int allowed =
        action == SQLITE_SELECT || (action == SQLITE_FUNCTION && find(functions, b)) ||
        (action == SQLITE_READ && database && find(tables, a) && !strcmp(database, "main"));
    return allowed ? SQLITE_OK : SQLITE_DENY;
}

static int count_stride(void *context)
{
    return ++*(int *)context > STRIDES;
}

void ipd_history_guard(ipd_history *h, ipd_history_guarded *g, int on)
{
    static const int limits[] = {SQLITE_LIMIT_LENGTH, SQLITE_LIMIT_SQL_LENGTH,
                                 SQLITE_LIMIT_COMPOUND_SELECT, SQLITE_LIMIT_ATTACHED};
    if (on)
        *g = (ipd_history_guarded){0, {16 << 20, 4 << 20, 1, 0}};
    for (int i = 0; i < 4; i++)
        g->limits[i] = sqlite3_limit(h->db, limits[i], g->limits[i]);
    sqlite3_progress_handler(h->db, on ? STRIDE : 0, count_stride, &g->strides);
    sqlite3_set_authorizer(h->db, on ? allow : NULL, NULL);
}

/* Reports SQLite's error, with the word at which it occurred. */
static int fail_sqlite(ipd_history *h, const scanner *s, ipd_error *e)
{
    int code = sqlite3_errcode(h->db), place = sqlite3_error_offset(h->db);
    const char *why = sqlite3_errmsg(h->db);
    const token *t = s->tokens + s->count + 1;
    if (code == SQLITE_INTERRUPT)
        return fail(s, "the condition takes too long to evaluate. Use fewer patterns");
    if (code != SQLITE_ERROR && code != SQLITE_AUTH && code != SQLITE_TOOBIG)
        return ipd_history_fail(h, e);
    while (t > s->tokens && t->place > place)
        t--;
    if (!s->tokens || t == s->tokens || !strstr(why, "syntax error"))
        return fail(s, "%.200s", why);
    return t->type == EDGE
               ? fail(s, "a name or a value is missing before the end")
               : fail(s, "'%.60s' is not expected at character %td", t->text, t->at - s->text + 1);
}

/* Returns the SQL of the query, to be freed. */
static char *make_sql(scanner *where, scanner *also, const scanner *sort, long limit, ipd_error *e)
{
    char *sql = NULL;
    size_t size;
    if (tokenize(where) || check(where) || tokenize(also) || check(also))
        return NULL;
    FILE *to = open_memstream(&sql, &size);
    if (to) {
        ipd_history_put_columns(to);
        fputs("WHERE ", to);
        put_condition(to, where);
        put_condition(to, also);
        fputs("1 ORDER BY ", to);
        int failed = put_sort(sort, to);
        fprintf(to, "r.id DESC LIMIT %ld", limit > 0 ? limit : -1);
        if (!ipd_text_close(to, &sql) && !failed)
            return sql;
        free(sql);
        if (failed)
            return NULL;
    }
    ipd_fail(e, IPD_EMEMORY, "out of memory");
    return NULL;
}

int ipd_history_select(ipd_history *h, const ipd_history_query *query, ipd_history_run_fn *each,
                       void *context, ipd_error *e)
{
    scanner where = {query->where ? query->where : "", NULL, 0, e};
    scanner also = {query->also ? query->also : "", NULL, 0, e};
    const scanner sort = {query->sort ? query->sort : "-id", NULL, 0, e};
    char *sql = make_sql(&where, &also, &sort, query->limit, e);
    ipd_history_guarded guarded;
    ipd_history_run run;
    sqlite3_stmt *s = NULL;
    int got = SQLITE_ERROR, failed = !sql;
    if (sql) {
        ipd_history_guard(h, &guarded, 1);
        got = sqlite3_prepare_v2(h->db, sql, -1, &s, NULL);
        while (got == SQLITE_OK || got == SQLITE_ROW)
            if ((got = sqlite3_step(s)) == SQLITE_ROW) {
                ipd_history_read_run(s, &run);
                if (each(context, &run))
                    break;
            }
        failed = got != SQLITE_DONE && got != SQLITE_ROW && fail_sqlite(h, &where, e);
        sqlite3_finalize(s);
        ipd_history_guard(h, &guarded, 0);
    }
    free(sql);
    free(where.tokens);
    free(also.tokens);
    return failed ? -1 : 0;
}
