#include "tui/prompt/commands.h"
#include "base/ending.h"
#include "base/file.h"
#include "base/path.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <readline/readline.h>

static ipd_prompt_commands host;

static int write_all(int fd, const char *text, size_t count)
{
    while (count) {
        ssize_t n = write(fd, text, count);
        if (n < 0 && errno != EINTR)
            return -1;
        text += n > 0 ? n : 0;
        count -= n > 0 ? (size_t)n : 0;
    }
    return 0;
}

/* Creates a private file with the text. Its name ends in .lua for editors. */
static int make_file(char *path, size_t size, const char *before, const char *line, ipd_error *e)
{
    const char *folder = getenv("TMPDIR");

    if (ipd_path_join(path, size, folder && *folder ? folder : "/tmp", "ipdlam-XXXXXX.lua", e))
        return ipd_fail_in(e, "TMPDIR");
    int fd = mkostemps(path, 4, O_CLOEXEC);
    if (fd < 0)
        return ipd_fail(e, IPD_EIO, "cannot make a file for the editor: %s: %s", path,
                        strerror(errno));
    int failed = (before && (write_all(fd, before, strlen(before)) || write_all(fd, "\n", 1))) ||
                 write_all(fd, line, strlen(line)) || write_all(fd, "\n", 1);
    close(fd);
    if (failed) {
        unlink(path);
        return ipd_fail(e, IPD_EIO, "cannot write the text for the editor: %s: %s", path,
                        strerror(errno));
    }
    return 0;
}

/* In the child: connects standard input, output and error to the terminal and resets signals. */
static void become_editor(int terminal, const char *path)
{
    static const int kept[] = {SIGINT, SIGQUIT, SIGTSTP, SIGPIPE};

    for (size_t i = 0; i < sizeof kept / sizeof *kept; i++)
        signal(kept[i], SIG_DFL);
    for (int fd = 0; fd < 3; fd++)
        if (terminal != fd)
            dup2(terminal, fd);
    execl("/bin/sh", "sh", "-c", "${VISUAL:-${EDITOR:-vi}} \"$1\"", "ipdlam", path, (char *)NULL);
    _exit(127);
}

/* Runs the editor and waits for it. C-c and C-\ go to the editor only; C-z stops both processes. */
static int run_editor(int terminal, const char *path, ipd_error *e)
{
    struct sigaction ignore = {.sa_handler = SIG_IGN}, usual = {.sa_handler = SIG_DFL}, old[3];
    int status = 0, told = 0;

    sigaction(SIGINT, &ignore, &old[0]);
    sigaction(SIGQUIT, &ignore, &old[1]);
    sigaction(SIGTSTP, &usual, &old[2]);
    pid_t child = fork();
    if (child == 0)
        become_editor(terminal, path);
    while (child > 0 && waitpid(child, &status, 0) < 0 && errno == EINTR)
        if (ipd_ending_signal() && !told++)
            kill(child, SIGHUP); /* this process must end; on SIGHUP editors save what they can */
    sigaction(SIGINT, &old[0], NULL);
    sigaction(SIGQUIT, &old[1], NULL);
    sigaction(SIGTSTP, &old[2], NULL);
    if (child < 0)
        return ipd_fail(e, IPD_EIO, "cannot start the editor: %s", strerror(errno));
    if (!WIFEXITED(status) || WEXITSTATUS(status))
        return ipd_fail(e, IPD_EIO,
                        "the editor failed, so nothing was run. Check $VISUAL and $EDITOR");
    return 0;
}

/* The text of a file without newlines at its end; the caller frees it. */
static char *read_file(const char *path, ipd_error *e)
{
    char *text = ipd_file_text(path, 64 << 20, 0, e);
    size_t n = text ? strlen(text) : 0;
    while (n > 0 && text[n - 1] == '\n')
        text[--n] = 0;
    return text;
}

/* The text after editing, or NULL. */
static char *edit(const char *before, ipd_error *e)
{
    char path[4096], *text = NULL;

    if (make_file(path, sizeof path, before, rl_line_buffer, e) < 0)
        return NULL;
    int terminal = host.leave(host.context);
    int failed = run_editor(terminal, path, e);
    host.come_back(host.context);
    if (!failed)
        text = read_file(path, e);
    unlink(path);
    return text;
}

static int edit_and_execute(int count, int key)
{
    const char *before = host.before ? host.before(host.context) : NULL;
    ipd_error e;
    char *text = edit(before, &e);

    (void)count;
    if (!text) {
        host.failed(host.context, &e);
        return 0;
    }
    if (before)
        host.taken(host.context);
    rl_begin_undo_group();
    rl_delete_text(0, rl_end);
    rl_point = 0;
    rl_insert_text(text);
    rl_end_undo_group();
    free(text);
    return rl_newline(1, key);
}

static int insert_newline(int count, int key)
{
    (void)key;
    while (count-- > 0)
        rl_insert_text("\n");
    return 0;
}

static int line_start(int point)
{
    while (point > 0 && rl_line_buffer[point - 1] != '\n')
        point--;
    return point;
}

static int line_end(int point)
{
    while (point < rl_end && rl_line_buffer[point] != '\n')
        point++;
    return point;
}

/* Moves the cursor `column` bytes into the line at `start`, at most to its end, and to the
 * beginning of a character. */
static void go_to_column(int start, int column)
{
    int end = line_end(start);

    rl_point = start + column < end ? start + column : end;
    while (rl_point > start && ((unsigned char)rl_line_buffer[rl_point] & 0xC0) == 0x80)
        rl_point--;
}

static int previous_line(int count, int key)
{
    int start = line_start(rl_point);

    if (!start)
        return rl_get_previous_history(count, key);
    go_to_column(line_start(start - 1), rl_point - start);
    return 0;
}

static int next_line(int count, int key)
{
    int end = line_end(rl_point);

    if (end >= rl_end)
        return rl_get_next_history(count, key);
    go_to_column(end + 1, rl_point - line_start(rl_point));
    return 0;
}

/* To the ends of the line at the cursor; Readline's own commands go to the ends of the whole
 * text. */
static int begin_of_line(int count, int key)
{
    (void)count;
    (void)key;
    rl_point = line_start(rl_point);
    return 0;
}

static int end_of_line(int count, int key)
{
    (void)count;
    (void)key;
    rl_point = line_end(rl_point);
    return 0;
}

void ipd_prompt_commands_before(unsigned char byte)
{
    if (RL_ISSTATE(RL_STATE_ISEARCH) && !RL_ISSTATE(RL_STATE_MULTIKEY) && byte != '\033' &&
        rl_get_keymap()[byte].type == ISKMAP)
        rl_callback_sigcleanup();
}

int ipd_prompt_commands_bind(const char *bytes, size_t count)
{
    int type = ISFUNC;

    rl_command_func_t *bound = rl_function_of_keyseq_len(bytes, count, NULL, &type);
    return bound && type != ISKMAP;
}

int ipd_prompt_commands_wait_after_escape(void)
{
    int type = ISFUNC;

    rl_command_func_t *bound = rl_function_of_keyseq("\033", NULL, &type);
    return rl_editing_mode == 1 && rl_get_keymap() == emacs_standard_keymap && type == ISKMAP &&
           !RL_ISSTATE(RL_STATE_ISEARCH | RL_STATE_NSEARCH | RL_STATE_MULTIKEY |
                       RL_STATE_MOREINPUT | RL_STATE_CHARSEARCH) &&
           !((Keymap)bound)[ANYOTHERKEY].function; /* an inputrc may bind Escape alone */
}

/* Binds arrows, Home and End with Shift, Alt and Control; Readline types the last letter of an
 * unbound sequence. An inputrc, which is read later, overrides this. */
static void bind_modified(Keymap map)
{
    const struct {
        char letter;
        rl_command_func_t *alone, *with; /* with Shift alone; with Alt or Control */
    } keys[] = {{'A', previous_line, previous_line},     {'B', next_line, next_line},
                {'C', rl_forward_char, rl_forward_word}, {'D', rl_backward_char, rl_backward_word},
                {'F', end_of_line, rl_end_of_line},      {'H', begin_of_line, rl_beg_of_line}};
    char sequence[32];

    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        for (int modifiers = 2; modifiers <= 8; modifiers++) {
            snprintf(sequence, sizeof sequence, "\\e[1;%d%c", modifiers, keys[i].letter);
            rl_bind_keyseq_in_map(sequence, modifiers == 2 ? keys[i].alone : keys[i].with, map);
        }
}

void ipd_prompt_commands_add(const ipd_prompt_commands *c)
{
    const Keymap maps[] = {emacs_standard_keymap, vi_insertion_keymap, vi_movement_keymap};

    /* Readline 8.3 binds it to M-x, a key of the workbench. An inputrc can bind it again. */
    rl_command_func_t *named = rl_named_function("execute-named-command");
    if (named) {
        rl_unbind_function_in_map(named, emacs_meta_keymap);
        rl_unbind_function_in_map(named, vi_movement_keymap);
    }
    host = *c;
    rl_add_defun("edit-and-execute-command", edit_and_execute, -1);
    rl_add_defun("insert-newline", insert_newline, -1);
    rl_add_defun("previous-line-or-history", previous_line, -1);
    rl_add_defun("next-line-or-history", next_line, -1);
    rl_bind_keyseq_in_map("\\C-x\\C-e", edit_and_execute, emacs_standard_keymap);
    rl_bind_keyseq_in_map("v", edit_and_execute, vi_movement_keymap);
    rl_bind_keyseq_in_map("\\e\\C-m", insert_newline, emacs_standard_keymap);
    rl_bind_keyseq_in_map("\\C-a", begin_of_line, emacs_standard_keymap);
    rl_bind_keyseq_in_map("\\C-e", end_of_line, emacs_standard_keymap);
    for (size_t i = 0; i < sizeof maps / sizeof *maps; i++) {
        rl_bind_keyseq_in_map("\\e[A", previous_line, maps[i]);
        rl_bind_keyseq_in_map("\\eOA", previous_line, maps[i]);
        rl_bind_keyseq_in_map("\\e[B", next_line, maps[i]);
        rl_bind_keyseq_in_map("\\eOB", next_line, maps[i]);
        bind_modified(maps[i]);
    }
}
