/* fetch_command.c - see fetch_command.h. */
#include "archive/fetch_command.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/message.h"
#include "base/temporary.h"
#include "base/text.h"

#define STATUS_MISSING_MAX 125
#define LAST_LINE_BYTES 300

/* %r is the oldest segment still needed: for a server that is only asked for WAL from here on, this one. */
char *command_fill(const char *form, const char *name, const char *path)
{
    text out = { 0 };
    for (const char *at = form; *at != '\0'; at++) {
        const char *value = at[0] != '%'                   ? NULL
                            : at[1] == 'f' || at[1] == 'r' ? name
                            : at[1] == 'p'                 ? path
                            : at[1] == '%'                 ? "%"
                                                           : NULL;
        if (value != NULL) {
            text_add(&out, value);
            at++;
        } else {
            text_add_bytes(&out, at, 1);
        }
    }
    if (out.failed)
        text_free(&out);
    return out.bytes;
}

bool command_is_plain(const char *path)
{
    return path[strspn(path,
                       "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789/._-+,=@")]
           == '\0';
}

/* The end of what the command said: its last line that is not empty. */
static void last_line(const char *path, char out[LAST_LINE_BYTES])
{
    char bytes[2048];
    struct stat st;
    *out = '\0';
    const int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return;
    const off_t from = fstat(fd, &st) == 0 && st.st_size >= (off_t)sizeof bytes
                           ? st.st_size - (off_t)sizeof bytes + 1
                           : 0;
    const ssize_t n = pread(fd, bytes, sizeof bytes - 1, from);
    (void)close(fd);
    size_t len = n > 0 ? (size_t)n : 0;
    while (len > 0 && (bytes[len - 1] == '\n' || bytes[len - 1] == '\r' || bytes[len - 1] == ' '))
        len--;
    bytes[len] = '\0';
    const char *newline = strrchr(bytes, '\n');
    (void)snprintf(out, LAST_LINE_BYTES, "%s%.250s", len > 0 ? ": " : "",
                   newline ? newline + 1 : bytes);
}

/* A process group of its own, so that the whole of it can be ended. */
static int start(const char *command, const char *said, pid_t *pid)
{
    posix_spawn_file_actions_t files;
    posix_spawnattr_t how;
    const char *const words[] = { "sh", "-c", command, NULL };
    sigset_t none, defaults;
    sigemptyset(&none);
    sigemptyset(&defaults);
    sigaddset(&defaults, SIGPIPE);
    int error = posix_spawn_file_actions_init(&files);
    if (error)
        return error;
    error = posix_spawnattr_init(&how);
    if (error) {
        (void)posix_spawn_file_actions_destroy(&files);
        return error;
    }
    error = posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    if (!error)
        error = posix_spawn_file_actions_addopen(&files, STDOUT_FILENO, said,
                                                 O_WRONLY | O_CREAT | O_TRUNC | O_APPEND, 0600);
    if (!error)
        error = posix_spawn_file_actions_adddup2(&files, STDOUT_FILENO, STDERR_FILENO);
    if (!error)
        error = posix_spawnattr_setflags(&how, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK
                                                   | POSIX_SPAWN_SETSIGDEF);
    if (!error)
        error = posix_spawnattr_setpgroup(&how, 0);
    if (!error)
        error = posix_spawnattr_setsigmask(&how, &none);
    if (!error)
        error = posix_spawnattr_setsigdefault(&how, &defaults);
    char **arguments;
    const char *const *const source = words;
    memcpy(&arguments, &source, sizeof arguments); /* they are only read */
    if (!error)
        error = posix_spawn(pid, "/bin/sh", &files, &how, arguments, environ);
    (void)posix_spawnattr_destroy(&how);
    (void)posix_spawn_file_actions_destroy(&files);
    return error;
}

static command_outcome judge(int status, const char *name, const char *said, char *message)
{
    char line[LAST_LINE_BYTES];
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
        return COMMAND_DONE;
    last_line(said, line);
    if (WIFSIGNALED(status))
        (void)message_fail(message, "the command for %s was ended by signal %d%s", name,
                           WTERMSIG(status), line);
    else
        (void)message_fail(message, "the command for %s ended with status %d%s", name,
                           WEXITSTATUS(status), line);
    return WIFEXITED(status) && WEXITSTATUS(status) <= STATUS_MISSING_MAX ? COMMAND_MISSING
                                                                          : COMMAND_BROKEN;
}

static command_outcome run(const char *command, const char *name, const char *said, char *message)
{
    pid_t pid;
    const int error = start(command, said, &pid);
    if (error) {
        (void)message_fail(message, "cannot start the command for %s: %s", name, strerror(error));
        return COMMAND_BROKEN;
    }
    temporary_watch(pid);
    int status = 0;
    pid_t done;
    do
        done = waitpid(pid, &status, 0);
    while (done < 0 && errno == EINTR);
    temporary_unwatch(pid);
    if (done == pid)
        return judge(status, name, said, message);
    (void)message_fail(message, "cannot wait for the command for %s: %s", name, strerror(errno));
    return COMMAND_BROKEN;
}

/* As a server takes it: a command that ends well and leaves nothing does not have the file. */
static command_outcome judge_file(const char *path, const char *name, char *message)
{
    struct stat st;
    if (stat(path, &st) == 0 && S_ISREG(st.st_mode))
        return COMMAND_DONE;
    const bool is_missing = lstat(path, &st) != 0 && errno == ENOENT;
    (void)message_fail(message, "the command for %s ended well, but left no file at %%p", name);
    return is_missing ? COMMAND_MISSING : COMMAND_BROKEN;
}

command_outcome command_fetch(const char *form, const char *name, const char *path,
                              char message[MESSAGE_BYTES])
{
    char *command = command_fill(form, name, path), *said = NULL;
    command_outcome outcome = COMMAND_BROKEN;
    if (!command || asprintf(&said, "%s.said", path) < 0) {
        said = NULL;
        (void)message_no_memory(message);
    } else {
        outcome = run(command, name, said, message);
        (void)unlink(said);
    }
    if (outcome == COMMAND_DONE)
        outcome = judge_file(path, name, message);
    if (outcome != COMMAND_DONE)
        (void)unlink(path); /* cut short, perhaps */
    free(command);
    free(said);
    return outcome;
}
