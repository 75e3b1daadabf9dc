/* test_file.c - writing files: the meaning of names, the old file after a failure, temporary files. */
#include "base/file.h"
#include "tests/tap.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static char text[8192];

static const char *content(const char *path)
{
    memset(text, 0, sizeof text);
    int fd = open(path, O_RDONLY | O_NONBLOCK);
    if (fd < 0 || read(fd, text, sizeof text - 1) < 0)
        return "";
    close(fd);
    return text;
}

static void put(const char *path, const char *what)
{
    FILE *f = fopen(path, "w");
    if (!f || fputs(what, f) < 0 || fclose(f))
        printf("Bail out! %s: %s\n", path, strerror(errno));
}

static int write_new(const char *path, const char *what, ipd_error *e)
{
    ipd_new_file f;
    e->text[0] = 0;
    if (ipd_new_file_open(&f, path, e))
        return -1;
    fputs(what, f.stream);
    return ipd_new_file_commit(&f, e);
}

static int is_link(const char *path)
{
    struct stat s;
    return lstat(path, &s) == 0 && S_ISLNK(s.st_mode);
}

static mode_t mode_of(const char *path)
{
    struct stat s;
    return stat(path, &s) ? 0 : s.st_mode & 07777;
}

static int temporaries(const char *folder)
{
    DIR *d = opendir(folder);
    struct dirent *entry;
    int count = 0;
    while (d && (entry = readdir(d)))
        count += !strncmp(entry->d_name, ".ipdlam-new-", 12);
    if (d)
        closedir(d);
    return count;
}

static void test_links(void)
{
    ipd_error e;
    put("target", "precious");
    mkdir("deep", 0777);
    put("deep/real", "old");
    ok(!symlink("target", "link") && !symlink("deep/up", "chain") &&
           !symlink("../link", "deep/up") && !symlink("deep/none", "dangling") &&
           !symlink("round", "round"),
       "links are made");
    ok(!write_new("link", "new", &e) && is_link("link") && !strcmp(content("target"), "new"),
       "a link is followed: %s", e.text);
    ok(!write_new("chain", "newer", &e) && is_link("chain") && is_link("deep/up") &&
           !strcmp(content("target"), "newer"),
       "a chain of links through folders");
    ok(!write_new("dangling", "made", &e) && is_link("dangling") &&
           !strcmp(content("deep/none"), "made"),
       "a link whose target does not exist: the target is made");
    ok(write_new("round", "x", &e) && strstr(e.text, "round: cannot be written: Too many"),
       "links in a circle: %s", e.text);
    put("one", "old");
    ok(!link("one", "two") && !write_new("one", "new", &e) && !strcmp(content("two"), "old"),
       "another name of the old file keeps it");
}

static void test_modes(void)
{
    struct stat s;
    ipd_error e;
    umask(022);
    ok(!write_new("fresh", "x", &e) && mode_of("fresh") == 0644, "a new file has the usual mode");
    put("private", "old");
    chmod("private", 0600);
    ok(!write_new("private", "new", &e) && mode_of("private") == 0600,
       "a private file stays private");
    put("shared", "old");
    chmod("shared", 0666);
    ok(!write_new("shared", "new", &e) && mode_of("shared") == 0666,
       "a file writable by all stays so");
    if (geteuid()) {
        skip("owners: not root");
        put("locked", "old");
        chmod("locked", 0444);
        ok(write_new("locked", "new", &e) && !strcmp(content("locked"), "old"),
           "a read-only file is kept");
        return;
    }
    put("owned", "old");
    ok(!chown("owned", 1234, 2345) && !chmod("owned", 0640) && !write_new("owned", "new", &e) &&
           !stat("owned", &s) && s.st_uid == 1234 && s.st_gid == 2345 &&
           (s.st_mode & 07777) == 0640,
       "owner and mode are kept");
    skip("read-only files: root");
}

static void test_special(void)
{
    ipd_error e;
    struct stat s;
    ok(!mkfifo("fifo", 0600), "a FIFO is made");
    int reader = open("fifo", O_RDONLY | O_NONBLOCK);
    ok(!write_new("fifo", "through", &e), "a FIFO is written to: %s", e.text);
    ssize_t n = read(reader, text, sizeof text);
    ok(n == 7 && !memcmp(text, "through", 7) && !lstat("fifo", &s) && S_ISFIFO(s.st_mode),
       "its reader gets all, and it stays a FIFO");
    ipd_new_file f;
    ok(!ipd_new_file_open(&f, "fifo", &e) && !close(reader) && fputs("x", f.stream) >= 0 &&
           ipd_new_file_commit(&f, &e) && strstr(e.text, "fifo: cannot be written: Broken pipe") &&
           !strstr(e.text, "old file"),
       "a reader that goes away does not end the program: %s", e.text);
    ok(ipd_new_file_check("fifo", &e) && strstr(e.text, "Start its reader first"),
       "a FIFO without a reader is refused before long work: %s", e.text);
    reader = open("fifo", O_RDONLY | O_NONBLOCK);
    ok(!ipd_new_file_check("fifo", &e) && read(reader, text, sizeof text) < 0 && errno == EAGAIN,
       "a FIFO with a reader is held open until it is written");
    ok(!write_new("fifo", "later", &e) && read(reader, text, sizeof text) == 5 &&
           read(reader, text, sizeof text) == 0 && !close(reader),
       "then it is closed");
    ok(write_new("fifo", "x", &e) && strstr(e.text, "no program reads this FIFO"),
       "the wait for a reader ends: %s", e.text);
    if (mknod("null", S_IFCHR | 0666, 1 << 8 | 3) || mknod("full", S_IFCHR | 0666, 1 << 8 | 7) ||
        mknod("disk", S_IFBLK | 0600, 7 << 8) || (reader = open("null", O_RDONLY)) < 0) {
        for (int i = 0; i < 3; i++)
            skip("devices cannot be made here");
        return;
    }
    close(reader);
    ok(!write_new("null", "x", &e) && !lstat("null", &s) && S_ISCHR(s.st_mode),
       "a device is written to");
    ok(write_new("full", "x", &e) && !lstat("full", &s) && S_ISCHR(s.st_mode) &&
           strstr(e.text, "full: cannot be written: No space"),
       "a full device: %s", e.text);
    ok(write_new("disk", "x", &e) && strstr(e.text, "disk: is a block device") &&
           ipd_new_file_check("disk", &e),
       "a disk is refused: %s", e.text);
}

/* Writes to a descriptor, in a child process whose standard output is a file. */
static void test_stdout(void)
{
    static const char *const names[] = {"-", "/dev/stdout", "/dev/fd/1", "link-to-stdout"};
    ipd_error e;
    ok(!symlink("/dev/stdout", "link-to-stdout"), "a link to the standard output");
    for (int i = 0; i < 4; i++) {
        int status;
        fflush(stdout);
        pid_t child = fork();
        if (!child) {
            if (!freopen("printed", "w", stdout))
                _exit(1);
            fputs("before ", stdout);
            int failed = write_new(names[i], "whole ", &e) || !ipd_file_is_stream(names[i]) ||
                         !ipd_file_is_same(names[i], "-");
            fputs("after", stdout);
            fflush(stdout);
            _exit(failed);
        }
        ok(waitpid(child, &status, 0) == child && status == 0 &&
               !strcmp(content("printed"), "before whole after"),
           "%s is the standard output", names[i]);
    }
    ok(access("-", F_OK) != 0, "no file is called -");
}

static void test_names(void)
{
    static const struct {
        const char *name, *says;
    } wrong[] = {{"", "the file name is empty. Name a file"},
                 {"deep", "deep: is a folder. Name a file in it"},
                 {"nothing/", "nothing/: is a folder. Name a file in it"},
                 {"nothing/..", "nothing/..: is a folder. Name a file in it"},
                 {"target/x", "target/x: cannot be written: Not a directory"},
                 {"/dev/fd/999", "/dev/fd/999: cannot be written: Bad file descriptor"}};
    ipd_error e;
    char name[5001], limit[256];
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        ok(write_new(wrong[i].name, "x", &e) && !strcmp(e.text, wrong[i].says), "\"%s\": %s",
           wrong[i].name, e.text);
        e.text[0] = 0;
        ok(ipd_new_file_check(wrong[i].name, &e) && !strcmp(e.text, wrong[i].says),
           "the same from the check before work: %s", e.text);
    }
    memset(name, 'x', sizeof name - 1);
    name[sizeof name - 1] = 0;
    ok(write_new(name, "x", &e) &&
           strstr(e.text,
                  "File name too long. Use a path below 4096 bytes, with names of at most 255"),
       "a name of 5000 characters: %s", e.text);
    ok(!ipd_file_read(name, &e) && strstr(e.text, "cannot be read: File name too long. Use a path"),
       "a name of 5000 characters cannot be read: %s", e.text);
    memset(limit, 'y', 255);
    limit[255] = 0;
    ok(!write_new(limit, "x", &e), "the longest name that a folder takes: %s", e.text);
    ok(!ipd_new_file_check("new/folder/file", &e) && access("new", F_OK),
       "the check before work makes no folder");
    ok(!write_new("new/folder/file", "x", &e) && !strcmp(content("new/folder/file"), "x"),
       "missing folders are made");
    ok(ipd_file_is_same("new/folder/none", "new/../new/folder/none") &&
           ipd_file_is_same("target", "./target") && ipd_file_is_same("target", "link") &&
           !ipd_file_is_same("target", "fresh") && !ipd_file_is_same("target", "-") &&
           ipd_file_is_same("no/folder", "no/folder") && !ipd_file_is_same("no/folder", "no/other"),
       "names of one file are recognised");
}

static void test_leftovers(void)
{
    ipd_new_file f;
    ipd_error e;
    mkdir("left", 0777);
    put("left/.ipdlam-new-0123456789abcdef", "of a program that was killed");
    put("left/.ipdlam-new-0123456789abcdef.safetensors", "the user's");
    put("left/.ipdlam-new-mine", "the user's");
    ok(!ipd_new_file_open(&f, "left/a", &e) && temporaries("left") == 3,
       "a leftover is removed, and the new one is there");
    ok(!write_new("left/b", "x", &e) && temporaries("left") == 3,
       "the temporary file of a running writer stays");
    ipd_new_file_abandon(&f);
    ok(temporaries("left") == 2 && access("left/a", F_OK), "an abandoned file leaves nothing");
    ok(!write_new("left/b", "y", &e) && temporaries("left") == 2 && !strcmp(content("left/b"), "y"),
       "a written file leaves no temporary one");
}

static void put_old(const char *of, pid_t pid, long seconds)
{
    const struct timespec times[2] = {{seconds, 0}, {seconds, 0}};
    char path[64];
    snprintf(path, sizeof path, "old/%s.new-%ld", of, (long)pid);
    put(path, "half of it");
    utimensat(AT_FDCWD, path, times, 0);
}

/* Temporary files of a killed ipdlam 0.1.0 are removed, but only those with its names and no living process. */
static void test_old_leftovers(void)
{
    ipd_error e;
    const pid_t gone = 1 << 30; /* no system counts so far */
    mkdir("old", 0777);
    put_old("000001-iteration-7.safetensors", gone, 1000);
    put_old("out.csv", gone, 1000);
    put_old("other.csv", gone, 1000);
    put_old("weights.safetensors", gone, 1000);
    put_old("out.csv", 2, 1000); /* the user's second copy */
    put_old("of-the-living.safetensors", getpid(), 1000);
    put_old("young.safetensors", gone, time(NULL));
    put("old/out.csv.new-", "the user's");
    put("old/out.csv.new-1x", "the user's");
    ok(!write_new("old/out.csv", "x", &e), "a file is written beside leftovers of 0.1.0");
    DIR *d = opendir("old");
    struct dirent *entry;
    int left = 0, gone_ones = 0;
    while (d && (entry = readdir(d))) {
        left += strstr(entry->d_name, ".new-") != NULL;
        gone_ones +=
            !strncmp(entry->d_name, "0000", 4) ||
            (!strncmp(entry->d_name, "out.csv.new-", 12) && atol(entry->d_name + 12) == gone);
    }
    closedir(d);
    ok(left == 7 && !gone_ones,
       "the half-written checkpoint and the leftover of this file are removed, nothing else");
}

static void test_streams(void)
{
    ipd_error e;
    struct stat before, after;
    FILE *f;
    put("stream", "long content of before");
    ok(!stat("stream", &before) && (f = ipd_stream_open("stream", &e)) && fputs("new", f) >= 0 &&
           !ipd_stream_close(f) && !stat("stream", &after) && before.st_ino == after.st_ino &&
           !strcmp(content("stream"), "new"),
       "a stream empties an existing file");
    ok((f = ipd_stream_open("made/for/it", &e)) && !ipd_stream_close(f),
       "the folder of a stream is made");
    ok(!ipd_stream_open("", &e) && strstr(e.text, "empty"), "a stream without a name");
    ok(!ipd_stream_open("made", &e) && strstr(e.text, "is a folder"), "a stream to a folder");
}

static void test_texts(void)
{
    static const struct {
        const char *content, *want;
        size_t size;
        const char *what;
    } cases[] = {{"\xEF\xBB\xBFkey\n", "key\n", 7, "a byte order mark"},
                 {"\xEF\xBB\xBF", "", 3, "nothing else"},
                 {"\xEF\xBB", "\xEF\xBB", 2, "half of one"},
                 {"", "", 0, "an empty file"},
                 {"\xFF\xFEk\0", "texts: is UTF-16 text. Save it as UTF-8", 4, "UTF-16"},
                 {"\xFE\xFF\0k", "texts: is UTF-16 text. Save it as UTF-8", 4, "the other UTF-16"},
                 {"key\0", "texts: is not a text file", 4, "NUL"}};
    char *got, *large = malloc((1 << 20) + 2);
    ipd_error e;
    int same = 0;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        FILE *f = fopen("texts", "w");
        if (!f || fwrite(cases[i].content, 1, cases[i].size, f) < cases[i].size || fclose(f))
            printf("Bail out! texts cannot be written\n");
        got = ipd_file_text("texts", 1 << 20, i % 2, &e);
        ok(!strcmp(got ? got : e.text, cases[i].want), "%s", cases[i].what);
        free(got);
    }
    memset(large, 'x', (1 << 20) + 1);
    for (size_t size = (1 << 20) + 1; size >= 1 << 20; size--) {
        large[size] = 0;
        put("texts", large);
        got = ipd_file_text("texts", 1 << 20, 0, &e);
        same += got ? size == 1 << 20 && !strcmp(got, large)
                    : size > 1 << 20 && strstr(e.text, "holds more than 1 MiB") != NULL;
        free(got);
    }
    ok(same == 2, "as many bytes as are allowed, and one more");
    free(large);
    mkfifo("queue", 0666);
    ok(!ipd_file_text("queue", 100, 0, &e) && strstr(e.text, "queue: is not a regular file"),
       "reading a FIFO as text is refused");
    ok(!ipd_file_text("made", 100, 0, &e) && strstr(e.text, "made: is a folder. Name a file") &&
           !ipd_file_text("made", 100, 1, &e) && strstr(e.text, "made: cannot be read"),
       "reading a folder as text is refused");
    got = ipd_file_text("/dev/null", 100, 1, &e);
    ok(got && !*got && !ipd_file_text("/dev/zero", 100, 1, &e) &&
           !ipd_file_text("/dev/null", 100, 0, &e),
       "a device is read as a stream");
    free(got);
}

int main(void)
{
    char folder[] = "/tmp/ipdlam-test.XXXXXX", command[64];
    if (!mkdtemp(folder) || chdir(folder))
        return 1;
    umask(022);
    test_links();
    test_modes();
    test_special();
    test_stdout();
    test_names();
    test_leftovers();
    test_old_leftovers();
    test_streams();
    test_texts();
    snprintf(command, sizeof command, "rm -rf %s", folder);
    ok(chdir("/") == 0 && system(command) == 0, "the folder is removed");
    return done();
}
