/* attempt.c - see attempt.h. */
#include "attempt.h"

#include <fcntl.h>
#include <malloc.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#define WORDS_MAX 24
#define SECONDS_MAX 60
#define PEAK_KB_MAX (256 << 10)
#define SIGNALLED 128

#if defined(__SANITIZE_ADDRESS__)
#define IS_SANITIZED true /* its own memory is beyond all measure */
#else
#define IS_SANITIZED false
#endif

/* src/main.c, built with another name for its main(). */
int program_main(int argc, char **argv);

static _Noreturn void give_up(const char *what)
{
    perror(what);
    exit(2);
}

static int memory_file(const char *name)
{
    const int fd = memfd_create(name, MFD_CLOEXEC);
    if (fd < 0)
        give_up(name);
    return fd;
}

/* ---- in the process that runs the program ------------------------------------------------------ */

/* What both processes see. */
typedef struct shared {
    char words[WORDS_MAX][512]; /* ends with an empty one */
    int status;
    long peak_kb;
} shared;

static struct {
    pid_t pid; /* 0: there is none */
    int request, answer, out, err;
    shared *seen;
} runner;

static void run_once(shared *seen)
{
    static char name[] = "pitr-find";
    char *argv[WORDS_MAX + 2] = { name };
    int argc = 1;
    for (; seen->words[argc - 1][0]; argc++)
        argv[argc] = seen->words[argc - 1];
    seen->status = program_main(argc, argv);
    (void)fflush(NULL);
    struct rusage used;
    (void)getrusage(RUSAGE_SELF, &used);
    seen->peak_kb = used.ru_maxrss;
}

/* Memory that was there once is not fetched anew each time: that is most of the time a run takes. */
static void keep_memory(void)
{
#ifndef __SANITIZE_ADDRESS__
    (void)mallopt(M_ARENA_MAX, 1);
    (void)mallopt(M_MMAP_THRESHOLD, 1 << 30);
    (void)mallopt(M_TRIM_THRESHOLD, 1 << 30);
#endif
}

static _Noreturn void run_until_closed(int request, int answer)
{
    char byte;
    const int empty = open("/dev/null", O_RDONLY | O_CLOEXEC);
    if (empty < 0 || dup2(empty, 0) < 0 || dup2(runner.out, 1) < 0 || dup2(runner.err, 2) < 0)
        _exit(2);
    keep_memory();
    while (read(request, &byte, 1) == 1) {
        run_once(runner.seen);
        if (write(answer, &byte, 1) != 1)
            _exit(2);
    }
    exit(0); /* what it has not freed is reported now, if anybody looks */
}

/* ---- in the one that asks ---------------------------------------------------------------------- */

static void start_runner(void)
{
    int request[2], answer[2];
    if (!runner.seen) {
        runner.seen = mmap(NULL, sizeof *runner.seen, PROT_READ | PROT_WRITE,
                           MAP_SHARED | MAP_ANONYMOUS, -1, 0);
        runner.out = memory_file("stdout");
        runner.err = memory_file("stderr");
    }
    if (runner.seen == MAP_FAILED || pipe2(request, O_CLOEXEC) != 0
        || pipe2(answer, O_CLOEXEC) != 0)
        give_up("pipe");
    (void)fflush(NULL);
    runner.pid = fork();
    if (runner.pid < 0)
        give_up("fork");
    if (runner.pid == 0) {
        (void)close(request[1]);
        (void)close(answer[0]);
        run_until_closed(request[0], answer[1]);
    }
    (void)close(request[0]);
    (void)close(answer[1]);
    runner.request = request[1];
    runner.answer = answer[0];
}

/* As a shell has it. */
static int bury_runner(void)
{
    int status = 0;
    (void)close(runner.request);
    (void)close(runner.answer);
    if (waitpid(runner.pid, &status, 0) != runner.pid)
        give_up("waitpid");
    runner.pid = 0;
    return WIFEXITED(status) ? WEXITSTATUS(status) : SIGNALLED + WTERMSIG(status);
}

static void set_words(const char *const words[], const char *folder)
{
    size_t n = 0;
    for (; words[n] && n < WORDS_MAX - 1; n++) {
        const bool is_path = strncmp(words[n], "@/", 2) == 0;
        (void)snprintf(runner.seen->words[n], sizeof runner.seen->words[n], "%s%s",
                       is_path ? folder : "", is_path ? words[n] + 1 : words[n]);
    }
    runner.seen->words[n][0] = '\0';
}

static void read_back(int fd, blob *to)
{
    const off_t size = lseek(fd, 0, SEEK_END);
    const size_t len = size > (off_t)ATTEMPT_OUTPUT_MAX ? ATTEMPT_OUTPUT_MAX : (size_t)size;
    to->len = 0;
    put_zeros(to, len + 1);
    to->len = len;
    for (size_t at = 0; at < len;) {
        const ssize_t n = pread(fd, to->at + at, len - at, (off_t)at);
        if (n <= 0)
            give_up("pread");
        at += (size_t)n;
    }
}

static void make_empty(int fd)
{
    if (ftruncate(fd, 0) != 0 || lseek(fd, 0, SEEK_SET) != 0)
        give_up("ftruncate");
}

void attempt_run(const char *const words[], const char *folder, attempt *a)
{
    char byte = 0;
    if (!runner.pid)
        start_runner();
    make_empty(runner.out);
    make_empty(runner.err);
    set_words(words, folder);
    a->is_stuck = false;
    a->peak_kb = 0;
    struct pollfd ends = { .fd = runner.answer, .events = POLLIN };
    if (write(runner.request, &byte, 1) == 1)
        a->is_stuck = poll(&ends, 1, SECONDS_MAX * 1000) == 0;
    if (!a->is_stuck && read(runner.answer, &byte, 1) == 1) {
        a->status = runner.seen->status;
        a->peak_kb = runner.seen->peak_kb;
    } else {
        if (a->is_stuck)
            (void)kill(runner.pid, SIGKILL);
        a->status = bury_runner();
    }
    read_back(runner.out, &a->out);
    read_back(runner.err, &a->err);
    if (runner.pid && a->peak_kb > PEAK_KB_MAX)
        (void)bury_runner();
}

bool attempt_end(void)
{
    return !runner.pid || bury_runner() == 0;
}

const char *attempt_fault(const attempt *a)
{
    if (a->is_stuck)
        return "hangs";
    if (a->status >= SIGNALLED && a->status != 255)
        return "crashes";
    if (a->status > 3 && a->status != 255)
        return "ends with a status that nobody promised";
    if (!IS_SANITIZED && a->peak_kb > PEAK_KB_MAX)
        return "takes too much memory";
    return NULL;
}

bool attempt_says(const attempt *a, const char *word)
{
    return strstr((const char *)a->err.at, word) != NULL;
}

bool attempt_is_same_out(const attempt *a, const attempt *b)
{
    return a->out.len == b->out.len && memcmp(a->out.at, b->out.at, a->out.len) == 0;
}

void attempt_free(attempt *a)
{
    blob_free(&a->out);
    blob_free(&a->err);
}
