/* script_check.h - checks that a generated script consists of literals and known calls only. */
#ifndef IPD_REPORT_SCRIPT_CHECK_H
#define IPD_REPORT_SCRIPT_CHECK_H

#include "base/error.h"

/* 0 if the text has only what script.c writes: names of the module, of its runs and of settings,
 * strings in double quotes, numbers. Else -1 and *e, with the line. This protects against any
 * content of a history or a checkpoint: the check does not rely on the writer's quoting, and
 * executes nothing. Any thread. */
int ipd_script_check(const char *text, ipd_error *e);

#endif
