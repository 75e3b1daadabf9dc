/* methods.h - the table of all training methods. To add one: write its file and add its line here.
 * Methods from files are added while the program runs. Any thread.
 */
#ifndef IPD_OPTIM_METHODS_H
#define IPD_OPTIM_METHODS_H

#include "solver/method.h"

/* The classical optimizers on back-propagation, as PyTorch defines them. */
extern const ipd_method ipd_method_sgd, ipd_method_adagrad, ipd_method_adadelta, ipd_method_rmsprop,
    ipd_method_adam, ipd_method_amsgrad, ipd_method_adamax;

/* The method of this name, or NULL. A method from a file is called after its text, "mine@3fa9c1",
 * and its name without the text, "mine", means the one that was added last. */
const ipd_method *ipd_method_find(const char *name);
/* The names of the built-in methods, then of those from files; ends with NULL. */
const char *const *ipd_method_names(void);
/* 1 if the name is that of a built-in method. */
int ipd_method_is_built_in(const char *name);

/* 1 if the two are different texts of one method from a file. A run can change to the other at any
 * block. */
int ipd_method_is_reload(const ipd_method *from, const ipd_method *to);

/* Adds a method, which stays as long as the process, unless one of its name is there already. The
 * name without the text now means this method. path: its file; "" if unknown, which keeps a known
 * path. Returns the method of that name; NULL and *e if there are too many. */
const ipd_method *ipd_method_add(const ipd_method *method, const char *path, ipd_error *e);
/* The file that the method was read from last; 0 and "" if it is not known. */
int ipd_method_path(const ipd_method *method, char *to, size_t size);
/* 1 if the text of the method's file has changed. Writes the path of the file to `path`. The file
 * of a base is not read. */
int ipd_method_has_changed(const ipd_method *method, char *path, size_t size);

/* How methods are read from files and texts; src/lua sets it. */
typedef struct ipd_method_reader {
    /* From the file of this path or name; NULL and *e, with IPD_ESTATE where there is no such
     * file. */
    const ipd_method *(*file)(const char *name, ipd_error *e);
    const ipd_method *(*text)(const char *text, const char *path, ipd_error *e);
} ipd_method_reader;
void ipd_method_set_reader(const ipd_method_reader *reader);
/* The method of this name, read from its file if it is not known or is a path. NULL and *e. */
const ipd_method *ipd_method_get(const char *name, ipd_error *e);
/* The method of a text that another file contains; path: of the method's own file, or "". */
const ipd_method *ipd_method_read(const char *text, const char *path, ipd_error *e);
/* In the text of a method with a base: stands between the texts of its file and of the base. */
#define IPD_METHOD_BASE "\n--[==========[ base\n"

/* The text of a method from a file in one line, "method ...", for the definitions of a run in the
 * history; free() it. NULL for other methods, or if memory runs out. */
char *ipd_method_line(const ipd_method *method);
/* Reads the methods of such lines among others, and removes these lines. */
int ipd_method_read_lines(char *lines, ipd_error *e);

#endif
