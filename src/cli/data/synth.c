/* synth.c - `ipdlam data synth`: writes small tables for teaching. */
#include "data/synth.h"
#include "base/file.h"
#include "cli/cli.h"
#include "cli/data/data.h"

#include <string.h>

int ipd_cli_data_synth(int argc, char **argv)
{
    long samples = 400, seed = 1;
    double noise = -1;
    int names = 0;
    const ipd_option table[] = {
        IPD_OPTION_IN("samples", "N", &samples, 1, 1e8, "number of samples (default 400)"),
        IPD_OPTION_IN("noise", "X", &noise, 0, 100,
                      "standard deviation of the noise added to each point (default by kind)"),
        IPD_OPTION_IN("seed", "N", &seed, 1, 1e18, "seed (default 1)"),
        {0}};
    const ipd_options options = {
        .name = "data synth",
        .usage = " KIND [FILE] [OPTION...]\n\nWrites a small table for "
                 "teaching as CSV (default standard output): blobs, moons,\n"
                 "spirals, xor, the curve sine, the surface regression, or wide, with 28 inputs.",
        .table = table,
        .operands = &names,
        .max_operands = 2};
    ipd_new_file f;
    ipd_error e;
    int code = ipd_options_parse(&options, argc, argv);
    if (code >= 0)
        return code;
    if (!names) {
        ipd_fail(&e, IPD_EUSAGE, "name a kind: ipdlam data synth moons moons.csv");
        return ipd_cli_error("data synth", &e);
    }
    if (ipd_new_file_open(&f, names > 1 ? argv[2] : "-", &e))
        return ipd_cli_error("data synth", &e);
    if (ipd_synth_write(f.stream, argv[1], (size_t)samples, noise, (uint64_t)seed, &e)) {
        ipd_new_file_abandon(&f);
        return ipd_cli_error("data synth", &e);
    }
    return ipd_new_file_commit(&f, &e) ? ipd_cli_error("data synth", &e) : IPD_EXIT_DONE;
}
