/* folder_files.c - see folder_files.h. */
#include "data/folder_files.h"

#include "base/path.h"

#include <stdio.h>
#include <string.h>

static const char *const names[IPD_FOLDER_PARTS] = {
    "train-images-idx3-ubyte", "train-labels-idx1-ubyte", "t10k-images-idx3-ubyte",
    "t10k-labels-idx1-ubyte"};

const char *ipd_folder_file_name(ipd_folder_part part)
{
    return names[part];
}

/* One of four spellings of the name: index / 2 selects the separator, index % 2 selects .gz. */
static int candidate(char *path, size_t size, const char *folder, ipd_folder_part part, int index)
{
    char name[40];
    snprintf(name, sizeof name, "%s%s", names[part], index % 2 ? ".gz" : "");
    if (index / 2)
        *strstr(name, "-idx") = '.';
    return ipd_path_join(path, size, folder, name, NULL);
}

int ipd_folder_file(char *path, size_t size, const char *folder, ipd_folder_part part)
{
    for (int i = 0; i < 4; i++)
        if (candidate(path, size, folder, part, i) == 0 && ipd_path_exists(path))
            return 0;
    return -1;
}

int ipd_folder_holds(const char *folder)
{
    char path[4096];
    for (int part = 0; part < IPD_FOLDER_PARTS; part++)
        if (ipd_folder_file(path, sizeof path, folder, (ipd_folder_part)part) == 0)
            return 1;
    return 0;
}
