/* progress.c - see progress.h. */
#include "base/progress.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define BAR_CELLS 30
#define FIRST_DRAWN_US UINT64_C(1000000)
#define STEP_US ((uint64_t)PROGRESS_STEP_MS * 1000)
#define ERASE_LINE "\r\033[K"

static uint64_t now_us(void)
{
    struct timespec t = { 0 };
    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

static bool is_screen(void)
{
    const char *term = getenv("TERM");
    return isatty(STDERR_FILENO) && term && *term && strcmp(term, "dumb") != 0;
}

progress progress_start(bool is_wanted, uint64_t total_bytes)
{
    const char *no_colour = getenv("NO_COLOR");
    return (progress){ .is_wanted = is_wanted && total_bytes > 0 && is_screen(),
                       .has_colour = !(no_colour && *no_colour),
                       .total_bytes = total_bytes,
                       .started_us = now_us() };
}

static void draw(const progress *p, uint64_t done, uint64_t elapsed_us)
{
    const double share = done < p->total_bytes ? (double)done / (double)p->total_bytes : 1.0;
    const double seconds = (double)elapsed_us / 1e6;
    const double left = share > 0 ? seconds / share - seconds : 0;
    const int filled = (int)(share * BAR_CELLS);
    char bar[BAR_CELLS + 1];
    memset(bar, '.', BAR_CELLS);
    memset(bar, '#', (size_t)filled);
    bar[BAR_CELLS] = '\0';
    (void)fprintf(stderr, ERASE_LINE "reading WAL [%s%s%s] %3d %%  %.0f MB/s  %d:%02d left",
                  p->has_colour ? "\033[32m" : "", bar, p->has_colour ? "\033[0m" : "",
                  (int)(share * 100), (double)done / 1e6 / seconds, (int)left / 60, (int)left % 60);
    (void)fflush(stderr);
}

void progress_update(progress *p, uint64_t done_bytes)
{
    if (!p->is_wanted)
        return;
    const uint64_t now = now_us();
    if (now - p->started_us < FIRST_DRAWN_US || now - p->drawn_us < STEP_US)
        return;
    draw(p, done_bytes, now - p->started_us);
    p->drawn_us = now;
    p->is_drawn = true;
}

void progress_end(progress *p)
{
    if (p->is_drawn)
        (void)fputs(ERASE_LINE, stderr);
    p->is_drawn = p->is_wanted = false;
}
