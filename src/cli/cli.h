/* cli.h - the subcommands: one function a file, one table in main.c. */
#ifndef IPD_CLI_CLI_H
#define IPD_CLI_CLI_H

#include "base/error.h"

/* Exit codes of every command. */
enum { IPD_EXIT_DONE = 0, IPD_EXIT_FAILED = 1, IPD_EXIT_USAGE = 2, IPD_EXIT_DIVERGED = 3 };

/* Each takes its own argv: argv[0] is the subcommand's name. Returns an exit code. */
int ipd_cli_sweep(int argc, char **argv); /* a grid of runs */
int ipd_cli_train(int argc, char **argv);
/* For the shells; not in the help. help: `ipdlam help`. */
int ipd_cli_complete(int argc, char **argv, int (*help)(int argc, char **argv));
int ipd_cli_eval(int argc, char **argv);
int ipd_cli_predict(int argc, char **argv);
int ipd_cli_verify(int argc, char **argv);
int ipd_cli_data(int argc, char **argv);
int ipd_cli_runs(int argc, char **argv);
int ipd_cli_plot(int argc, char **argv);
int ipd_cli_presets(int argc, char **argv);
int ipd_cli_bench(int argc, char **argv);
int ipd_cli_doctor(int argc, char **argv);
int ipd_cli_run(int argc, char **argv);       /* a Lua script without a screen */
int ipd_cli_repl(int argc, char **argv);      /* the line prompt */
int ipd_cli_workbench(int argc, char **argv); /* the screen */

/* Prints "ipdlam COMMAND: sentence" on stderr and returns the exit code that suits the error:
 * IPD_EXIT_USAGE for IPD_EUSAGE, IPD_EXIT_FAILED otherwise. */
int ipd_cli_error(const char *command, const ipd_error *e);

/* Flushes stdout; fails with "standard output: reason" where what was printed cannot have arrived. */
int ipd_cli_flush(ipd_error *e);

#endif
