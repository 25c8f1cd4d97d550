/*
 * temporary.c - see temporary.h.
 *
 * The signal handler reads the lists below, so they are changed with signals held back, and under a mutex
 * that it does not take: it may run on any thread, but only between two changes of the thread it runs on.
 * An entry is one pointer that is stored at once, which is all that another thread's handler needs.
 */
#include "base/temporary.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/message.h"

#define GROUPS_MAX 256

static _Atomic(char *) paths[TEMPORARY_MAX];
static atomic_int groups[GROUPS_MAX];
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static bool has_handler;

static const int ending_signals[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGPIPE, SIGALRM, SIGXCPU };
#define SIGNALS (sizeof ending_signals / sizeof *ending_signals)

void temporary_end_groups(void)
{
    for (int i = 0; i < GROUPS_MAX; i++) {
        const int group = atomic_load(&groups[i]);
        if (group > 0)
            (void)kill(-group, SIGTERM);
    }
}

/* A folder, of which nobody knows all that is in it: a handler may start a program, but not walk. */
static void remove_folder(const char *path)
{
    if (rmdir(path) == 0)
        return;
    const pid_t pid = fork();
    if (pid == 0) {
        (void)execl("/bin/rm", "rm", "-rf", "--", path, (char *)NULL);
        _exit(127);
    }
    if (pid > 0)
        (void)waitpid(pid, NULL, 0);
}

static void on_signal(int number)
{
    temporary_end_groups();
    for (int i = 0; i < TEMPORARY_MAX; i++) {
        const char *path = atomic_load(&paths[i]);
        if (path && unlink(path) != 0)
            remove_folder(path);
    }
    (void)signal(number, SIG_DFL);
    (void)raise(number);
}

static void hold(sigset_t *before)
{
    sigset_t all;
    sigemptyset(&all);
    for (size_t i = 0; i < SIGNALS; i++)
        sigaddset(&all, ending_signals[i]);
    (void)pthread_sigmask(SIG_BLOCK, &all, before);
    (void)pthread_mutex_lock(&lock);
}

static void let_go(const sigset_t *before)
{
    (void)pthread_mutex_unlock(&lock);
    (void)pthread_sigmask(SIG_SETMASK, before, NULL);
}

/* What the caller ignores (nohup) stays ignored. */
static void install_handler(void)
{
    if (has_handler)
        return;
    has_handler = true;
    struct sigaction action = { .sa_handler = on_signal };
    sigfillset(&action.sa_mask);
    for (size_t i = 0; i < SIGNALS; i++) {
        struct sigaction now;
        if (sigaction(ending_signals[i], NULL, &now) == 0 && now.sa_handler != SIG_IGN)
            (void)sigaction(ending_signals[i], &action, NULL);
    }
}

/* Signals are held. */
static bool list(char *path)
{
    int slot = 0;
    while (slot < TEMPORARY_MAX && atomic_load(&paths[slot]))
        slot++;
    if (slot == TEMPORARY_MAX)
        return false;
    install_handler();
    atomic_store(&paths[slot], path);
    return true;
}

static void unlist(const char *path)
{
    for (int i = 0; i < TEMPORARY_MAX; i++)
        if (atomic_load(&paths[i]) == path)
            atomic_store(&paths[i], NULL);
}

int temporary_file(const char *beside, char **path, char message[MESSAGE_BYTES])
{
    char *name = NULL;
    if (asprintf(&name, "%s.pitr-find.XXXXXX", beside) < 0) {
        (void)message_no_memory(message);
        return -1;
    }
    sigset_t before;
    hold(&before);
    int fd = mkostemp(name, O_CLOEXEC);
    const int error = errno;
    if (fd >= 0 && !list(name)) {
        (void)close(fd);
        (void)unlink(name);
        fd = -1;
        (void)message_fail(message, "too many temporary files");
    } else if (fd < 0) {
        (void)message_fail(message, "cannot write beside \"%s\": %s", beside, strerror(error));
    }
    let_go(&before);
    if (fd < 0)
        free(name);
    else
        *path = name;
    return fd;
}

char *temporary_folder(char message[MESSAGE_BYTES])
{
    const char *base = getenv("TMPDIR");
    char *name = NULL;
    if (asprintf(&name, "%s/pitr-find.XXXXXX", base && *base ? base : "/tmp") < 0) {
        (void)message_no_memory(message);
        return NULL;
    }
    sigset_t before;
    hold(&before);
    bool is_made = mkdtemp(name) != NULL;
    if (!is_made)
        (void)message_fail(message, "cannot make a folder \"%s\": %s", name, strerror(errno));
    if (is_made && !list(name)) {
        is_made = message_fail(message, "too many temporary files");
        (void)rmdir(name);
    }
    let_go(&before);
    if (is_made)
        return name;
    free(name);
    return NULL;
}

static int remove_one(const char *path, const struct stat *st, int kind, struct FTW *where)
{
    (void)st;
    (void)kind;
    (void)where;
    (void)remove(path);
    return 0;
}

void temporary_drop(char *path)
{
    if (!path)
        return;
    sigset_t before;
    hold(&before);
    if (unlink(path) != 0 && errno != ENOENT)
        (void)nftw(path, remove_one, 8, FTW_DEPTH | FTW_PHYS);
    unlist(path);
    let_go(&before);
    free(path);
}

/* A folder's entry is on disk once the folder is. File systems that cannot sync a folder need not. */
static void sync_folder_of(const char *name)
{
    const char *slash = strrchr(name, '/');
    char *folder = slash ? strndup(name, slash == name ? 1 : (size_t)(slash - name)) : strdup(".");
    const int fd = folder ? open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
    if (fd >= 0) {
        (void)fsync(fd);
        (void)close(fd);
    }
    free(folder);
}

bool temporary_check(const char *name, char message[MESSAGE_BYTES])
{
    const char *slash = strrchr(name, '/');
    const char *base = slash ? slash + 1 : name;
    struct stat st;
    if (*base == '\0' || strcmp(base, ".") == 0 || strcmp(base, "..") == 0)
        return message_fail(message, "\"%s\" is not a name for a file to write", name);
    if (lstat(name, &st) != 0)
        return errno == ENOENT
               || message_fail(message, "cannot write \"%s\": %s", name, strerror(errno));
    const char *what = S_ISDIR(st.st_mode)   ? "a directory"
                       : S_ISLNK(st.st_mode) ? "a symbolic link"
                                             : "no regular file";
    return S_ISREG(st.st_mode)
           || message_fail(message, "\"%s\" is %s: it is not replaced by a WAL file", name, what);
}

bool temporary_keep(char *path, int fd, const char *name, char message[MESSAGE_BYTES])
{
    const mode_t mask = umask(0);
    (void)umask(mask);
    const char *what = fchmod(fd, 0600 & ~mask) != 0 ? "set the mode of"
                       : fsync(fd) != 0              ? "write"
                                                     : NULL;
    if (what) {
        (void)message_fail(message, "cannot %s \"%s\": %s", what, path, strerror(errno));
        temporary_drop(path);
        return false;
    }
    sigset_t before;
    hold(&before);
    const bool is_renamed = temporary_check(name, message)
                            && (rename(path, name) == 0
                                || message_fail(message, "cannot rename \"%s\" to \"%s\": %s", path,
                                                name, strerror(errno)));
    if (!is_renamed)
        (void)unlink(path);
    unlist(path);
    let_go(&before);
    free(path);
    if (is_renamed)
        sync_folder_of(name);
    return is_renamed;
}

void temporary_watch(pid_t group)
{
    sigset_t before;
    hold(&before);
    install_handler();
    for (int i = 0; i < GROUPS_MAX; i++) {
        if (atomic_load(&groups[i]) == 0) {
            atomic_store(&groups[i], group);
            break;
        }
    }
    let_go(&before);
}

void temporary_unwatch(pid_t group)
{
    sigset_t before;
    hold(&before);
    for (int i = 0; i < GROUPS_MAX; i++)
        if (atomic_load(&groups[i]) == group)
            atomic_store(&groups[i], 0);
    let_go(&before);
}
