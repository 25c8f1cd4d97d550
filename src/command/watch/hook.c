/* hook.c - see hook.h. */
#include "command/watch/hook.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/log.h"
#include "base/text.h"

#define VARIABLES_MAX 32

extern char **environ;

/* An event that waits. */
typedef struct task {
    struct task *next;
    char *json;
    size_t json_bytes;
    char *variables[VARIABLES_MAX + 1];
    char *id;
    hook_place place;
} task;

struct hook {
    hook_config config;
    task *first, **last;
    size_t waiting;
    task *running; /* NULL: none */
    pid_t pid;
    int64_t began, until; /* it gets a SIGTERM then, or a SIGKILL */
    int64_t allowed_ms;
    bool is_told_off; /* it got the SIGTERM */
    bool is_ending;
    hook_place done;
    hook_counts counts;
};

hook *hook_new(const hook_config *config)
{
    hook *h = calloc(1, sizeof *h);
    if (h == NULL)
        return NULL;
    h->config = *config;
    h->last = &h->first;
    return h;
}

static void free_task(task *t)
{
    if (t == NULL)
        return;
    for (size_t i = 0; t->variables[i] != NULL; i++)
        free(t->variables[i]);
    free(t->json);
    free(t->id);
    free(t);
}

void hook_free(hook *h)
{
    if (h == NULL)
        return;
    while (h->first != NULL) {
        task *t = h->first;
        h->first = t->next;
        free_task(t);
    }
    free_task(h->running);
    free(h);
}

/* ---- the queue ------------------------------------------------------------------------------ */

static bool fill(task *t, const char *json, char *const *variables, const char *id)
{
    t->json = malloc(t->json_bytes > 0 ? t->json_bytes : 1);
    t->id = strdup(id);
    if (t->json == NULL || t->id == NULL)
        return false;
    memcpy(t->json, json, t->json_bytes);
    for (size_t i = 0; i < VARIABLES_MAX && variables[i] != NULL; i++)
        if ((t->variables[i] = strdup(variables[i])) == NULL)
            return false;
    return true;
}

bool hook_add(hook *h, const char *json, size_t json_bytes, char *const *variables, const char *id,
              hook_place place)
{
    task *t = calloc(1, sizeof *t);
    if (t == NULL)
        return false;
    t->json_bytes = json_bytes;
    t->place = place;
    if (!fill(t, json, variables, id)) {
        free_task(t);
        return false;
    }
    *h->last = t;
    h->last = &t->next;
    h->waiting++;
    return true;
}

/* ---- running -------------------------------------------------------------------------------- */

/* A file without a name that has the event. -1: none could be made. */
static int input_of(const task *t)
{
    const int fd = memfd_create("event", MFD_CLOEXEC);
    size_t done = 0;
    while (fd >= 0 && done < t->json_bytes) {
        const ssize_t n = write(fd, t->json + done, t->json_bytes - done);
        if (n < 0 && errno != EINTR) {
            (void)close(fd);
            return -1;
        }
        done += n > 0 ? (size_t)n : 0;
    }
    if (fd >= 0)
        (void)lseek(fd, 0, SEEK_SET);
    return fd;
}

/* Is it one of those that we set ourselves? */
static bool is_set(const task *t, const char *variable)
{
    const size_t len = strcspn(variable, "=");
    for (size_t i = 0; t->variables[i] != NULL; i++)
        if (strncmp(t->variables[i], variable, len + 1) == 0)
            return true;
    return false;
}

/* Our environment, and what tells of the event. To be freed, but not its strings. NULL: no memory. */
static char **environment_of(const task *t)
{
    size_t n = 0, kept = 0;
    while (environ[n] != NULL)
        n++;
    char **out = calloc(n + VARIABLES_MAX + 1, sizeof *out);
    for (size_t i = 0; out != NULL && i < n; i++)
        if (!is_set(t, environ[i]) && strncmp(environ[i], "NOTIFY_SOCKET=", 14) != 0
            && strncmp(environ[i], "WATCHDOG_", 9) != 0)
            out[kept++] = environ[i];
    for (size_t i = 0; out != NULL && t->variables[i] != NULL; i++)
        out[kept++] = t->variables[i];
    return out;
}

/* Signals are as for any program that is started, and it leads a group, which is ended with it. */
static int spawn(const hook *h, int input, char **environment, pid_t *pid)
{
    posix_spawn_file_actions_t files;
    posix_spawnattr_t how;
    sigset_t none, all;
    (void)sigemptyset(&none);
    (void)sigfillset(&all);
    int error = posix_spawn_file_actions_init(&files);
    if (error != 0)
        return error;
    error = posix_spawnattr_init(&how);
    if (error == 0) {
        (void)posix_spawn_file_actions_adddup2(&files, input, STDIN_FILENO);
        (void)posix_spawn_file_actions_adddup2(&files, STDERR_FILENO, STDOUT_FILENO);
        (void)posix_spawnattr_setsigmask(&how, &none);
        (void)posix_spawnattr_setsigdefault(&how, &all);
        (void)posix_spawnattr_setpgroup(&how, 0);
        (void)posix_spawnattr_setflags(&how, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF
                                                 | POSIX_SPAWN_SETPGROUP);
        error = posix_spawnp(pid, h->config.argv[0], &files, &how, h->config.argv, environment);
        (void)posix_spawnattr_destroy(&how);
    }
    (void)posix_spawn_file_actions_destroy(&files);
    return error;
}

static int start(hook *h, const task *t)
{
    const int input = input_of(t);
    char **environment = environment_of(t);
    const int error = input < 0             ? errno
                      : environment == NULL ? ENOMEM
                                            : spawn(h, input, environment, &h->pid);
    if (input >= 0)
        (void)close(input);
    free(environment);
    return error;
}

static void finish(hook *h, bool is_good)
{
    h->counts.run++;
    h->counts.failed += !is_good;
    h->done = h->running->place;
    free_task(h->running);
    h->running = NULL;
}

static void start_next(hook *h, int64_t now_ms)
{
    task *t = h->first;
    h->first = t->next;
    if (h->first == NULL)
        h->last = &h->first;
    h->waiting--;
    h->running = t;
    h->began = now_ms;
    h->allowed_ms = h->config.limit_ms;
    h->until = now_ms + h->allowed_ms;
    h->is_told_off = false;
    const int error = start(h, t);
    if (error == 0)
        return;
    log_error("cannot run \"%s\" for event %s: %s", h->config.argv[0], t->id, strerror(error));
    finish(h, false);
}

/* ---- ending --------------------------------------------------------------------------------- */

static void tell_end(const hook *h, int status)
{
    if (h->is_told_off)
        log_error("\"%s\" for event %s took longer than %" PRId64 " s, and was ended",
                  h->config.argv[0], h->running->id, (h->allowed_ms + 999) / 1000);
    else if (WIFSIGNALED(status))
        log_error("\"%s\" for event %s was ended by signal %d", h->config.argv[0], h->running->id,
                  WTERMSIG(status));
    else if (WEXITSTATUS(status) != 0)
        log_error("\"%s\" for event %s ended with status %d", h->config.argv[0], h->running->id,
                  WEXITSTATUS(status));
}

static void see_end(hook *h)
{
    int status = 0;
    if (h->running == NULL || waitpid(h->pid, &status, WNOHANG) != h->pid)
        return;
    if (h->is_told_off)
        (void)kill(-h->pid, SIGKILL); /* what it left behind */
    tell_end(h, status);
    finish(h, !h->is_told_off && WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

static void end_in_time(hook *h, int64_t now_ms)
{
    if (h->running == NULL || now_ms < h->until)
        return;
    (void)kill(-h->pid, h->is_told_off ? SIGKILL : SIGTERM);
    h->is_told_off = true;
    h->until = now_ms + HOOK_KILL_MS;
}

void hook_step(hook *h, int64_t now_ms)
{
    see_end(h);
    end_in_time(h, now_ms);
    while (h->running == NULL && h->first != NULL && !h->is_ending)
        start_next(h, now_ms);
}

int hook_wait_ms(const hook *h, int64_t now_ms)
{
    if (h->running == NULL)
        return -1;
    const int64_t left = h->until - now_ms;
    return left <= 0 ? 0 : left > 60000 ? 60000 : (int)left;
}

size_t hook_waiting(const hook *h)
{
    return h->waiting + (h->running != NULL);
}

hook_place hook_done(const hook *h)
{
    return h->done;
}

hook_counts hook_counted(const hook *h)
{
    return h->counts;
}

void hook_end(hook *h, int64_t now_ms, int64_t limit_ms)
{
    h->is_ending = true;
    if (h->running == NULL || h->is_told_off || h->until <= now_ms + limit_ms)
        return;
    h->until = now_ms + limit_ms;
    h->allowed_ms = h->until - h->began;
}

bool hook_is_running(const hook *h)
{
    return h->running != NULL;
}
