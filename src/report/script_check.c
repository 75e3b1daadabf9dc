/* script_check.c - see script_check.h. A scanner of the few tokens that generated scripts have. */
#include "report/script_check.h"

#include <ctype.h>
#include <string.h>

/* The functions that may be called, with (...), {...} or "...". */
static const char *const calls[] = {"require", "assert",  "print", "dataset", "activation",
                                    "loss",    "penalty", "run",   "load",    "step_to",
                                    "set",     "switch",  "last",  "method",  NULL};
/* Other words allowed outside tables. data and run may be followed by a number. */
static const char *const words[] = {"local", "return",   "or",   "true", "false", "nil",
                                    "ip",    "checksum", "data", "run",  NULL};

typedef struct scan {
    const char *at;
    int line;
    int depth;         /* nesting of brackets */
    char before[24];   /* the previous word or mark */
    const char *wrong; /* the first unexpected item, or NULL */
} scan;

static int is_one_of(const char *word, size_t length, const char *const *list)
{
    for (; *list; list++)
        if (strlen(*list) == length && !strncmp(word, *list, length))
            return 1;
    return 0;
}

static void skip_blanks(scan *s)
{
    for (;; s->at++) {
        if (s->at[0] == '-' && s->at[1] == '-') {
            if (s->at[2] == '[')
                s->wrong = "a long comment";
            s->at += strcspn(s->at, "\n");
        }
        if (*s->at == '\n')
            s->line++;
        if (!*s->at || s->wrong || !isspace((unsigned char)*s->at))
            return;
    }
}

static void scan_string(scan *s)
{
    const char *start = ++s->at;
    for (; *s->at && *s->at != '"' && *s->at != '\n'; s->at++)
        if (*s->at == '\\' && !*++s->at)
            break;
    if (*s->at != '"')
        s->wrong = "an unterminated string";
    else if (!strcmp(s->before, "require") && strncmp(start, "ipdlam\"", 7))
        s->wrong = "another module";
    else
        s->at++;
    strcpy(s->before, "\"");
}

static void scan_number(scan *s)
{
    s->at += *s->at == '-';
    s->at += strspn(s->at, "0123456789.");
    if (*s->at == 'e' || *s->at == 'E') {
        s->at += s->at[1] == '-' || s->at[1] == '+' ? 2 : 1;
        s->at += strspn(s->at, "0123456789");
    }
    if (isalnum((unsigned char)*s->at) || *s->at == '_')
        s->wrong = "a malformed number";
    strcpy(s->before, "0");
}

static void scan_word(scan *s)
{
    const char *start = s->at;
    size_t length = 0, bare;
    while (isalnum((unsigned char)start[length]) || start[length] == '_')
        length++;
    s->at += length;
    for (bare = length; bare && isdigit((unsigned char)start[bare - 1]);)
        bare--; /* strip the number of "run2" */
    const char *next = s->at + strspn(s->at, " \n");
    int called = *next == '(' || *next == '{' || *next == '"';
    int key = *next == '=' && next[1] != '=' && s->depth > 0;
    int known = is_one_of(start, length, words) || (bare == 3 && !strncmp(start, "run", 3)) ||
                (bare == 4 && !strncmp(start, "data", 4));
    if (called ? !is_one_of(start, length, calls) : !key && !known)
        s->wrong = "an unknown word";
    if (*next == '=' && next[1] != '=' && s->depth == 0 && strcmp(s->before, "local"))
        s->wrong = "an assignment";
    length = length < sizeof s->before ? length : sizeof s->before - 1;
    memcpy(s->before, start, length);
    s->before[length] = 0;
}

static void scan_mark(scan *s)
{
    if (!strncmp(s->at, "(...)", 5)) { /* the function of rho, given by the caller */
        s->at += 5;
        strcpy(s->before, ")");
        return;
    }
    if (!strchr("(){}=,:.", *s->at) || (s->at[0] == '.' && s->at[1] == '.') ||
        (s->at[0] == ':' && s->at[1] == ':'))
        s->wrong = "an unknown character";
    s->depth += *s->at == '(' || *s->at == '{';
    s->depth -= *s->at == ')' || *s->at == '}';
    s->before[0] = *s->at++;
    s->before[1] = 0;
}

int ipd_script_check(const char *text, ipd_error *e)
{
    scan s = {.at = text, .line = 1};
    for (skip_blanks(&s); *s.at && !s.wrong; skip_blanks(&s)) {
        if (*s.at == '"')
            scan_string(&s);
        else if (isdigit((unsigned char)*s.at) || (*s.at == '-' && isdigit((unsigned char)s.at[1])))
            scan_number(&s);
        else if (isalpha((unsigned char)*s.at) || *s.at == '_')
            scan_word(&s);
        else
            scan_mark(&s);
        if (s.depth < 0)
            s.wrong = "an unmatched bracket";
    }
    if (!s.wrong)
        return 0;
    return ipd_fail(e, IPD_EFORMAT,
                    "line %d of the script of the run has %s, so it is not written. The "
                    "history or the checkpoint may have been tampered with",
                    s.line, s.wrong);
}
