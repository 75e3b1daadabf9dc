/* cli.h - the subcommands: one function per file, and a table in main.c. */
#ifndef IPD_CLI_CLI_H
#define IPD_CLI_CLI_H

#include "base/error.h"

/* Exit codes of every command. */
enum { IPD_EXIT_DONE = 0, IPD_EXIT_FAILED = 1, IPD_EXIT_USAGE = 2, IPD_EXIT_DIVERGED = 3 };

/* Each gets its own argv, in which argv[0] is the subcommand's name, and returns an exit code. */
int ipd_cli_sweep(int argc, char **argv); /* a grid of runs */
int ipd_cli_train(int argc, char **argv);
/* For completion in shells; not listed in the help. `help` is the function of `ipdlam help`. */
int ipd_cli_complete(int argc, char **argv, int (*help)(int argc, char **argv));
int ipd_cli_eval(int argc, char **argv);
int ipd_cli_predict(int argc, char **argv);
int ipd_cli_verify(int argc, char **argv);
int ipd_cli_data(int argc, char **argv);
int ipd_cli_runs(int argc, char **argv);
int ipd_cli_plot(int argc, char **argv);
int ipd_cli_methods(int argc, char **argv);
int ipd_cli_presets(int argc, char **argv);
int ipd_cli_bench(int argc, char **argv);
int ipd_cli_doctor(int argc, char **argv);
int ipd_cli_run(int argc, char **argv);       /* a Lua script without a screen */
int ipd_cli_repl(int argc, char **argv);      /* the line prompt */
int ipd_cli_workbench(int argc, char **argv); /* the screen */

/* Prints "ipdlam COMMAND: sentence" on stderr. Returns IPD_EXIT_USAGE for IPD_EUSAGE, otherwise
 * IPD_EXIT_FAILED. */
int ipd_cli_error(const char *command, const ipd_error *e);

/* Flushes stdout. Fails with "standard output: reason" if the output is incomplete. */
int ipd_cli_flush(ipd_error *e);

#endif
