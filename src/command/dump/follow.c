/*
 * follow.c - see follow.h.
 *
 * The archive is opened again and again, and read from the end of the last whole record. What looks like damage there is first of all WAL that is
 * not written yet: a record cut short, a page that the server was about to write, a file that is being copied. So reading ends at
 * the first such place, and goes on there the next time:
 *
 *     record | record | record | ?        record | record | record | record | record |
 *                              ^ next                              ^ it goes on here
 *
 * What stays as it is for FOLLOW_PATIENCE looks, and has WAL after it, is damage, and told as such. A gap between segments is waited for, whatever
 * follows it.
 */
#include "command/dump/follow.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "archive/live_wal.h"
#include "archive/timeline_history.h"
#include "base/message.h"
#include "base/result.h"
#include "command/read_records.h"
#include "scan/scan.h"

#define LOOK_MS 500
/* To open an archive of very many files takes a while: it takes no more than one part in so many of the time. */
#define LOOK_SHARE 4
/* Looks after which what could not be read is taken for damage, and after which one that fails is an error. */
#define FOLLOW_PATIENCE 10
#define FAILURES_MAX 20
/* Files are read again for so many looks after they changed: clocks of file systems are coarse. And now and then without a change. */
#define LOOKS_AFTER_CHANGE 4
#define LOOKS_UNCHANGED_MAX 20
/* Of so many files it is known whether they changed. */
#define FILES_MAX 4
#define PENDING_MAX 16

typedef struct file_state {
    ino_t inode;
    off_t size;
    struct timespec changed;
} file_state;

typedef struct following {
    const question *q;
    const follower *out;
    wp_tli timeline; /* 0: none yet */
    wp_tli told_tli; /* a newer timeline that is not followed, and was told */
    wp_lsn
        next; /* the first record that is not taken yet begins here, or after the header of a page; 0: at the beginning */
    bool is_done, is_doubtful, is_failed;

    /* One look. */
    uint32_t segment_size;
    bool is_stopped;
    bool is_held; /* reading ended at this place */
    scan_damage held;
    scan_damage pending[PENDING_MAX]; /* damage, if a record follows */
    size_t npending;

    /* From look to look. */
    wp_lsn held_at; /* of the place before */
    bool is_told;   /* that it is waited for */
    unsigned held_looks;
    wp_lsn accepted; /* what cannot be read there and before is damage */
    unsigned failures, conflicts, unchanged;
    file_state files[FILES_MAX];
    size_t nfiles;
    forks forks;
    size_t nforks; /* those that were held against history files */
} following;

static volatile sig_atomic_t was_told_to_end;

static void end_soon(int signal_number)
{
    (void)signal_number;
    was_told_to_end = 1;
}

/* A second signal ends the program at once. What is being written is written. */
static void catch_signals(void)
{
    struct sigaction action = { .sa_handler = end_soon,
                                .sa_flags = (int)(SA_RESTART | SA_RESETHAND) };
    (void)sigemptyset(&action.sa_mask);
    (void)sigaction(SIGINT, &action, NULL);
    (void)sigaction(SIGTERM, &action, NULL);
}

/* ---- records -------------------------------------------------------------------------------- */

/* Those that are not wanted tell where they end. */
static bool on_record(void *context, const wp_record *record, wp_facts *facts)
{
    static const wp_record_filter any = { 0 };
    const wp_dump *what = context;
    const size_t before = facts->len;
    if (record->lsn < what->filter.from_lsn)
        return true;
    if (wp_dump_record(what, record, facts) < 0)
        return false;
    if (facts->len == before && wp_tally_record(&any, record, facts) < 0)
        return false;
    return wp_timeline_facts(record, facts) >= 0;
}

static void tell_pending(following *f)
{
    if (f->npending > 0)
        (void)fflush(stdout);
    for (size_t i = 0; i < f->npending; i++)
        read_records_tell(&f->pending[i], f->segment_size);
    f->is_doubtful |= f->npending > 0;
    f->npending = 0;
}

/* Where the record ends that it is of; 0: it is of none. */
static wp_lsn end_of(const wp_fact *fact)
{
    if (fact->kind == WP_FACT_TEXT)
        return ((const wp_fact_text *)(const void *)fact)->end_lsn;
    return fact->kind == WP_FACT_TALLY ? ((const wp_fact_tally *)(const void *)fact)->end_lsn : 0;
}

static void take_fact(void *context, const wp_fact *fact)
{
    following *f = context;
    const wp_lsn end = end_of(fact);
    if (!f->is_stopped)
        forks_note(&f->forks, fact);
    if (f->is_stopped || (end == 0 && fact->kind != WP_FACT_IMAGE))
        return;
    const wp_lsn to = f->q->range.to_lsn;
    const bool is_after = to != 0 && fact->lsn > to;
    if (!is_after)
        tell_pending(f);
    f->is_done = is_after || (fact->kind != WP_FACT_TALLY && !f->out->take(f->out->context, fact));
    if (end > f->next)
        f->next = end;
    f->is_stopped = f->is_done || was_told_to_end;
}

static void on_damage(void *context, const scan_damage *damage)
{
    following *f = context;
    const bool is_gap = damage->path == NULL;
    if (f->is_stopped || damage->from < f->next)
        return;
    if (!is_gap && damage->from <= f->accepted) {
        if (f->npending < PENDING_MAX)
            f->pending[f->npending++] = *damage;
        return;
    }
    f->held = *damage;
    f->is_held = f->is_stopped = true;
}

static bool read_on(following *f, const archive *wal, char message[MESSAGE_BYTES])
{
    scan_result seen;
    f->out->turn_to(f->out->context, wal);
    f->out->what->filter.from_lsn = f->next;
    f->segment_size = wal->info.segment_size;
    f->is_stopped = f->is_held = false;
    f->npending = 0;
    const scan_config config = { .jobs = f->q->jobs,
                                 .callbacks = { .context = f, .on_fact = take_fact },
                                 .stop = &f->is_stopped,
                                 .on_record = on_record,
                                 .record_context = f->out->what,
                                 .on_damage = on_damage };
    const scan_outcome outcome = scan_once(wal, &config, &seen, message);
    if (!f->is_held && f->npending > 0) { /* nothing follows yet */
        f->held = f->pending[0];
        f->is_held = true;
    }
    const wp_lsn to = f->q->range.to_lsn;
    f->is_done |= to != 0 && f->next > to;
    return outcome != SCAN_FAILED;
}

/* ---- what is waited for --------------------------------------------------------------------- */

static void wait_at(following *f, wp_lsn at)
{
    if (f->held_at != at)
        f->is_told = false;
    f->held_looks = f->held_at == at ? f->held_looks + 1 : 1;
    f->held_at = at;
}

static void tell_waiting(following *f, const char *what)
{
    if (!f->is_told)
        log_story("pitr-find: waiting: %s", what);
    f->is_told = true;
}

/* Reading has ended at a place that is not the end of what is written. */
static void wait_for_rest(following *f)
{
    wait_at(f, f->held.from);
    if (f->held_looks < FOLLOW_PATIENCE)
        return;
    if (f->held.path == NULL || f->accepted >= f->held.from)
        tell_waiting(f, f->held.text);
    if (f->held.path != NULL && f->accepted < f->held.from) {
        f->accepted = f->held.from;
        f->held_looks = 0;
    }
}

/* The segment that is next is not there, but later ones are. False: nothing can be read now. */
static bool is_at_hand(following *f, const archive *wal)
{
    const wp_lsn there = wal->segments[0].start_lsn;
    char from[WP_LSN_TEXT_BYTES], until[WP_LSN_TEXT_BYTES], what[200];
    if (f->next == 0 || there <= f->next)
        return true;
    (void)wp_lsn_format(f->next, from);
    (void)wp_lsn_format(there, until);
    wait_at(f, f->next);
    const bool are_older_gone = wal->first_lsn > f->next;
    if (are_older_gone && (live_has_newest(wal) || f->held_looks >= FOLLOW_PATIENCE)) {
        log_warning("the WAL from %s to %s was removed before it was read", from, until);
        f->is_doubtful = true;
        f->next = there;
        return true;
    }
    (void)snprintf(what, sizeof what, "the WAL from %s to %s is missing", from, until);
    if (f->held_looks >= FOLLOW_PATIENCE)
        tell_waiting(f, what);
    return false;
}

/* ---- timelines ------------------------------------------------------------------------------ */

static void turn_to(following *f, const archive *wal, wp_lsn fork)
{
    char at[WP_LSN_TEXT_BYTES], until[WP_LSN_TEXT_BYTES];
    (void)wp_lsn_format(fork, at);
    if (f->next > fork) {
        log_warning(
            "timeline %u branches off timeline %u at %s: what was printed from there to %s is "
            "not of its history",
            (unsigned)wal->timeline, (unsigned)f->timeline, at, wp_lsn_format(f->next, until));
        f->is_doubtful = true;
        f->next = fork > f->q->range.from_lsn ? fork : f->q->range.from_lsn;
        f->accepted = 0;
    } else {
        log_story("pitr-find: timeline %u begins at %s: going on along it", (unsigned)wal->timeline,
                  at);
    }
    f->timeline = wal->timeline;
}

/* Is the timeline of the archive, the latest there is, the one to be read? It may be turned to. */
static bool is_followed(following *f, const archive *wal)
{
    if (f->timeline == 0 || f->q->timeline != 0)
        f->timeline = wal->timeline;
    if (f->timeline == wal->timeline)
        return true;
    const int at = timeline_history_find(&wal->history, f->timeline);
    if (wal->lineage != NULL && at >= 0) {
        turn_to(f, wal, wal->history.spans[at].end);
        return true;
    }
    if (f->told_tli != wal->timeline)
        log_story(wal->lineage == NULL
                      ? "pitr-find: waiting for the history file of timeline %u; going on along %u"
                      : "pitr-find: timeline %u does not come from %u: going on along that",
                  (unsigned)wal->timeline, (unsigned)f->timeline);
    f->told_tli = wal->timeline;
    return false;
}

/* ---- one look ------------------------------------------------------------------------------- */

/* Has one of the files changed lately? */
static bool has_news(following *f, const archive *wal)
{
    file_state now[FILES_MAX] = { 0 };
    struct stat st;
    bool is_known = wal->nsegments <= FILES_MAX && f->unchanged < LOOKS_UNCHANGED_MAX;
    for (size_t i = 0; is_known && i < wal->nsegments; i++) {
        is_known = stat(wal->segments[i].path, &st) == 0;
        now[i] = (file_state){ st.st_ino, st.st_size, st.st_mtim };
    }
    bool is_same = is_known && wal->nsegments == f->nfiles;
    for (size_t i = 0; is_same && i < f->nfiles; i++)
        is_same = now[i].inode == f->files[i].inode && now[i].size == f->files[i].size
                  && now[i].changed.tv_sec == f->files[i].changed.tv_sec
                  && now[i].changed.tv_nsec == f->files[i].changed.tv_nsec;
    f->unchanged = is_same ? f->unchanged + 1 : 0;
    f->nfiles = is_known ? wal->nsegments : 0;
    memcpy(f->files, now, sizeof now);
    return !is_same || f->unchanged <= LOOKS_AFTER_CHANGE || f->held_looks > 0;
}

/* Two files of a segment, while one is being made of the other, are no conflict. */
static void note_conflicts(following *f, const archive *wal)
{
    f->conflicts = wal->nconflicts > 0 ? f->conflicts + 1 : 0;
    if (f->conflicts != FOLLOW_PATIENCE)
        return;
    for (size_t i = 0; i < wal->nwarnings; i++)
        log_warning("%s", wal->warnings[i]);
    f->is_doubtful = true;
}

static bool open_at(const following *f, wp_tli timeline, archive *out, char message[MESSAGE_BYTES])
{
    const archive_limits limits = { .timeline = timeline,
                                    .from_lsn = f->next > 0 ? f->next - 1 : 0,
                                    .system_id = f->q->system_id };
    return archive_open(f->q->sources, f->q->nsources, &limits, out, message);
}

static bool look_into(following *f, const archive *wal, char message[MESSAGE_BYTES])
{
    const wp_lsn before = f->next;
    note_conflicts(f, wal);
    if (!is_at_hand(f, wal) || !has_news(f, wal))
        return true;
    if (!read_on(f, wal, message)) {
        f->nfiles = 0; /* to be read again, changed or not */
        return false;
    }
    f->is_doubtful |= read_records_tell_forks(&f->forks, f->nforks, wal);
    f->nforks = f->forks.count;
    if (f->is_held)
        wait_for_rest(f);
    else
        f->held_looks = 0;
    if (f->next != before)
        f->unchanged = 0;
    return true;
}

/* False: this look failed; the next one may not. */
static bool look(following *f, char message[MESSAGE_BYTES])
{
    archive wal;
    bool is_open = open_at(f, f->q->timeline, &wal, message);
    if (is_open && !is_followed(f, &wal)) {
        archive_free(&wal);
        is_open = open_at(f, f->timeline, &wal, message);
    }
    if (!is_open)
        return wal.is_out_of_range; /* nothing new */
    const bool is_good = look_into(f, &wal, message);
    archive_free(&wal);
    return is_good;
}

/* ---- all looks ------------------------------------------------------------------------------ */

/* False: nobody reads stdout any more. */
static bool rest(long ms)
{
    struct pollfd reader = { .fd = STDOUT_FILENO };
    return poll(&reader, 1, (int)ms) <= 0;
}

static long now_ms(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (long)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* A file that is renamed or removed between two calls is no error. */
static void look_again(following *f)
{
    char message[MESSAGE_BYTES];
    f->failures = look(f, message) ? 0 : f->failures + 1;
    f->is_failed = f->failures == FAILURES_MAX;
    if (f->is_failed)
        log_error("%s", message);
}

exit_code follow_records(const question *q, const archive *first, const follower *out)
{
    following f = {
        .q = q, .out = out, .next = out->what->filter.from_lsn, .is_doubtful = first->nconflicts > 0
    };
    bool is_read = true;
    if (f.next != 0 && f.next < first->segments[0].start_lsn)
        f.next = first->segments[0].start_lsn;
    for (size_t i = 0; i < first->nwarnings; i++)
        log_warning("%s", first->warnings[i]);
    catch_signals();
    while (is_read && !f.is_done && !f.is_failed && !was_told_to_end) {
        const long began = now_ms();
        const wp_lsn before = f.next;
        look_again(&f);
        const long took = now_ms() - began;
        if (fflush(stdout) != 0)
            break;
        /* What was written meanwhile is read at once. */
        if (!f.is_done && !f.is_failed && !(f.next != before && took > LOOK_MS))
            is_read = rest(took * LOOK_SHARE > LOOK_MS ? took * LOOK_SHARE : LOOK_MS);
    }
    return f.is_failed ? EXIT_TROUBLE : f.is_doubtful ? EXIT_DOUBT : EXIT_FOUND;
}
