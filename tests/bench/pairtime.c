/*
 * Times several commands against each other: interleaved, in rounds, so that a machine that
 * speeds up or slows down on the way does so for all of them.
 *
 *   pairtime ROUNDS COMMAND ARG... [::: COMMAND ARG...]...
 *
 * Standard output and error of the commands go to /dev/null. A first round, not counted, warms
 * the page cache; each later round starts with another command. One line per command comes out,
 * tab-separated:
 *
 *   CPU seconds, wall seconds, peak KiB, CPU ratio, wall ratio, exit status
 *
 * Times are medians. A ratio is the median over the rounds of this command's time divided by the
 * first command's in the same round. The status is the last one, 128 + N after signal N.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { MAX_COMMANDS = 32, MAX_ROUNDS = 101 };

struct command {
    char **argv;
    double cpu[MAX_ROUNDS];
    double wall[MAX_ROUNDS];
    long peak_kib;
    int status;
};

static struct command commands[MAX_COMMANDS];

static double seconds_of(struct timeval t)
{
    return (double)t.tv_sec + (double)t.tv_usec / 1e6;
}

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void become(char **argv)
{
    int null = open("/dev/null", O_RDWR);
    if (null < 0 || dup2(null, 0) < 0 || dup2(null, 1) < 0 || dup2(null, 2) < 0)
        _exit(126);
    execvp(argv[0], argv);
    _exit(127);
}

static void run(struct command *c, int round)
{
    double start = now();
    pid_t pid = fork();
    if (pid == 0)
        become(c->argv);
    int status = 0;
    struct rusage used;
    if (pid < 0 || wait4(pid, &status, 0, &used) != pid) {
        fprintf(stderr, "pairtime: %s: %s\n", c->argv[0], strerror(errno));
        exit(2);
    }
    c->status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    if (used.ru_maxrss > c->peak_kib)
        c->peak_kib = used.ru_maxrss;
    if (round < 0)
        return;
    c->wall[round] = now() - start;
    c->cpu[round] = seconds_of(used.ru_utime) + seconds_of(used.ru_stime);
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a;
    double y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median(const double *values, int n)
{
    double sorted[MAX_ROUNDS];
    memcpy(sorted, values, (size_t)n * sizeof sorted[0]);
    qsort(sorted, (size_t)n, sizeof sorted[0], compare);
    return n % 2 ? sorted[n / 2] : (sorted[n / 2 - 1] + sorted[n / 2]) / 2;
}

static double median_ratio(const double *values, const double *base, int n)
{
    double ratios[MAX_ROUNDS];
    for (int i = 0; i < n; i++)
        ratios[i] = base[i] > 0 ? values[i] / base[i] : 0;
    return median(ratios, n);
}

/* Cuts the arguments at every ":::" into commands; how many there are, -1 if one is empty. */
static int split(char **argv)
{
    int n = 0;
    commands[0].argv = argv;
    for (char **arg = argv; *arg != NULL; arg++) {
        if (strcmp(*arg, ":::") != 0)
            continue;
        *arg = NULL;
        if (arg[1] == NULL || ++n == MAX_COMMANDS)
            return -1;
        commands[n].argv = arg + 1;
    }
    for (int i = 0; i <= n; i++)
        if (commands[i].argv[0] == NULL)
            return -1;
    return n + 1;
}

int main(int argc, char **argv)
{
    long rounds = argc > 2 ? strtol(argv[1], NULL, 10) : 0;
    int n = argc > 2 ? split(argv + 2) : -1;
    if (rounds < 1 || rounds > MAX_ROUNDS || n < 1) {
        fprintf(stderr, "usage: pairtime ROUNDS COMMAND ARG... [::: COMMAND ARG...]...\n");
        return 2;
    }
    for (int round = -1; round < (int)rounds; round++)
        for (int i = 0; i < n; i++)
            run(&commands[(i + round + 1) % n], round);

    const struct command *first = &commands[0];
    for (int i = 0; i < n; i++) {
        const struct command *c = &commands[i];
        printf("%.4f\t%.4f\t%ld\t%.3f\t%.3f\t%d\n", median(c->cpu, (int)rounds),
               median(c->wall, (int)rounds), c->peak_kib,
               median_ratio(c->cpu, first->cpu, (int)rounds),
               median_ratio(c->wall, first->wall, (int)rounds), c->status);
    }
    return 0;
}
