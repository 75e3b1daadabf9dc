/* main.c - finds the subcommand and hands over. */
#include "cli/cli.h"

#include <stdio.h>

int main(int argc, char **argv)
{
    (void)argc;
    (void)argv;
    return IPD_EXIT_DONE;
}
