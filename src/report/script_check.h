/* script_check.h - whether a generated script is literals and known calls, and nothing else. */
#ifndef IPD_REPORT_SCRIPT_CHECK_H
#define IPD_REPORT_SCRIPT_CHECK_H

#include "base/error.h"

/* 0 where the text could have been written by script.c whatever a history or a checkpoint holds: names of the module, of its runs and of
 * settings, strings in double quotes, numbers. -1 and *e, with the line, else. It knows nothing of the writer's
 * quoting, and runs nothing. Any thread. */
int ipd_script_check(const char *text, ipd_error *e);

#endif
