/*
 * stop_window.c - see stop_window.h.
 *
 *        trunk --> [ window: inputs it has not seen ] --> now
 *          \__ fork --------------------------------------^   when the targets are STOP_WINDOW_ENDS back
 */
#include "recovery/stop_window.h"

#include <stdlib.h>
#include <string.h>

/* The window, and as much again after the place of the targets before the forks are made. */
#define ROOM ((size_t)2 * STOP_WINDOW_ENDS)

/* What a simulator is fed: the end of a transaction, or a fact. */
typedef struct input {
    wp_fact *fact;   /* owned; NULL: an end */
    wp_xact_end end; /* its gid is owned, and its subtransactions are left out */
} input;

typedef struct branch {
    stop_window_target target;
    wp_stop *stop; /* NULL: not begun, or it stopped before the window */
    const wp_stop_result *result;
    bool has_record; /* it was told of the record that is there */
} branch;

struct stop_window {
    wp_stop_config base;
    wp_stop *trunk;
    input inputs[ROOM]; /* a ring */
    size_t first, count;
    branch timeline_tree[STOP_WINDOW_TARGETS_MAX];
    size_t nbranches;
    bool is_aimed, is_begun;
    size_t since; /* inputs since the targets were set */
};

/* ---- feeding -------------------------------------------------------------------------------- */

static wp_lsn lsn_of(const input *in)
{
    return in->fact != NULL ? in->fact->lsn : in->end.lsn;
}

static void feed(wp_stop *stop, const input *in)
{
    if (in->fact != NULL)
        wp_stop_add_fact(stop, in->fact);
    else
        wp_stop_add_end(stop, &in->end);
}

/* Facts are few: the record that a target by LSN names is shown when its turn comes. */
static void show_record(branch *b, wp_lsn next)
{
    if (b->has_record || b->target.record == 0 || next < b->target.record)
        return;
    const wp_fact_record record = {
        .fact = { .size = sizeof record, .kind = WP_FACT_RECORD, .lsn = b->target.record },
        .end_lsn = b->target.record_end
    };
    wp_stop_add_fact(b->stop, &record.fact);
    b->has_record = true;
}

static void feed_branch(branch *b, const input *in)
{
    if (b->stop == NULL)
        return;
    show_record(b, lsn_of(in));
    feed(b->stop, in);
}

static void input_free(input *in)
{
    free(in->fact);
    if (in->fact == NULL)
        free((char *)(uintptr_t)in->end.gid);
    *in = (input){ .fact = NULL };
}

/* ---- branches ------------------------------------------------------------------------------- */

static void drop_branches(stop_window *f)
{
    for (size_t i = 0; i < f->nbranches; i++) {
        wp_stop_free(f->timeline_tree[i].stop);
        f->timeline_tree[i] = (branch){ .stop = NULL };
    }
    f->nbranches = 0;
    f->is_aimed = f->is_begun = false;
}

static bool begin(stop_window *f)
{
    wp_error err;
    f->is_begun = true;
    for (size_t i = 0; i < f->nbranches; i++) {
        branch *b = &f->timeline_tree[i];
        if (b->target.is_far_back)
            continue;
        if (wp_stop_fork(f->trunk, &b->target.config, &b->stop, &err) < 0)
            return false;
        for (size_t n = 0; n < f->count; n++)
            feed_branch(b, &f->inputs[(f->first + n) % ROOM]);
    }
    return true;
}

void stop_window_aim(stop_window *f, const stop_window_target *targets, size_t n)
{
    drop_branches(f);
    for (size_t i = 0; i < n && i < STOP_WINDOW_TARGETS_MAX; i++)
        f->timeline_tree[f->nbranches++].target = targets[i];
    f->is_aimed = true;
    f->since = 0;
}

/* ---- the window ----------------------------------------------------------------------------- */

static bool add(stop_window *f, input in)
{
    if (f->is_aimed && !f->is_begun && f->since == STOP_WINDOW_ENDS && !begin(f)) {
        input_free(&in);
        return false;
    }
    f->since++;
    if (f->count == ROOM) {
        input *oldest = &f->inputs[f->first];
        feed(f->trunk, oldest);
        input_free(oldest);
        f->first = (f->first + 1) % ROOM;
        f->count--;
    }
    input *added = &f->inputs[(f->first + f->count++) % ROOM];
    *added = in;
    for (size_t i = 0; f->is_begun && i < f->nbranches; i++)
        feed_branch(&f->timeline_tree[i], added);
    return true;
}

bool stop_window_add_end(stop_window *f, const wp_xact_end *end)
{
    input in = { .end = *end };
    in.end.subxids = NULL;
    in.end.nsubxids = 0;
    if (end->gid != NULL) {
        in.end.gid = strdup(end->gid);
        if (in.end.gid == NULL)
            return false;
    }
    return add(f, in);
}

/* A PREPARE can be long, and only its gid matters. */
static wp_fact *copy_prepare(const wp_fact_xact *fact)
{
    const char *gid = wp_fact_xact_gid(fact);
    const size_t gid_bytes = gid != NULL ? fact->gid_bytes : 0;
    wp_fact_xact *copy = malloc(sizeof *copy + gid_bytes);
    if (copy == NULL)
        return NULL;
    *copy = *fact;
    copy->nrels = copy->nsubxacts = copy->nstats = copy->nrelcache = 0;
    if (gid_bytes > 0)
        memcpy(copy + 1, gid, gid_bytes);
    return &copy->fact;
}

bool stop_window_add_fact(stop_window *f, const wp_fact *fact)
{
    if (fact->kind == WP_FACT_RECORD || !wp_stop_heeds(fact))
        return true;
    input in = { .fact = NULL };
    if (fact->kind == WP_FACT_PREPARE) {
        in.fact = copy_prepare((const wp_fact_xact *)(const void *)fact);
    } else {
        in.fact = malloc(fact->size);
        if (in.fact != NULL)
            memcpy(in.fact, fact, fact->size);
    }
    return in.fact != NULL && add(f, in);
}

/* ---- beginning and end ---------------------------------------------------------------------- */

static void clear(stop_window *f)
{
    drop_branches(f);
    for (; f->count > 0; f->count--) {
        input_free(&f->inputs[f->first]);
        f->first = (f->first + 1) % ROOM;
    }
    wp_stop_free(f->trunk);
    f->trunk = NULL;
}

bool stop_window_restart(stop_window *f)
{
    wp_error err;
    clear(f);
    return wp_stop_new(&f->base, &f->trunk, &err) >= 0;
}

stop_window *stop_window_new(const wp_stop_config *base)
{
    stop_window *f = calloc(1, sizeof *f);
    if (f == NULL)
        return NULL;
    f->base = *base;
    f->base.kind = WP_STOP_AT_END;
    if (stop_window_restart(f))
        return f;
    stop_window_free(f);
    return NULL;
}

bool stop_window_finish(stop_window *f)
{
    if (f->is_aimed && !f->is_begun && !begin(f))
        return false;
    for (size_t i = 0; i < f->nbranches; i++)
        if (f->timeline_tree[i].stop != NULL)
            f->timeline_tree[i].result = wp_stop_finish(f->timeline_tree[i].stop);
    return true;
}

const wp_stop_result *stop_window_result(const stop_window *f, size_t n)
{
    return n < f->nbranches ? f->timeline_tree[n].result : NULL;
}

void stop_window_free(stop_window *f)
{
    if (f == NULL)
        return;
    clear(f);
    free(f);
}
