/* tap.h - a small producer of the Test Anything Protocol for the C tests.
 *
 *     int main(void) { ok(1 + 1 == 2, "sums"); return done(); }
 */
#ifndef TESTS_TAP_H
#define TESTS_TAP_H

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

static int tap_count, tap_failed;

/* Prints a line "ok N - name"; on failure also the file and line. */
#define ok(condition, ...) tap_ok((condition) != 0, #condition, __FILE__, __LINE__, __VA_ARGS__)

__attribute__((format(printf, 5, 6), unused)) static int
tap_ok(int passed, const char *condition, const char *file, int line, const char *format, ...)
{
    va_list ap;
    printf("%sok %d - ", passed ? "" : "not ", ++tap_count);
    va_start(ap, format);
    vprintf(format, ap);
    va_end(ap);
    putchar('\n');
    if (!passed) {
        tap_failed++;
        printf("# %s:%d: %s\n", file, line, condition);
    }
    fflush(stdout);
    return passed;
}

__attribute__((format(printf, 1, 2), unused)) static void skip(const char *format, ...)
{
    va_list ap;
    printf("ok %d # SKIP ", ++tap_count);
    va_start(ap, format);
    vprintf(format, ap);
    va_end(ap);
    putchar('\n');
}

/* The number of random cases to test out of `count`: an eighth under AddressSanitizer, where each takes many times as
 * long, and which looks for what the build without it, that sees them all, cannot. */
__attribute__((unused)) static int some_of(int count)
{
#ifdef __SANITIZE_ADDRESS__
    return (count + 7) / 8;
#else
    return count;
#endif
}

__attribute__((unused)) static int done(void)
{
    printf("1..%d\n", tap_count);
    return tap_failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

#endif
