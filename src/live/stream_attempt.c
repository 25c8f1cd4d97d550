/* stream_attempt.c - see stream_attempt.h. */
#ifdef WITH_LIBPQ

#include "live/stream_attempt.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define FREE_SECONDS 2

struct stream_attempt {
    stream_config config; /* strings are owned */
    int done[2];          /* a byte in it: the thread has come to its end */
    bool is_running;
    pthread_t thread;
    pthread_mutex_t lock; /* for what follows */
    bool is_left;         /* nobody waits for the thread: it frees all */
    stream_goal goal;
    stream_link link;
    stream_outcome outcome;
    char message[MESSAGE_BYTES];
};

static char *copy(const char *chars, bool *is_good)
{
    char *out = chars != NULL ? strdup(chars) : NULL;
    *is_good = *is_good && (chars == NULL) == (out == NULL);
    return out;
}

/* What lies in one. */
static void release(stream_attempt *attempt)
{
    for (int i = 0; i < 2; i++)
        if (attempt->done[i] >= 0)
            close(attempt->done[i]);
    (void)pthread_mutex_destroy(&attempt->lock);
    free((char *)(uintptr_t)attempt->config.conninfo);
    free((char *)(uintptr_t)attempt->config.slot);
    free(attempt);
}

bool stream_attempt_new(const stream_config *config, stream_attempt **out,
                        char message[MESSAGE_BYTES])
{
    *out = NULL;
    stream_attempt *attempt = calloc(1, sizeof *attempt);
    if (attempt == NULL)
        return message_no_memory(message);
    bool is_good = true;
    attempt->done[0] = attempt->done[1] = -1;
    (void)pthread_mutex_init(&attempt->lock, NULL);
    attempt->config = *config;
    attempt->config.conninfo = copy(config->conninfo, &is_good);
    attempt->config.slot = copy(config->slot, &is_good);
    if (!is_good)
        (void)message_no_memory(message);
    else if (pipe2(attempt->done, O_CLOEXEC | O_NONBLOCK) != 0)
        is_good = message_fail(message, "cannot make a pipe: %s", strerror(errno));
    if (is_good)
        *out = attempt;
    else
        release(attempt);
    return is_good;
}

const stream_config *stream_attempt_config(const stream_attempt *attempt)
{
    return &attempt->config;
}

static void *run(void *arg)
{
    stream_attempt *attempt = arg;
    attempt->outcome = attempt->link.session != NULL
                           ? stream_continue(&attempt->goal, &attempt->link, attempt->message)
                           : stream_connect(&attempt->goal, &attempt->link, attempt->message);
    (void)pthread_mutex_lock(&attempt->lock);
    const bool is_left = attempt->is_left;
    if (!is_left)
        (void)!write(attempt->done[1], "", 1);
    (void)pthread_mutex_unlock(&attempt->lock);
    if (is_left) {
        stream_link_close(&attempt->link);
        release(attempt);
    }
    return NULL;
}

/* Signals are for the thread that watches. */
static int start_thread(stream_attempt *attempt)
{
    sigset_t all, before;
    (void)sigfillset(&all);
    (void)pthread_sigmask(SIG_SETMASK, &all, &before);
    const int error = pthread_create(&attempt->thread, NULL, run, attempt);
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    return error;
}

bool stream_attempt_start(stream_attempt *attempt, const stream_goal *goal, const stream_link *link,
                          char message[MESSAGE_BYTES])
{
    attempt->goal = *goal;
    attempt->goal.config = &attempt->config;
    attempt->link = *link;
    const int error = start_thread(attempt);
    attempt->is_running = error == 0;
    return attempt->is_running
           || message_fail(message, "cannot start a thread: %s", strerror(error));
}

int stream_attempt_fd(const stream_attempt *attempt)
{
    return attempt->done[0];
}

bool stream_attempt_end(stream_attempt *attempt, stream_outcome *outcome, stream_link *link,
                        char message[MESSAGE_BYTES])
{
    char byte;
    if (!attempt->is_running || read(attempt->done[0], &byte, 1) != 1)
        return false;
    (void)pthread_join(attempt->thread, NULL);
    attempt->is_running = false;
    *outcome = attempt->outcome;
    *link = attempt->link;
    memcpy(message, attempt->message, MESSAGE_BYTES);
    return true;
}

/* False: the thread goes on, and frees all by itself. */
static bool wait_for_thread(stream_attempt *attempt)
{
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += FREE_SECONDS;
    if (pthread_timedjoin_np(attempt->thread, NULL, &until) == 0)
        return true;
    const pthread_t thread = attempt->thread;
    (void)pthread_mutex_lock(&attempt->lock);
    char byte;
    const bool is_done = read(attempt->done[0], &byte, 1) == 1;
    attempt->is_left = !is_done;
    (void)pthread_mutex_unlock(&attempt->lock);
    if (is_done)
        (void)pthread_join(thread, NULL);
    else
        (void)pthread_detach(thread);
    return is_done;
}

void stream_attempt_free(stream_attempt *attempt)
{
    if (attempt == NULL)
        return;
    if (attempt->is_running) {
        if (!wait_for_thread(attempt))
            return;
        stream_link_close(&attempt->link);
    }
    release(attempt);
}

#endif
