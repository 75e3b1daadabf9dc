/* main.c - finds and runs the subcommand. */
#include "base/kernel.h"
#include "base/process.h"
#include "base/text.h"
#include "cli/cli.h"
#include "cli/options.h"
#include "config.h"
#include "lua/method.h"

#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

static int help_on(int argc, char **argv);

static const ipd_command commands[] = {
    {"train", "", "train a network from the command line", ipd_cli_train},
    {"eval", "", "evaluate a saved network on a data set", ipd_cli_eval},
    {"predict", "", "apply a saved network to images, tables and arrays", ipd_cli_predict},
    {"data", "", "list, check, draw and download data sets", ipd_cli_data},
    {"repl", "", "open a prompt for Lua", ipd_cli_repl},
    {"run", "", "run a Lua script without a screen", ipd_cli_run},
    {"runs", "", "list, compare, draw, tag, export and remove the runs of the history",
     ipd_cli_runs},
    {"plot", "", "draw columns of CSV files, as a chart or a figure", ipd_cli_plot},
    {"sweep", "", "train over a grid of settings, data sets and seeds", ipd_cli_sweep},
    {"presets", "", "show the presets, and the choices that their sources leave open",
     ipd_cli_presets},
    {"methods", "", "show the training methods, built in and from files", ipd_cli_methods},
    {"verify", "", "check the solver against reference cases", ipd_cli_verify},
    {"bench", "", "measure how fast training is on this machine", ipd_cli_bench},
    {"doctor", "", "show what ipdlam finds on this machine", ipd_cli_doctor},
    {"help", "", "show this help, or the help of a command", help_on},
    {0},
};

static int print_version;
static const ipd_option general_table[] = {
    IPD_OPTION("version", NULL, &print_version, "show the version"), {0}};
static const ipd_options general = {
    .name = "",
    .usage = " [OPTION...]\n       ipdlam COMMAND [OPTION...]\n\nTrains neural networks without "
             "back-propagation, by alternating minimisation.",
    .after = "Without a command the workbench opens: charts, a table of layers and a prompt.\n"
             "`ipdlam help workbench` shows its options.\n\n"
             "Exit codes: 0 done, 1 failed, 2 wrong usage, 3 diverged.\nSee ipdlam(1).",
    .verbs = commands,
    .table = general_table};

/* `ipdlam help`, `ipdlam help train`, `ipdlam help data info`: runs the command with --help. */
static int help_on(int argc, char **argv)
{
    static char option[] = "--help";
    char *words[4] = {NULL};
    if (argc < 2 || *argv[1] == '-' || !strcmp(argv[1], "help")) {
        ipd_options_help(&general);
        return IPD_EXIT_DONE;
    }
    for (int i = 0; i < 2 && i < argc - 1; i++)
        words[i] = argv[i + 1];
    int verbs = !strcmp(words[0], "data") && words[1]; /* each of its verbs has a help */
    words[verbs ? 2 : 1] = option;
    if (!strcmp(words[0], "workbench"))
        return ipd_cli_workbench(2, words);
    return ipd_command_run(commands, "", verbs ? 3 : 2, words);
}

/* Returns 1 if the command uses OpenBLAS or reports its kernel. Other commands skip the choice of
 * the kernel, which may restart the program. */
static int computes(const char *word)
{
    static const char *const others[] = {"complete",  "data",    "help", "methods",
                                         "plot",      "presets", "runs", "--help",
                                         "--version", "-h",      NULL};
    return !word || ipd_text_index(word, others) < 0;
}

/* Reports a failed write to standard output, such as a full disk or a closed pipe, unless another
 * error was reported. */
static int end(const char *command, int code)
{
    ipd_error e;
    return ipd_cli_flush(&e) && code == IPD_EXIT_DONE ? ipd_cli_error(command, &e) : code;
}

static int run_command(int argc, char **argv)
{
    ipd_lua_methods_begin();
    if (computes(argv[1]))
        ipd_kernel_choose(argv);
    setlocale(LC_ALL, "");
    setlocale(LC_NUMERIC, "C"); /* numbers always use a decimal point */
    if (argc < 2)
        return end("", ipd_cli_workbench(argc, argv));
    const char *word = argv[1];
    if (!strcmp(word, "--help") || !strcmp(word, "-h"))
        return end("", help_on(1, argv));
    if (!strcmp(word, "--version")) {
        printf("ipdlam %s\n", PACKAGE_VERSION);
        return end("", IPD_EXIT_DONE);
    }
    if (!strcmp(word, "complete"))
        return end(word, ipd_cli_complete(argc - 1, argv + 1, help_on));
    if (*word == '-')
        return end("", ipd_cli_workbench(argc, argv));
    return end(word, ipd_command_run(commands, "", argc - 1, argv + 1));
}

int main(int argc, char **argv)
{
    ipd_process_begin();
    return ipd_process_run(run_command, argc, argv);
}
