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
/* The names in order, NULL-terminated: built in, then from files. */
const char *const *ipd_method_names(void);
/* 1 for a name of the table. */
int ipd_method_is_built_in(const char *name);

/* 1 if the two are different texts of a method from a file: a run goes on with the other one at any
 * block. */
int ipd_method_is_reload(const ipd_method *from, const ipd_method *to);

/* Adds a method, which stays as long as the process; of one whose name is known, the first is kept.
 * It becomes what its name without the text means. path: its file, or "" if that is not known,
 * which leaves a known one. Returns the method that is in use; NULL and *e if there are too
 * many. */
const ipd_method *ipd_method_add(const ipd_method *method, const char *path, ipd_error *e);
/* The file that the method was read from last; 0 and "" if it is not known. */
int ipd_method_path(const ipd_method *method, char *to, size_t size);
/* 1 if the method's file, whose path is written to `path`, has another text now; a base is not
 * looked at. */
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
/* The method of a text that a file carries; path: of the method's own file, or "". */
const ipd_method *ipd_method_read(const char *text, const char *path, ipd_error *e);
/* Follows the text of a method's file within the text of a method with a base. */
#define IPD_METHOD_BASE "\n--[==========[ base\n"

/* The text of a method from a file in one line, "method ...", for the definitions of a run in the
 * history; free() it. NULL for other methods, or if memory runs out. */
char *ipd_method_line(const ipd_method *method);
/* Reads the methods of such lines among others, and removes these lines. */
int ipd_method_read_lines(char *lines, ipd_error *e);

#endif
