/*
 * mutate.c - archives with one change each, and what the program says of them.
 *
 *     mutate [-n COUNT] [-s SEED] [-j N] FIXTURES [FIXTURE...]
 *     mutate -o NUMBER [-s SEED] FIXTURES FIXTURE     that one, kept to be looked at
 *
 * COUNT is for all fixtures together. What a number changes depends on the fixture and SEED, and on nothing else.
 *
 * Never a crash, a hang, a sanitizer's report or memory without end. Where checksums are as they were, exit 0 never
 * comes with another answer than before, and "nothing matched" never without a warning. Where all has been made
 * right again it is another WAL, and its answer another: then threads must not matter, and verify calls it whole.
 */
#include <dirent.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <walparse/segment.h>

#include "attempt.h"
#include "crew.h"
#include "folder.h"
#include "mutation.h"

#define FIXTURES_MAX 64
#define COMPLAINTS_MAX 20

enum { EVENTS, TARGET, SIMULATE, VERIFY, QUESTIONS };

static const char *const names[QUESTIONS] = { "events", "target", "simulate", "verify" };

typedef struct settings {
    const char *folder;
    const char *fixtures[FIXTURES_MAX];
    size_t nfixtures;
    uint64_t seed, count, only; /* only UINT64_MAX: all */
} settings;

/* A fixture, and where it lies unpacked. */
typedef struct bench {
    specimen is;
    folder place;
    char target[64]; /* of simulate: the last transaction that has events */
    attempt undamaged[QUESTIONS];
    uint64_t tried, same, doubts; /* how the answers came out */
    unsigned failures;
} bench;

static attempt got, other;
static mutation now;

/* ---- asking ------------------------------------------------------------------------------------ */

static void ask(unsigned question, const bench *b, const char *jobs, attempt *out)
{
    const char *const words[QUESTIONS][8] = {
        [EVENTS] = { "events", jobs, "--format", "csv", "@/wal" },
        [TARGET] = { "target", jobs, "--before", "DROP|TRUNCATE", "--restore-command=cp %f %p",
                     "@/wal" },
        [SIMULATE] = { "simulate", jobs, b->target, "@/wal" },
        [VERIFY] = { "verify", jobs, "@/wal" },
    };
    attempt_run(words[question], b->place.path, out);
}

/* The fifth column of the last line. */
static void choose_target(bench *b)
{
    unsigned long xid = 0;
    for (char *line = (char *)b->undamaged[EVENTS].out.at; line && *line;) {
        char *at = line;
        for (unsigned column = 1; at && column < 5; column++)
            at = strchr(at, ',') ? strchr(at, ',') + 1 : NULL;
        if (at && strtoul(at, NULL, 10) > 0)
            xid = strtoul(at, NULL, 10);
        line = strchr(line, '\n');
        line += line != NULL;
    }
    (void)snprintf(b->target, sizeof b->target, "recovery_target_xid=%lu", xid);
}

static bench *open_bench(const settings *with, const char *fixture)
{
    bench *b = calloc(1, sizeof *b);
    if (!b)
        abort();
    specimen_read(&b->is, with->folder, fixture);
    b->place = folder_new();
    for (size_t i = 0; i < b->is.nfiles; i++) {
        char path[128];
        (void)snprintf(path, sizeof path, "wal/%s", b->is.files[i].name);
        put_file(&b->place, path, (wp_view){ b->is.files[i].bytes, b->is.files[i].len });
    }
    for (unsigned q = 0; q < QUESTIONS; q++) {
        ask(q, b, "-j1", &b->undamaged[q]);
        if (q == EVENTS)
            choose_target(b);
    }
    const int status =
        b->undamaged[EVENTS].status; /* 3: in doubt from the start, and then for good */
    if ((status != 0 && status != 3) || b->undamaged[VERIFY].status != 0) {
        printf("not ok - %s: it is not whole before anything is changed\n", fixture);
        b->failures++;
    }
    return b;
}

static void close_bench(bench *b, bool is_kept)
{
    if (!is_kept)
        folder_remove(&b->place);
    for (unsigned q = 0; q < QUESTIONS; q++)
        attempt_free(&b->undamaged[q]);
    specimen_free(&b->is);
    free(b);
}

/* ---- judging ----------------------------------------------------------------------------------- */

static bool begins_with(wp_view line, const char *words)
{
    const size_t len = strlen(words);
    return line.len >= len && memcmp(line.bytes, words, len) == 0;
}

/* The next line at or after `at` that tells of what lies before the stop; empty: there is none. */
static wp_view next_answer(const attempt *a, size_t *at)
{
    while (*at < a->out.len) {
        const uint8_t *from = a->out.at + *at;
        const uint8_t *end = memchr(from, '\n', a->out.len - *at);
        const wp_view line = { from, end ? (size_t)(end - from) + 1 : a->out.len - *at };
        *at += line.len;
        if (!begins_with(line, "  warning ") && !begins_with(line, "  loses "))
            return line;
    }
    return (wp_view){ NULL, 0 };
}

/* A row of events without the timeline: its column, the fourth, and the first 8 digits of the segment's name. */
static bool is_same_row(wp_view one, wp_view two)
{
    size_t at[2] = { 0, 0 };
    const wp_view rows[2] = { one, two };
    for (unsigned column = 1; at[0] < one.len || at[1] < two.len; column++) {
        wp_view field[2];
        for (unsigned i = 0; i < 2; i++) {
            const uint8_t *from = rows[i].bytes + at[i];
            const uint8_t *end = memchr(from, ',', rows[i].len - at[i]);
            field[i] = (wp_view){ from, end ? (size_t)(end - from) + 1 : rows[i].len - at[i] };
            at[i] += field[i].len;
            if (field[i].len == WP_SEGMENT_NAME_BYTES && begins_with(field[i], "0000")) {
                field[i].bytes += 8;
                field[i].len -= 8;
            }
        }
        if (column != 4
            && (field[0].len != field[1].len
                || memcmp(field[0].bytes, field[1].bytes, field[0].len) != 0))
            return false;
    }
    return true;
}

/*
 * The file of an older timeline that is left out, and that is said: a newer timeline's file holds the same WAL up to
 * where it left, and a server can be sent to what is there along that one only.
 */
static bool is_same_elsewhere(const attempt *a, const attempt *b)
{
    if (!attempt_says(a, ": left out"))
        return false;
    size_t at = 0, other_at = 0;
    for (;;) {
        const wp_view one = next_answer(a, &at), two = next_answer(b, &other_at);
        if (one.len == 0 || two.len == 0)
            return one.len == two.len;
        if (!is_same_row(one, two))
            return false;
    }
}

/* Simulate may say more of what lies after the stop, and that it loses "at least" so many: that is no other answer. */
static bool is_same_answer(unsigned question, const attempt *a, const attempt *b)
{
    static const char less[] = "\n  loses       at least ";
    if (question == EVENTS && is_same_elsewhere(a, b))
        return true;
    if (question != SIMULATE || !memmem(a->out.at, a->out.len, less, sizeof less - 1))
        return attempt_is_same_out(a, b);
    size_t at = 0, other_at = 0;
    for (;;) {
        const wp_view one = next_answer(a, &at), two = next_answer(b, &other_at);
        if (one.len != two.len || (one.len > 0 && memcmp(one.bytes, two.bytes, one.len) != 0))
            return false;
        if (one.len == 0)
            return true;
    }
}

static const char *judge_bytes(unsigned question, const bench *b, const attempt *a)
{
    const attempt *before = &b->undamaged[question];
    if (!b->is.files[now.file].is_segment || mutation_is_end(&now, &b->is))
        return NULL;
    if (a->status == 0 && (before->status != 0 || !is_same_answer(question, a, before)))
        return "answers something else without doubt";
    if (a->status == 1 && before->status == 0 && (question == EVENTS || question == TARGET)
        && !attempt_says(a, "warning: "))
        return "finds nothing, and does not say that WAL could not be read";
    return NULL;
}

static const char *judge(unsigned question, const bench *b, const attempt *a)
{
    const char *fault = attempt_fault(a);
    if (fault)
        return fault;
    if (a->status == 255)
        return "ends with a status that nobody promised";
    return now.kind == MUTATION_OF_BYTES ? judge_bytes(question, b, a) : NULL;
}

static const char *judge_threads(unsigned question, const bench *b)
{
    if (now.kind != MUTATION_OF_RECORDS)
        return NULL;
    ask(question, b, "-j3", &other);
    const char *fault = attempt_fault(&other);
    if (fault)
        return fault;
    return other.status == got.status && attempt_is_same_out(&got, &other)
               ? NULL
               : "says something else on three threads";
}

/* ---- one mutation ------------------------------------------------------------------------------ */

/* Only what differs is written: segments are large. */
static void write_change(const char *path, wp_view before, wp_view after)
{
    enum { BLOCK = 16384 };
    FILE *f = fopen(path, before.len == after.len ? "r+b" : "wb");
    bool is_good = f != NULL;
    for (size_t at = 0; is_good && at < after.len; at += BLOCK) {
        const size_t n = after.len - at < BLOCK ? after.len - at : BLOCK;
        if (before.len == after.len && memcmp(before.bytes + at, after.bytes + at, n) == 0)
            continue;
        is_good = fseek(f, (long)at, SEEK_SET) == 0 && fwrite(after.bytes + at, n, 1, f) == 1;
    }
    if (!is_good || fclose(f) != 0) {
        perror(path);
        exit(2);
    }
}

static void write_changes(const bench *b, bool is_back)
{
    for (size_t i = 0; i < b->is.nfiles; i++) {
        const specimen_file *file = &b->is.files[i];
        const wp_view before = { file->bytes, file->len }, after = view_of(&now.bytes[i]);
        char name[128];
        (void)snprintf(name, sizeof name, "wal/%s", file->name);
        if (now.bytes[i].len > 0 || (now.kind == MUTATION_OF_BYTES && i == now.file))
            write_change(in_folder(&b->place, name), is_back ? after : before,
                         is_back ? before : after);
    }
}

static void complain(bench *b, uint64_t number, unsigned question, const char *fault)
{
    b->failures++;
    if (b->failures <= COMPLAINTS_MAX)
        printf("# %" PRIu64 ": %s of %s: %s %s (status %d)\n", number, now.what,
               b->is.files[now.file].name, names[question], fault, got.status);
}

static void try_question(bench *b, uint64_t number, unsigned question, bool with_threads)
{
    ask(question, b, "-j1", &got);
    const char *fault = judge(question, b, &got);
    if (!fault && with_threads)
        fault = judge_threads(question, b);
    if (fault)
        complain(b, number, question, fault);
    if (got.status == 0)
        b->same++;
    else
        b->doubts++;
}

/* FNV-1a */
static uint64_t hash(const char *name)
{
    uint64_t sum = UINT64_C(0xCBF29CE484222325);
    for (; *name; name++)
        sum = (sum ^ (uint8_t)*name) * UINT64_C(0x100000001B3);
    return sum;
}

static void try_number(bench *b, const settings *with, uint64_t number)
{
    const uint64_t chance =
        (number + 1) * UINT64_C(0x9E3779B97F4A7C15) ^ with->seed ^ hash(b->is.name);
    const bool of_records = b->is.nrecords > 0 && number % 3 == 2;
    mutation_make(&now, &b->is, chance, of_records ? MUTATION_OF_RECORDS : MUTATION_OF_BYTES);
    write_changes(b, false);
    try_question(b, number, EVENTS, number % 5 == 0);
    try_question(b, number, 1 + (unsigned)(number / 3 % (QUESTIONS - 1)), false);
    b->tried++;
    if (with->only == UINT64_MAX)
        write_changes(b, true);
}

/* ---- all --------------------------------------------------------------------------------------- */

static unsigned try_fixture(const settings *with, const char *fixture, share mine)
{
    bench *b = open_bench(with, fixture);
    const bool is_one = with->only != UINT64_MAX;
    const uint64_t count = (with->count + with->nfixtures - 1) / with->nfixtures;
    if (is_one)
        try_number(b, with, with->only);
    for (uint64_t n = mine.number; !is_one && n < count; n += mine.of)
        try_number(b, with, n);
    const unsigned failures = b->failures;
    printf("%s - %s: %" PRIu64 " mutations: %" PRIu64 " answers, %" PRIu64 " times doubt%s%s\n",
           failures ? "not ok" : "ok", b->is.name, b->tried, b->same, b->doubts, is_one ? ": " : "",
           is_one ? b->place.path : "");
    (void)fflush(stdout);
    close_bench(b, is_one);
    return failures;
}

static unsigned work(share mine, void *context)
{
    const settings *with = context;
    unsigned failures = 0;
    for (size_t i = 0; i < with->nfixtures; i++)
        failures += try_fixture(with, with->fixtures[i], mine);
    if (!attempt_end()) {
        printf("not ok - the program ends well after all that\n");
        failures++;
    }
    mutation_free(&now);
    attempt_free(&got);
    attempt_free(&other);
    return failures;
}

/* Those that have WAL. */
static void list_fixtures(settings *with)
{
    struct dirent **entries = NULL;
    const int n = scandir(with->folder, &entries, NULL, alphasort);
    for (int i = 0; i < n; i++) {
        char path[1024];
        (void)snprintf(path, sizeof path, "%s/%s/wal", with->folder, entries[i]->d_name);
        if (entries[i]->d_name[0] != '.' && access(path, F_OK) == 0
            && with->nfixtures < FIXTURES_MAX)
            with->fixtures[with->nfixtures++] = strdup(entries[i]->d_name);
        free(entries[i]);
    }
    free(entries);
}

int main(int argc, char **argv)
{
    settings with = { .seed = 1, .count = 1000, .only = UINT64_MAX };
    unsigned jobs = 1;
    for (int option; (option = getopt(argc, argv, "n:s:j:o:")) != -1;) {
        const uint64_t value = optarg ? strtoull(optarg, NULL, 10) : 0;
        if (option == 'n')
            with.count = value;
        else if (option == 's')
            with.seed = value;
        else if (option == 'j')
            jobs = (unsigned)value;
        else if (option == 'o')
            with.only = value;
    }
    if (optind >= argc) {
        fputs("usage: mutate [-n COUNT] [-s SEED] [-j N] [-o NUMBER] FIXTURES [FIXTURE...]\n",
              stderr);
        return 2;
    }
    if (with.only != UINT64_MAX)
        jobs = 1;
    (void)setenv("TZ", "UTC", 1);
    with.folder = argv[optind++];
    for (; optind < argc && with.nfixtures < FIXTURES_MAX; optind++)
        with.fixtures[with.nfixtures++] = strdup(argv[optind]);
    if (with.nfixtures == 0)
        list_fixtures(&with);
    return with.nfixtures == 0 || !crew_run(jobs ? jobs : 1, work, &with);
}
