/*
 * matrix.c - every state of a segment x every packing x its place in the archive x every command.
 *
 *     matrix FIXTURES thin|whole [-j N] [STATE]
 *
 * Never exit 0 with another answer than the undamaged archive's; no crash and no hang; `verify` says 0 only of
 * what a server would replay to the end; `fetch` hands over nothing that is damaged. A test is a state in a packing.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "attempt.h"
#include "crew.h"
#include "folder.h"
#include "states.h"

#define FIXTURE "demo"
#define SMALL_FIXTURE "pg15-crossing"
#define SEGMENTS 3u

enum { EVENTS, TARGET, SUMMARY, SIMULATE, VERIFY, FETCH, QUESTIONS };

static const char *const names[QUESTIONS] = { "events",   "target", "summary",
                                              "simulate", "verify", "fetch" };

typedef struct archive_of {
    const packer *packed_by;
    folder place;
    char cluster[40]; /* --system-id, which a server's own files tell fetch */
    char names[SEGMENTS][96];
    blob files[SEGMENTS];
    attempt undamaged[QUESTIONS]; /* but of FETCH */
} archive_of;

typedef struct matrix {
    const specimen *small, *large;
    bool is_thin;
    const char *only; /* this state; NULL: all */
} matrix;

/* ---- asking ------------------------------------------------------------------------------------ */

static void ask(unsigned question, const archive_of *a, const char *segment, attempt *out)
{
    static const char *const words[QUESTIONS][12] = {
        [EVENTS] = { "events", "-j1", "--format", "csv", "@/wal" },
        [TARGET] = { "target", "-j1", "--before", "DROP TABLE", "--restore-command=cp %f %p",
                     "@/wal" },
        [SUMMARY] = { "-j1", "@/wal" },
        [SIMULATE] = { "simulate", "-j1", "recovery_target_time=2026-11-24 00:00:00+00", "@/wal" },
        [VERIFY] = { "verify", "-j1", "@/wal" },
    };
    const char *const fetch[] = { "fetch", a->cluster, segment, "@/fetched", "@/wal", NULL };
    attempt_run(question == FETCH ? fetch : words[question], a->place.path, out);
}

static archive_of *make_archive(const specimen *s, const packer *by)
{
    archive_of *a = calloc(1, sizeof *a);
    if (!a)
        abort();
    a->packed_by = by;
    a->place = folder_new();
    uint64_t cluster;
    memcpy(&cluster, s->files[0].bytes + 24, sizeof cluster);
    (void)snprintf(a->cluster, sizeof a->cluster, "--system-id=%" PRIu64, cluster);
    for (size_t i = 0; i < SEGMENTS; i++) {
        char path[128];
        (void)snprintf(a->names[i], sizeof a->names[i], "%s%s", s->files[i].name, by->suffix);
        by->pack((wp_view){ s->files[i].bytes, s->files[i].len }, &a->files[i]);
        (void)snprintf(path, sizeof path, "wal/%s", a->names[i]);
        put_file(&a->place, path, view_of(&a->files[i]));
    }
    for (unsigned q = 0; q < FETCH; q++)
        ask(q, a, NULL, &a->undamaged[q]);
    return a;
}

static void free_archive(archive_of *a)
{
    if (!a)
        return;
    for (unsigned q = 0; q < QUESTIONS; q++)
        attempt_free(&a->undamaged[q]);
    for (size_t i = 0; i < SEGMENTS; i++)
        blob_free(&a->files[i]);
    folder_remove(&a->place);
    free(a);
}

/* ---- judging ----------------------------------------------------------------------------------- */

static bool is_fetched_whole(const archive_of *a, const specimen_file *wanted)
{
    blob got = { 0 };
    uint8_t bytes[65536];
    size_t n;
    FILE *f = fopen(in_folder(&a->place, "fetched"), "rb");
    while (f && (n = fread(bytes, 1, sizeof bytes, f)) > 0)
        put_raw(&got, bytes, n);
    if (f)
        (void)fclose(f);
    const bool is_whole = got.len == wanted->len && memcmp(got.at, wanted->bytes, got.len) == 0;
    blob_free(&got);
    return is_whole;
}

static const char *judge_fetch(const archive_of *a, const subject *s, const state *which,
                               const attempt *got)
{
    const int expected = which->verdict == STATE_GONE ? 1 : 255;
    /* A record that goes on in the next segment has its checksum there: the server will see. */
    if (got->status == 0 && which->kind == STATE_OF_PACKED && which->verdict == STATE_OTHER
        && !a->packed_by->has_sum)
        return NULL;
    if (got->status == 0)
        return is_fetched_whole(a, s->file) && which->verdict != STATE_GONE
                   ? NULL
                   : "hands over something else";
    return got->status == expected ? NULL : "has another status than a server needs";
}

static const char *judge_verify(const state *which, const attempt *got)
{
    if (got->status == 0 && which->verdict != STATE_OTHER)
        return "says that all is whole";
    return NULL;
}

/* events, target, summary, simulate */
static const char *judge_answer(unsigned question, const archive_of *a, const state *which,
                                const attempt *got)
{
    const bool is_same = attempt_is_same_out(got, &a->undamaged[question])
                         && got->status == a->undamaged[question].status;
    if (question == SIMULATE)
        return is_same || got->status > 0 ? NULL : "answers something else without doubt";
    if (got->status == 0 && !is_same)
        return "answers something else without doubt";
    if (got->status == 0 && which->verdict != STATE_OTHER)
        return "has no doubt";
    if (got->status == 1 && !attempt_says(got, "warning: "))
        return "finds nothing, and does not say that WAL could not be read";
    return NULL;
}

static const char *judge(unsigned question, const archive_of *a, const subject *s,
                         const state *which, const attempt *got)
{
    const char *fault = attempt_fault(got);
    if (fault)
        return fault;
    if (question == FETCH)
        return judge_fetch(a, s, which, got);
    if (got->status == 255)
        return "ends with a status that nobody promised";
    return question == VERIFY ? judge_verify(which, got) : judge_answer(question, a, which, got);
}

/* ---- one state --------------------------------------------------------------------------------- */

static void remove_path(const char *path)
{
    (void)remove(path);
}

static void spoil(const archive_of *a, const state *which, subject *s)
{
    const specimen_file *file = s->file;
    (void)snprintf(s->name, sizeof s->name, "%s%s", file->name, a->packed_by->suffix);
    (void)snprintf(s->path, sizeof s->path, "%s/wal/%s", a->place.path, s->name);
    remove_path(s->path);
    s->bytes = (blob){ 0 };
    if (which->kind == STATE_OF_PACKED)
        a->packed_by->pack((wp_view){ file->bytes, file->len }, &s->bytes);
    else
        put_raw(&s->bytes, file->bytes, file->len);
    which->make(s, which->arg);
    if (which->kind == STATE_OF_FILE)
        return;
    char path[128];
    (void)snprintf(path, sizeof path, "wal/%s", s->name);
    (void)snprintf(s->path, sizeof s->path, "%s/%s", a->place.path, path);
    blob packed = { 0 };
    if (which->kind == STATE_OF_CONTENT)
        a->packed_by->pack(view_of(&s->bytes), &packed);
    put_file(&a->place, path, view_of(which->kind == STATE_OF_CONTENT ? &packed : &s->bytes));
    blob_free(&packed);
}

static void restore(const archive_of *a, subject *s)
{
    char path[128];
    remove_path(s->path);
    (void)snprintf(path, sizeof path, "wal/%s", a->names[s->which]);
    put_file(&a->place, path, view_of(&a->files[s->which]));
    blob_free(&s->bytes);
}

static unsigned test_place(const archive_of *a, const specimen *of, const state *which,
                           size_t place, blob *complaints)
{
    static attempt got;
    static const char *const places[] = { "first", "middle", "newest" };
    unsigned failures = 0;
    subject s = { .of = of,
                  .file = &of->files[place],
                  .which = place,
                  .last = SEGMENTS - 1,
                  .packed_by = a->packed_by };
    spoil(a, which, &s);
    for (unsigned q = 0; q < QUESTIONS; q++) {
        char line[400];
        remove_path(in_folder(&a->place, "fetched"));
        ask(q, a, s.file->name, &got);
        const char *fault = judge(q, a, &s, which, &got);
        if (!fault)
            continue;
        failures++;
        (void)snprintf(line, sizeof line, "# %s segment, %s: %s (status %d)\n", places[place],
                       names[q], fault, got.status);
        put_raw(complaints, line, strlen(line));
    }
    restore(a, &s);
    return failures;
}

static bool is_wanted(const matrix *m, const state *which, size_t packing, size_t *at)
{
    const bool is_plain = packing == 0;
    if (m->only && strcmp(m->only, which->name) != 0)
        return false;
    if (which->kind == STATE_OF_PACKED ? is_plain : !is_plain && m->is_thin)
        return false;
    return (*at)++ != SIZE_MAX;
}

static unsigned test_state(const matrix *m, archive_of *a, const state *which)
{
    const specimen *of = m->is_thin && which->kind == STATE_OF_PACKED ? m->small : m->large;
    blob complaints = { 0 };
    unsigned failures = 0;
    for (size_t place = 0; place < SEGMENTS; place++)
        if (which->where & 1u << place)
            failures += test_place(a, of, which, place, &complaints);
    printf("%s - %s: %s\n%.*s", failures ? "not ok" : "ok", a->packed_by->name, which->name,
           (int)complaints.len, (const char *)complaints.at);
    blob_free(&complaints);
    return failures;
}

static unsigned work(share mine, void *context)
{
    const matrix *m = context;
    size_t at = 0;
    unsigned failures = 0;
    for (size_t p = 0; packer_at(p); p++) {
        archive_of *a = NULL;
        for (size_t i = 0; state_at(i); i++) {
            if (!is_wanted(m, state_at(i), p, &at) || at % mine.of != mine.number)
                continue;
            if (!a)
                a = make_archive(m->is_thin && p > 0 ? m->small : m->large, packer_at(p));
            failures += test_state(m, a, state_at(i));
        }
        free_archive(a);
    }
    if (!attempt_end()) {
        printf("not ok - the program ends well after all that\n");
        failures++;
    }
    return failures;
}

int main(int argc, char **argv)
{
    static specimen small, large;
    matrix m = { .small = &small, .large = &large };
    unsigned jobs = 1;
    int option;
    while ((option = getopt(argc, argv, "j:")) == 'j')
        jobs = (unsigned)strtoul(optarg, NULL, 10);
    if (argc - optind < 2 || option != -1) {
        fputs("usage: matrix [-j N] FIXTURES thin|whole [STATE]\n", stderr);
        return 2;
    }
    (void)setenv("TZ", "UTC", 1);
    m.is_thin = strcmp(argv[optind + 1], "thin") == 0;
    m.only = argv[optind + 2];
    specimen_read(&small, argv[optind], SMALL_FIXTURE);
    specimen_read(&large, argv[optind], FIXTURE);
    const int is_good = crew_run(jobs ? jobs : 1, work, &m);
    specimen_free(&small);
    specimen_free(&large);
    return !is_good;
}
