/* crew.c - see crew.h. */
#include "crew.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#define CREW_MAX 64u

typedef struct member {
    pid_t pid;
    FILE *says;
} member;

static _Noreturn void give_up(const char *what)
{
    perror(what);
    exit(2);
}

static member start(share mine, unsigned (*work)(share mine, void *context), void *context)
{
    member m = { .says = tmpfile() };
    if (!m.says)
        give_up("tmpfile");
    (void)fflush(NULL);
    m.pid = fork();
    if (m.pid < 0)
        give_up("fork");
    if (m.pid > 0)
        return m;
    if (dup2(fileno(m.says), 1) < 0)
        give_up("dup2");
    const unsigned failures = work(mine, context);
    (void)fflush(NULL);
    _exit(failures > 0);
}

static bool finish(member *m)
{
    char line[4096];
    int status = 0;
    const bool is_good = waitpid(m->pid, &status, 0) == m->pid && status == 0;
    rewind(m->says);
    while (fgets(line, sizeof line, m->says))
        (void)fputs(line, stdout);
    (void)fclose(m->says);
    return is_good;
}

int crew_run(unsigned size, unsigned (*work)(share mine, void *context), void *context)
{
    member crew[CREW_MAX];
    bool is_good = true;
    if (size > CREW_MAX)
        size = CREW_MAX;
    for (unsigned i = 0; i < size; i++)
        crew[i] = start((share){ i, size }, work, context);
    for (unsigned i = 0; i < size; i++)
        is_good = finish(&crew[i]) && is_good;
    return is_good;
}
