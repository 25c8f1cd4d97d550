/*
 * watch_wait.c - one place to wait for everything: the source, signals, hooks, the guard, requests. See watching.h.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>

#include "command/watch/notify.h"
#include "command/watch/watching.h"

/* A hook that runs when the watch ends gets so long. */
#define ENDING_MS 5000
#define STATUS_MS 10000

typedef enum waited { WAIT_SIGNALS, WAIT_SOURCE, WAIT_LISTENER, WAIT_READER, WAITED } waited;

static int64_t now_ms(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* ---- signals -------------------------------------------------------------------------------- */

bool watching_catch_signals(watching *w)
{
    sigset_t wanted;
    (void)sigemptyset(&wanted);
    (void)sigaddset(&wanted, SIGINT);
    (void)sigaddset(&wanted, SIGTERM);
    (void)sigaddset(&wanted, SIGCHLD);
    const struct sigaction ignored = { .sa_handler = SIG_IGN };
    (void)sigaction(SIGPIPE, &ignored, NULL);
    if (sigprocmask(SIG_BLOCK, &wanted, NULL) == 0)
        w->signals = signalfd(-1, &wanted, SFD_NONBLOCK | SFD_CLOEXEC);
    return w->signals >= 0
           || message_fail(w->message, "cannot wait for signals: %s", strerror(errno));
}

static void take_signals(watching *w)
{
    struct signalfd_siginfo one;
    while (read(w->signals, &one, sizeof one) == (ssize_t)sizeof one)
        w->is_over |= one.ssi_signo != SIGCHLD;
}

/* ---- what is done now and then -------------------------------------------------------------- */

static void tell_systemd(watching *w, int64_t now)
{
    static int64_t told_status, told_alive;
    const int every = notify_watchdog_ms();
    if (every > 0 && now - told_alive >= every) {
        notify_send("WATCHDOG=1");
        told_alive = now;
    }
    if (told_status != 0 && now - told_status < STATUS_MS)
        return;
    char status[200], lsn[WP_LSN_TEXT_BYTES];
    uint64_t events = 0;
    for (size_t i = 0; i < WP_EVENT_KINDS; i++)
        events += w->counts.events[i];
    (void)snprintf(status, sizeof status, "STATUS=%s at %s on timeline %u, %llu events told",
                   w->counts.is_connected ? "reading" : "waiting for the source",
                   wp_lsn_format(w->counts.position, lsn), (unsigned)w->counts.timeline,
                   (unsigned long long)events);
    notify_send(status);
    told_status = now;
}

static void step_hook(watching *w, int64_t now)
{
    hook_step(w->hook, now);
    const hook_counts counted = hook_counted(w->hook);
    w->counts.hooks_run = counted.run;
    w->counts.hooks_failed = counted.failed;
    w->counts.hooks_waiting = hook_waiting(w->hook);
}

static void step(watching *w, const struct pollfd fds[WAITED])
{
    const int64_t now = now_ms();
    if (fds[WAIT_SIGNALS].revents != 0)
        take_signals(w);
    if (w->hook != NULL)
        step_hook(w, now);
    if (w->listener != NULL)
        listener_step(w->listener);
    if (w->guard != NULL && !guard_step(w->guard, now, w->message))
        (void)watching_fail(w);
    if (fds[WAIT_READER].revents & (POLLERR | POLLNVAL)) {
        (void)message_fail(w->message, "cannot write the result: %s", strerror(EPIPE));
        (void)watching_fail(w);
    }
    tell_systemd(w, now);
}

/* ---- waiting -------------------------------------------------------------------------------- */

static int sooner(int a, int b)
{
    return b >= 0 && (a < 0 || b < a) ? b : a;
}

static int time_left(const watching *w, int timeout_ms)
{
    const int64_t now = now_ms();
    const int watchdog = notify_watchdog_ms();
    int left = sooner(timeout_ms, watchdog > 0 ? watchdog : -1);
    if (w->hook != NULL)
        left = sooner(left, hook_wait_ms(w->hook, now));
    if (w->listener != NULL)
        left = sooner(left, listener_wait_ms(w->listener));
    if (w->guard != NULL)
        left = sooner(left, guard_wait_ms(w->guard, now));
    return left;
}

void watching_wait(watching *w, bool with_source, int timeout_ms)
{
    struct pollfd fds[WAITED] = {
        [WAIT_SIGNALS] = { .fd = w->signals, .events = POLLIN },
        [WAIT_SOURCE] = { .fd = with_source ? live_source_fd(w->source) : -1, .events = POLLIN },
        [WAIT_LISTENER] = { .fd = w->listener != NULL ? listener_fd(w->listener) : -1,
                            .events = POLLIN },
        /* Does anybody still read what is told? */
        [WAIT_READER] = { .fd = w->lines.path == NULL ? w->lines.fd : -1 },
    };
    (void)poll(fds, WAITED, time_left(w, timeout_ms));
    step(w, fds);
}

/* The pause that an event asks for, and what becomes of it, is worth some seconds whatever ends the watch. */
static void finish_guard(watching *w)
{
    const int64_t until = now_ms() + ENDING_MS;
    while (w->guard != NULL && guard_is_busy(w->guard) && now_ms() < until) {
        if (!guard_step(w->guard, now_ms(), w->message)) {
            (void)watching_fail(w);
            return;
        }
        (void)poll(NULL, 0,
                   guard_wait_ms(w->guard, now_ms()) < 100 ? guard_wait_ms(w->guard, now_ms())
                                                           : 100);
    }
}

void watching_finish(watching *w)
{
    finish_guard(w);
    const bool is_asked = w->options->to_lsn == 0 || w->is_failed;
    if (w->hook == NULL)
        return;
    if (is_asked)
        hook_end(w->hook, now_ms(), ENDING_MS);
    w->is_over = false;
    while (is_asked ? hook_is_running(w->hook) : hook_waiting(w->hook) > 0) {
        watching_wait(w, false, 1000);
        if (w->is_over || w->is_failed) /* once more */
            break;
    }
    if (hook_waiting(w->hook) > 0)
        log_warning("%zu events were told, and \"%s\" was not run for them", hook_waiting(w->hook),
                    w->own->exec.items[0]);
}
