/* file.c - see file.h. */
#include "base/file.h"
#include "base/leftover.h"
#include "base/path.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { LINKS = 40, TRIES = 50 };

/* The target of an output name. */
typedef struct place {
    enum { STANDARD_OUTPUT, DESCRIPTOR, FIFO, DEVICE, REGULAR, MISSING } kind;
    int descriptor;    /* of DESCRIPTOR */
    char path[4096];   /* with symbolic links of the last component resolved */
    struct stat known; /* of REGULAR */
} place;

static int fail_file(ipd_error *e, const char *path, int why)
{
    return ipd_file_fail(e, path, "written", why);
}

/* The number N of /dev/fd/N and its synonyms, else -1. The descriptor may be a file that the shell
 * has opened: it must be written to, not replaced. */
static int descriptor_of(const char *path)
{
    static const char *const folders[] = {"/dev/fd/", "/proc/self/fd/"};
    if (!strcmp(path, "/dev/stdout"))
        return 1;
    if (!strcmp(path, "/dev/stderr"))
        return 2;
    for (size_t i = 0; i < sizeof folders / sizeof *folders; i++) {
        size_t n = strlen(folders[i]);
        char *end;
        if (strncmp(path, folders[i], n) || path[n] < '0' || path[n] > '9')
            continue;
        long number = strtol(path + n, &end, 10);
        return !*end && number < INT_MAX ? (int)number : -1;
    }
    return -1;
}

/* Resolves one symbolic link in place. Returns 1, 0 if path is not a link, or -1 and errno. */
static int follow(char *path, size_t size)
{
    char to[4096], *slash = strrchr(path, '/');
    ssize_t n = readlink(path, to, sizeof to - 1);
    if (n < 0)
        return 0;
    to[n] = 0;
    size_t kept = *to == '/' || !slash ? 0 : (size_t)(slash - path) + 1;
    if (kept + (size_t)n >= size) {
        errno = ENAMETOOLONG;
        return -1;
    }
    memcpy(path + kept, to, (size_t)n + 1);
    return 1;
}

/* Finds what an output name leads to, without changing anything. */
static int find_place(place *p, const char *path, ipd_error *e)
{
    size_t n = strlen(path);
    int links = 0, more;
    if (!n)
        return ipd_file_fail_empty(e);
    p->kind = STANDARD_OUTPUT;
    if (!strcmp(path, "-"))
        return 0;
    if (n >= sizeof p->path)
        return fail_file(e, path, ENAMETOOLONG);
    memcpy(p->path, path, n + 1);
    do {
        p->kind = DESCRIPTOR;
        if ((p->descriptor = descriptor_of(p->path)) >= 0)
            return 0;
        if ((more = follow(p->path, sizeof p->path)) < 0 || ++links > LINKS)
            return fail_file(e, path, more < 0 ? errno : ELOOP);
    } while (more);
    const char *slash = strrchr(p->path, '/'), *name = slash ? slash + 1 : p->path;
    if (!*name || !strcmp(name, ".") || !strcmp(name, ".."))
        return ipd_fail(e, IPD_EUSAGE, "%.400s: is a folder. Name a file in it", path);
    /* stat follows the links in the kernel, which may refuse those that another user has put into a
     * shared folder. */
    if (links > 1 && stat(path, &p->known) && errno != ENOENT)
        return fail_file(e, path, errno);
    if (lstat(p->path, &p->known)) {
        p->kind = MISSING;
        return errno == ENOENT ? 0 : fail_file(e, path, errno);
    }
    switch (p->known.st_mode & S_IFMT) {
    case S_IFREG:
        p->kind = REGULAR;
        return 0;
    case S_IFIFO:
        p->kind = FIFO;
        return 0;
    case S_IFCHR:
        p->kind = DEVICE;
        return 0;
    case S_IFDIR:
        return ipd_fail(e, IPD_EUSAGE, "%.400s: is a folder. Name a file in it", path);
    default:
        return ipd_fail(e, IPD_EUSAGE, "%.400s: is a %s. Name a file", path,
                        S_ISBLK(p->known.st_mode) ? "block device" : "socket");
    }
}

/* Creates the folder of the file, and its parents. */
static int make_parents(const char *path, ipd_error *e)
{
    char part[4096];
    size_t n = strlen(path);
    memcpy(part, path, n + 1);
    for (size_t i = 1; i < n; i++) {
        if (path[i] != '/')
            continue;
        part[i] = 0;
        if (mkdir(part, 0777) && errno != EEXIST) {
            struct stat s;
            int why = errno;
            if (stat(part, &s) || !S_ISDIR(s.st_mode))
                return ipd_fail(e, IPD_EIO, "%.400s: cannot make the folder: %s", part,
                                strerror(why));
        }
        part[i] = '/';
    }
    return 0;
}

/* FIFOs that ipd_new_file_check has opened. They stay open until they are written, so that their
 * readers wait. */
static struct held {
    struct held *next;
    dev_t device;
    ino_t file;
    int fd;
} * held_first;
static pthread_mutex_t held_lock = PTHREAD_MUTEX_INITIALIZER;

static void release_held(const place *p)
{
    pthread_mutex_lock(&held_lock);
    for (struct held **at = &held_first, *h; (h = *at);) {
        if (h->device != p->known.st_dev || h->file != p->known.st_ino) {
            at = &h->next;
            continue;
        }
        *at = h->next;
        close(h->fd);
        free(h);
    }
    pthread_mutex_unlock(&held_lock);
}

/* Opens a target that is written in place. The reader of a FIFO gets a second to open it: both
 * programs may have been started at the same time, but waiting forever is too long. */
static int open_place(const place *p, const char *path, ipd_error *e)
{
    const struct timespec pause = {.tv_nsec = 20000000};
    int fd = -1;
    if (p->kind == DESCRIPTOR) {
        fflush(p->descriptor == 1 ? stdout : NULL);
        fd = fcntl(p->descriptor, F_DUPFD_CLOEXEC, 3);
        return fd < 0 ? fail_file(e, path, errno) : fd;
    }
    for (int tries = 0; tries < TRIES; tries++) {
        fd = open(p->path, O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
        if (fd >= 0 || p->kind != FIFO || (errno != ENXIO && errno != EINTR))
            break;
        nanosleep(&pause, NULL);
    }
    if (fd < 0 && p->kind == FIFO && errno == ENXIO)
        return ipd_fail(e, IPD_EIO, "%.400s: no program reads this FIFO. Start its reader first",
                        path);
    if (fd < 0)
        return fail_file(e, path, errno);
    int flags = fcntl(fd, F_GETFL);
    if (flags >= 0)
        fcntl(fd, F_SETFL, flags & ~O_NONBLOCK);
    if (p->kind == FIFO)
        release_held(p);
    return fd;
}

/* Checks that a FIFO has a reader by opening it. It stays open, since closing it would signal the
 * end of the data to the reader. */
static int hold(const place *p, const char *path, ipd_error *e)
{
    struct held *h = malloc(sizeof *h);
    if (!h)
        return ipd_fail(e, IPD_EMEMORY, "%.400s: out of memory", path);
    *h = (struct held){.device = p->known.st_dev, .file = p->known.st_ino};
    h->fd = open_place(p, path, e);
    if (h->fd < 0) {
        free(h);
        return -1;
    }
    pthread_mutex_lock(&held_lock);
    h->next = held_first;
    held_first = h;
    pthread_mutex_unlock(&held_lock);
    return 0;
}

/* Creates and locks the temporary file; tries again if another program's clean-up removes it before
 * it is locked. */
static int make_temporary(ipd_new_file *f, mode_t mode)
{
    struct stat s;
    uint64_t number;
    for (int tries = 0; tries < TRIES; tries++) {
        if (getrandom(&number, sizeof number, 0) != sizeof number)
            return -1;
        ipd_leftover_name(f->temporary, sizeof f->temporary, number);
        int fd = openat(f->folder, f->temporary, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
                        mode);
        if (fd < 0 && errno == EEXIST)
            continue;
        if (fd < 0)
            return -1;
        /* On a file system without locks nobody else can lock it either. */
        if ((flock(fd, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK) && fstat(fd, &s) == 0 &&
            s.st_nlink)
            return fd;
        unlinkat(f->folder, f->temporary, 0);
        close(fd);
    }
    errno = EEXIST;
    return -1;
}

/* Gives the temporary file the owner and mode of the file to be replaced. If the owner cannot be
 * kept, the file is this user's. If the group cannot be kept either, the group's permissions become
 * those of others, since it is another group. */
static int keep_mode(int fd, const struct stat *known)
{
    struct stat s;
    mode_t mode = known->st_mode & 0777; /* without setuid and the like, which a write clears */
    if (fstat(fd, &s))
        return -1;
    if ((s.st_uid != known->st_uid || s.st_gid != known->st_gid) &&
        fchown(fd, known->st_uid, known->st_gid) && fchown(fd, (uid_t)-1, known->st_gid))
        mode = (mode & 0707) | (mode & 7) << 3;
    return fchmod(fd, mode);
}

static int open_beside(ipd_new_file *f, place *p, ipd_error *e)
{
    char *slash = strrchr(p->path, '/'), *name = slash ? slash + 1 : p->path;
    if (make_parents(p->path, e))
        return -1;
    if (p->kind == REGULAR && faccessat(AT_FDCWD, p->path, W_OK, AT_EACCESS))
        return fail_file(e, f->path, errno);
    if (strlen(name) >= sizeof f->name)
        return fail_file(e, f->path, ENAMETOOLONG);
    strcpy(f->name, name);
    *name = 0;
    f->folder = open(slash ? p->path : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (f->folder < 0)
        return fail_file(e, f->path, errno);
    ipd_leftover_clean(f->folder, f->name);
    int fd = make_temporary(f, p->kind == REGULAR ? 0600 : 0666);
    if (fd >= 0 && (p->kind == MISSING || keep_mode(fd, &p->known) == 0))
        return fd;
    int why = errno;
    if (fd >= 0) {
        close(fd);
        unlinkat(f->folder, f->temporary, 0);
    }
    close(f->folder);
    f->folder = -1;
    return fail_file(e, f->path, why);
}

/* Blocks SIGPIPE: if the reader goes away, the write fails and the program goes on. */
static void hold_sigpipe(ipd_new_file *f)
{
    sigset_t pipe;
    sigemptyset(&pipe);
    sigaddset(&pipe, SIGPIPE);
    f->masked = pthread_sigmask(SIG_BLOCK, &pipe, &f->mask) == 0;
}

static void release_sigpipe(ipd_new_file *f)
{
    const struct timespec now = {0};
    sigset_t pipe;
    if (!f->masked)
        return;
    sigemptyset(&pipe);
    sigaddset(&pipe, SIGPIPE);
    if (!sigismember(&f->mask, SIGPIPE))
        while (sigtimedwait(&pipe, NULL, &now) == SIGPIPE)
            continue;
    pthread_sigmask(SIG_SETMASK, &f->mask, NULL);
    f->masked = 0;
}

int ipd_new_file_open(ipd_new_file *f, const char *path, ipd_error *e)
{
    place p;
    f->stream = NULL;
    f->folder = -1;
    f->is_stdout = f->masked = 0;
    f->temporary[0] = 0;
    if (find_place(&p, path, e))
        return -1;
    f->is_stdout = p.kind == STANDARD_OUTPUT;
    snprintf(f->path, sizeof f->path, "%s", f->is_stdout ? "standard output" : path);
    if (f->is_stdout) {
        f->stream = stdout;
        return 0;
    }
    int beside = p.kind == REGULAR || p.kind == MISSING;
    int fd = beside ? open_beside(f, &p, e) : open_place(&p, path, e);
    if (fd < 0)
        return -1;
    if (!beside)
        hold_sigpipe(f);
    f->stream = fdopen(fd, "wb");
    if (!f->stream) {
        close(fd);
        ipd_new_file_abandon(f);
        return ipd_fail(e, IPD_EMEMORY, "%.400s: out of memory", path);
    }
    return 0;
}

void ipd_new_file_abandon(ipd_new_file *f)
{
    if (f->stream && !f->is_stdout)
        fclose(f->stream);
    f->stream = NULL;
    release_sigpipe(f);
    if (f->folder < 0)
        return;
    if (*f->temporary)
        unlinkat(f->folder, f->temporary, 0);
    close(f->folder);
    f->folder = -1;
}

static int fail_commit(ipd_new_file *f, int why, ipd_error *e)
{
    int replaces = f->folder >= 0; /* not written in place */
    int is_stdout = f->is_stdout;
    ipd_new_file_abandon(f);
    if (is_stdout)
        return ipd_fail(e, IPD_EIO, "standard output: %s", strerror(why));
    return ipd_fail(e, IPD_EIO, "%.380s: cannot be written: %s%s", f->path, strerror(why),
                    replaces ? ". The old file, if any, is kept" : "");
}

int ipd_new_file_commit(ipd_new_file *f, ipd_error *e)
{
    int why = errno; /* of an earlier failed write */
    if (ferror(f->stream))
        return fail_commit(f, why ? why : EIO, e);
    if (fflush(f->stream))
        return fail_commit(f, errno, e);
    if (f->is_stdout) {
        f->stream = NULL;
        return 0;
    }
    if (fsync(fileno(f->stream)) && (f->folder >= 0 || (errno != EINVAL && errno != EROFS)))
        return fail_commit(f, errno, e);
    if (f->folder >= 0) {
        /* Rename before closing, that is, while locked: no other program cleans it away
         * in between. */
        if (renameat(f->folder, f->temporary, f->folder, f->name))
            return fail_commit(f, errno, e);
        f->temporary[0] = 0;
        fsync(f->folder); /* secures the name against a power cut; not every file system can */
    }
    ipd_new_file_abandon(f); /* closes; after the sync this cannot fail */
    return 0;
}

int ipd_new_file_check(const char *path, ipd_error *e)
{
    place p;
    struct stat s;
    char *slash;
    if (find_place(&p, path, e))
        return -1;
    if (p.kind == STANDARD_OUTPUT)
        return 0;
    if (p.kind == DESCRIPTOR)
        return fcntl(p.descriptor, F_GETFL) < 0 ? fail_file(e, path, errno) : 0;
    if (p.kind != MISSING && faccessat(AT_FDCWD, p.path, W_OK, AT_EACCESS))
        return fail_file(e, path, errno);
    if (p.kind == DEVICE)
        return 0;
    if (p.kind == FIFO)
        return hold(&p, path, e);
    /* The nearest existing parent must be a writable folder. */
    do {
        slash = strrchr(p.path, '/');
        if (!slash)
            strcpy(p.path, ".");
        else
            slash[slash == p.path] = 0;
    } while (stat(p.path, &s) && errno == ENOENT && slash && slash != p.path);
    if (stat(p.path, &s))
        return fail_file(e, path, errno);
    if (!S_ISDIR(s.st_mode))
        return fail_file(e, path, ENOTDIR);
    return faccessat(AT_FDCWD, p.path, W_OK | X_OK, AT_EACCESS) ? fail_file(e, path, errno) : 0;
}

FILE *ipd_stream_open(const char *path, ipd_error *e)
{
    place p;
    if (find_place(&p, path, e))
        return NULL;
    if (p.kind == STANDARD_OUTPUT)
        return stdout;
    int fd;
    if (p.kind == REGULAR || p.kind == MISSING) {
        if (make_parents(p.path, e))
            return NULL;
        fd = open(p.path, O_WRONLY | O_CREAT | O_TRUNC | O_NOCTTY | O_CLOEXEC, 0666);
        if (fd < 0)
            fail_file(e, path, errno);
    } else {
        fd = open_place(&p, path, e);
    }
    FILE *stream = fd < 0 ? NULL : fdopen(fd, "wb");
    if (fd >= 0 && !stream) {
        close(fd);
        ipd_fail(e, IPD_EMEMORY, "%.400s: out of memory", path);
    }
    return stream;
}

int ipd_stream_close(FILE *stream)
{
    if (stream == stdout) /* main reports failed writes to it */
        return 0;
    return ferror(stream) | fclose(stream) ? -1 : 0;
}

int ipd_file_is_stream(const char *path)
{
    place p;
    return find_place(&p, path, NULL) == 0 && p.kind != REGULAR && p.kind != MISSING;
}

int ipd_file_is_same(const char *a, const char *b)
{
    place p, q;
    struct stat s, t;
    if (!strcmp(a, b))
        return 1;
    if (find_place(&p, a, NULL) || find_place(&q, b, NULL))
        return 0;
    int to_stdout = p.kind == STANDARD_OUTPUT || (p.kind == DESCRIPTOR && p.descriptor == 1);
    if (p.kind == STANDARD_OUTPUT || q.kind == STANDARD_OUTPUT)
        return to_stdout &&
               (q.kind == STANDARD_OUTPUT || (q.kind == DESCRIPTOR && q.descriptor == 1));
    if (p.kind != q.kind)
        return 0;
    if (p.kind == REGULAR)
        return p.known.st_dev == q.known.st_dev && p.known.st_ino == q.known.st_ino;
    if (p.kind != MISSING)
        return p.kind == DESCRIPTOR && p.descriptor == q.descriptor;
    /* Neither exists: compare the name and the folder. */
    char *x = strrchr(p.path, '/'), *y = strrchr(q.path, '/');
    if (strcmp(x ? x + 1 : p.path, y ? y + 1 : q.path))
        return 0;
    if (x)
        x[1] = 0;
    if (y)
        y[1] = 0;
    if (stat(x ? p.path : ".", &s) || stat(y ? q.path : ".", &t))
        return x && y && !strcmp(p.path, q.path);
    return s.st_dev == t.st_dev && s.st_ino == t.st_ino;
}
