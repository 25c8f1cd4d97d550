/*
 * segment_fetcher.c - see segment_fetcher.h.
 *
 *   fetchers:  claim the next segment within the window -> command -> slot
 *   readers:   get -> read -> done; pass, when they need it no more -> the file is removed, the window moves
 *
 * A segment outside of the window (a record may go on for many), or one that was removed, is fetched by the
 * reader itself.
 */
#include "archive/segment_fetcher.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "archive/fetch_command.h"
#include "base/message.h"
#include "base/temporary.h"

#define NAME_BYTES 25

typedef enum slot_state { WAITING, BUSY, HERE, REMOVED, ABSENT, FAILED } slot_state;

typedef struct slot {
    slot_state state;
    char *path;
    unsigned users, left; /* who read it now; who will still want it */
} slot;

struct segment_fetcher {
    const char *command;
    char *folder;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    segment_fetcher_plan plan;
    slot *slots;
    size_t n;
    size_t next, base, window; /* to be claimed; the first that is still wanted */
    size_t end;                /* the first that is absent; n: not known */
    bool has_first;            /* the 0th is here, from segment_fetcher_begin() */
    bool is_stopping;
    unsigned long files; /* for names that are used once */
    pthread_t fetchers[FETCHER_THREADS];
    unsigned nfetchers;
    char failure[MESSAGE_BYTES]; /* of the slots that FAILED, the first */
};

segment_fetcher *segment_fetcher_new(const char *command, char message[MESSAGE_BYTES])
{
    segment_fetcher *s = calloc(1, sizeof *s);
    if (!s) {
        (void)message_no_memory(message);
        return NULL;
    }
    s->command = command;
    (void)pthread_mutex_init(&s->lock, NULL);
    (void)pthread_cond_init(&s->changed, NULL);
    s->folder = temporary_folder(message);
    if (s->folder && command_is_plain(s->folder))
        return s;
    if (s->folder)
        (void)message_fail(message,
                           "%%p would be below \"%s\", which a shell does not take as it is: set "
                           "TMPDIR to a folder with a plain name",
                           s->folder);
    segment_fetcher_free(s);
    return NULL;
}

static char *new_path(segment_fetcher *s)
{
    char *path = NULL;
    (void)pthread_mutex_lock(&s->lock);
    const unsigned long number = s->files++;
    (void)pthread_mutex_unlock(&s->lock);
    return asprintf(&path, "%s/%lu", s->folder, number) < 0 ? NULL : path;
}

segment_fetcher_answer segment_fetcher_file(segment_fetcher *s, const char *name, char **path,
                                            char message[MESSAGE_BYTES])
{
    char *to = new_path(s);
    if (!to) {
        (void)message_no_memory(message);
        return FETCHER_FAILED;
    }
    const command_outcome outcome = command_fetch(s->command, name, to, message);
    if (outcome == COMMAND_DONE)
        *path = to;
    else
        free(to);
    return outcome == COMMAND_DONE      ? FETCHER_FILE
           : outcome == COMMAND_MISSING ? FETCHER_END
                                        : FETCHER_FAILED;
}

void segment_fetcher_forget(char *path)
{
    if (path)
        (void)unlink(path);
    free(path);
}

bool segment_fetcher_begin(segment_fetcher *s, size_t n, const segment_fetcher_plan *plan,
                           char *first, char message[MESSAGE_BYTES])
{
    s->slots = calloc(n, sizeof *s->slots);
    if (!s->slots) {
        segment_fetcher_forget(first);
        return message_no_memory(message);
    }
    s->plan = *plan;
    s->n = s->end = n;
    s->slots[0].path = first;
    s->has_first = first != NULL;
    return true;
}

/* ---- slots; all under the lock, but while a command runs ------------------------------------ */

static void remove_file(slot *one)
{
    segment_fetcher_forget(one->path);
    one->path = NULL;
}

static void settle(segment_fetcher *s, size_t n)
{
    slot *one = &s->slots[n];
    if (one->state == HERE && one->users == 0 && one->left == 0) {
        remove_file(one);
        one->state = REMOVED;
    }
    while (s->base < s->n && s->slots[s->base].left == 0)
        s->base++;
    (void)pthread_cond_broadcast(&s->changed);
}

/* Fetches a slot that the caller has made BUSY. */
static void fill(segment_fetcher *s, size_t n)
{
    segment_fetcher_answer answer = FETCHER_END;
    char name[NAME_BYTES], message[MESSAGE_BYTES] = "", *path = NULL;
    unsigned choice = 0;
    (void)pthread_mutex_unlock(&s->lock);
    for (; answer == FETCHER_END && s->plan.name(s->plan.context, n, choice, name); choice++)
        answer = segment_fetcher_file(s, name, &path, message);
    (void)pthread_mutex_lock(&s->lock);
    slot *one = &s->slots[n];
    if (s->is_stopping) { /* the command may have been ended for that */
        segment_fetcher_forget(path);
        one->state = WAITING;
        settle(s, n);
        return;
    }
    one->path = path;
    switch (answer) {
    case FETCHER_FILE:
        s->plan.note(s->plan.context, n, choice - 1);
        one->state = HERE;
        break;
    case FETCHER_END:
        one->state = ABSENT;
        s->end = n < s->end ? n : s->end;
        break;
    case FETCHER_FAILED:
        one->state = FAILED;
        if (s->failure[0] == '\0')
            memcpy(s->failure, message, sizeof s->failure);
        break;
    }
    settle(s, n);
}

static void *run_fetcher(void *context)
{
    segment_fetcher *s = context;
    (void)pthread_mutex_lock(&s->lock);
    while (!s->is_stopping && s->next < s->end) {
        if (s->slots[s->next].state != WAITING) {
            s->next++;
        } else if (s->next < s->base + s->window) {
            const size_t n = s->next++;
            s->slots[n].state = BUSY;
            fill(s, n);
        } else {
            (void)pthread_cond_wait(&s->changed, &s->lock);
        }
    }
    (void)pthread_mutex_unlock(&s->lock);
    return NULL;
}

/* Waits until there is an answer for the n-th slot; fetches it where nobody else would. */
static slot_state await(segment_fetcher *s, size_t n)
{
    slot *one = &s->slots[n];
    while (!s->is_stopping && n < s->end && (one->state == WAITING || one->state == BUSY)) {
        if (one->state == WAITING && (n < s->next || n >= s->base + s->window)) {
            one->state = BUSY;
            fill(s, n);
        } else {
            (void)pthread_cond_wait(&s->changed, &s->lock);
        }
    }
    return n < s->end && !s->is_stopping ? one->state : ABSENT;
}

/* ---- readers -------------------------------------------------------------------------------- */

bool segment_fetcher_has(segment_fetcher *s, size_t n)
{
    if (n >= s->n)
        return false;
    (void)pthread_mutex_lock(&s->lock);
    const bool has = await(s, n) != ABSENT;
    (void)pthread_mutex_unlock(&s->lock);
    return has;
}

segment_fetcher_answer segment_fetcher_get(segment_fetcher *s, size_t n, const char **path,
                                           char message[MESSAGE_BYTES])
{
    segment_fetcher_answer answer = FETCHER_END;
    if (n >= s->n)
        return answer;
    (void)pthread_mutex_lock(&s->lock);
    slot *one = &s->slots[n];
    slot_state state = await(s, n);
    if (state == REMOVED) {
        one->state = WAITING;
        s->next = s->next > n ? s->next : n + 1;
        state = await(s, n);
    }
    if (state == HERE) {
        one->users++;
        *path = one->path;
        answer = FETCHER_FILE;
    } else if (state == FAILED) {
        memcpy(message, s->failure, MESSAGE_BYTES);
        answer = FETCHER_FAILED;
    }
    (void)pthread_mutex_unlock(&s->lock);
    return answer;
}

void segment_fetcher_done(segment_fetcher *s, size_t n)
{
    (void)pthread_mutex_lock(&s->lock);
    s->slots[n].users--;
    settle(s, n);
    (void)pthread_mutex_unlock(&s->lock);
}

void segment_fetcher_pass(segment_fetcher *s, size_t n)
{
    if (n >= s->n)
        return;
    (void)pthread_mutex_lock(&s->lock);
    if (s->slots[n].left > 0)
        s->slots[n].left--;
    settle(s, n);
    (void)pthread_mutex_unlock(&s->lock);
}

/* ---- a pass --------------------------------------------------------------------------------- */

bool segment_fetcher_start(segment_fetcher *s, unsigned readers, char message[MESSAGE_BYTES])
{
    for (size_t i = 0; i < s->n; i++)
        s->slots[i] = (slot){ .left = i == 0 ? 1 : 2, .path = s->slots[i].path };
    if (s->has_first)
        s->slots[0].state = HERE;
    s->has_first = false;
    s->next = s->base = 0;
    s->window = (size_t)readers + FETCHER_THREADS + 1;
    s->is_stopping = false;
    s->failure[0] = '\0';
    for (s->nfetchers = 0; s->nfetchers < FETCHER_THREADS; s->nfetchers++)
        if (pthread_create(&s->fetchers[s->nfetchers], NULL, run_fetcher, s) != 0)
            break;
    return s->nfetchers > 0 || message_fail(message, "cannot start a thread: try -j1");
}

void segment_fetcher_interrupt(segment_fetcher *s)
{
    (void)pthread_mutex_lock(&s->lock);
    s->is_stopping = true;
    (void)pthread_cond_broadcast(&s->changed);
    (void)pthread_mutex_unlock(&s->lock);
    temporary_end_groups();
}

size_t segment_fetcher_stop(segment_fetcher *s)
{
    segment_fetcher_interrupt(s);
    for (unsigned i = 0; i < s->nfetchers; i++)
        (void)pthread_join(s->fetchers[i], NULL);
    s->nfetchers = 0;
    size_t known = 0;
    for (size_t i = 0; i < s->n && i < s->end; i++) {
        if (s->slots[i].state == HERE || s->slots[i].state == REMOVED)
            known = i + 1;
        remove_file(&s->slots[i]);
    }
    return s->end < s->n ? s->end : known;
}

void segment_fetcher_free(segment_fetcher *s)
{
    if (!s)
        return;
    for (size_t i = 0; i < s->n; i++)
        remove_file(&s->slots[i]);
    free(s->slots);
    temporary_drop(s->folder);
    (void)pthread_cond_destroy(&s->changed);
    (void)pthread_mutex_destroy(&s->lock);
    free(s);
}
