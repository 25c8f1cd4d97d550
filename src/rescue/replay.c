/* replay.c - see replay.h. */
#include "rescue/replay.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/message.h"
#include "base/temporary.h"
#include "scan/scan.h"

/* Bytes of a page's header in the WAL, at most: a record may start so much after the place that is named. */
#define WAL_PAGE_HEADER_BYTES 40

struct replay_state {
    replay_config config;
    replay *out;
    bool has_scratch;
    int scratch; /* pages beyond the memory: a file without a name, once there are any */
    size_t block_bytes;
    wp_lsn start;    /* the backup's redo point; 0: no backup */
    wp_lsn last_end; /* after the last record that was applied; 0: none was */
    bool is_over;    /* nothing more is applied */
    bool is_done;    /* and nothing more is read */
    bool is_failed;  /* message says why */
    char message[MESSAGE_BYTES];
    scan_damage damage; /* the first one after what was applied; from 0: none */
};

/* ---- pages, for the library ----------------------------------------------------------------- */

static bool wants(void *context, const wp_locator *file)
{
    const struct replay_state *s = context;
    return file->spc == WP_REDO_LOG_TABLESPACE || s->config.wants(s->config.context, file);
}

static wp_status read_backup(void *context, const wp_locator *file, uint32_t block, uint8_t *page)
{
    struct replay_state *s = context;
    switch (backup_blocks_read(s->config.base, file, block, page, s->message)) {
    case BACKUP_BLOCK_READ:
        return WP_OK;
    case BACKUP_BLOCK_ABSENT:
        return WP_END;
    case BACKUP_BLOCK_FAILED:
        break;
    }
    s->is_failed = true;
    return WP_ERR_USAGE;
}

static wp_status fail_scratch(struct replay_state *s)
{
    (void)message_fail(s->message, "cannot use a temporary file: %s (is there room in TMPDIR?)",
                       strerror(errno));
    s->is_failed = true;
    return WP_ERR_LIMIT;
}

static bool open_scratch(struct replay_state *s)
{
    const char *folder = getenv("TMPDIR");
    char *beside = NULL, *path = NULL;
    if (asprintf(&beside, "%s/pages", folder != NULL && *folder != '\0' ? folder : "/tmp") < 0)
        return message_no_memory(s->message);
    s->scratch = temporary_file(beside, &path, s->message);
    s->has_scratch = s->scratch >= 0;
    if (s->has_scratch)
        temporary_drop(path);
    free(beside);
    return s->has_scratch;
}

static wp_status write_scratch(void *context, uint64_t slot, const uint8_t *page)
{
    struct replay_state *s = context;
    if (!s->has_scratch && !open_scratch(s)) {
        s->is_failed = true;
        return WP_ERR_LIMIT;
    }
    for (size_t done = 0; done < s->block_bytes;) {
        const off_t at = (off_t)(slot * s->block_bytes + done);
        const ssize_t n = pwrite(s->scratch, page + done, s->block_bytes - done, at);
        if (n < 0 && errno != EINTR)
            return fail_scratch(s);
        done += n > 0 ? (size_t)n : 0;
    }
    return WP_OK;
}

static wp_status read_scratch(void *context, uint64_t slot, uint8_t *page)
{
    struct replay_state *s = context;
    for (size_t done = 0; done < s->block_bytes;) {
        const off_t at = (off_t)(slot * s->block_bytes + done);
        const ssize_t n = pread(s->scratch, page + done, s->block_bytes - done, at);
        if (n == 0 || (n < 0 && errno != EINTR))
            return fail_scratch(s);
        done += n > 0 ? (size_t)n : 0;
    }
    return WP_OK;
}

/* ---- records -------------------------------------------------------------------------------- */

static void fail(struct replay_state *s, const wp_error *err)
{
    if (!s->is_failed)
        (void)message_fail(s->message, "%s", err->text);
    s->is_failed = true;
    s->is_over = true;
    s->is_done = true;
}

/* Why what comes from here on cannot be applied. */
static void tell_cut(struct replay_state *s)
{
    replay *out = s->out;
    char lsn[WP_LSN_TEXT_BYTES];
    out->is_cut = true;
    out->reached = s->last_end;
    if (s->damage.from != 0)
        (void)snprintf(out->why, sizeof out->why, "%s", s->damage.text);
    else
        (void)snprintf(out->why, sizeof out->why, "the WAL from %s on is missing",
                       wp_lsn_format(s->last_end, lsn));
}

static bool begins_late(const struct replay_state *s, wp_lsn lsn)
{
    return s->start != 0 && s->last_end == 0 && lsn > s->start + WAL_PAGE_HEADER_BYTES;
}

static void begin_late(struct replay_state *s, wp_lsn lsn)
{
    char start[WP_LSN_TEXT_BYTES], first[WP_LSN_TEXT_BYTES];
    (void)message_fail(
        s->message,
        "the backup begins at %s, and the first record after that which can be read is at "
        "%s: the WAL between them is needed",
        wp_lsn_format(s->start, start), wp_lsn_format(lsn, first));
    s->is_failed = true;
    s->is_over = true;
    s->is_done = true;
}

/* Adds no facts; called in LSN order on one thread, since there is one job. */
static bool take_record(void *context, const wp_record *record, wp_facts *facts)
{
    struct replay_state *s = context;
    wp_error err;
    (void)facts;
    if (s->is_over || record->lsn < s->start)
        return true;
    if (begins_late(s, record->lsn)) {
        begin_late(s, record->lsn);
        return true;
    }
    if (!wp_redo_follows(s->out->heap.redo, record)) {
        s->is_over = true; /* what is wrong there is told soon: see note_damage() */
        return true;
    }
    if (record->lsn >= s->config.until) {
        s->is_over = true;
        s->is_done = true;
        s->out->reached = s->config.until;
        return true;
    }
    if (wp_redo_record(s->out->heap.redo, record, &err) < 0
        || wp_fates_record(s->out->heap.fates, record, &err) < 0) {
        fail(s, &err);
        return true;
    }
    s->last_end = record->end_lsn;
    s->out->records++;
    s->out->bytes += record->end_lsn - record->lsn;
    return true;
}

static void note_damage(void *context, const scan_damage *damage)
{
    struct replay_state *s = context;
    if (s->damage.from == 0 && damage->barrier >= s->last_end)
        s->damage = *damage;
    s->is_done = s->is_done || (s->is_over && s->damage.from != 0);
}

/* The segments that replay needs: from that of the backup's redo point to the one after that of the place. */
static archive part_of(const archive *wal, wp_lsn start, wp_lsn until)
{
    archive part = *wal;
    size_t first = 0, end = wal->nsegments;
    while (first + 1 < end && wal->segments[first].end_lsn <= start)
        first++;
    for (size_t i = first; i < wal->nsegments; i++)
        if (wal->segments[i].start_lsn > until) {
            end = i + 1;
            break;
        }
    part.segments = wal->segments + first;
    part.nsegments = end - first;
    if (end < wal->nsegments)
        part.following = wal->segments[end];
    return part;
}

static bool walk(struct replay_state *s)
{
    const archive part = part_of(s->config.wal, s->start, s->config.until);
    scan_result seen;
    const scan_config config = { .jobs = 1,
                                 .show_progress = s->config.show_progress,
                                 .stop = &s->is_done,
                                 .on_record = take_record,
                                 .record_context = s,
                                 .callbacks = { .context = s },
                                 .on_damage = note_damage };
    const scan_outcome outcome = scan_once(&part, &config, &seen, s->message);
    if (outcome == SCAN_FAILED || s->is_failed)
        return false;
    if (s->out->reached != 0)
        return true;
    if (s->last_end == 0 && s->start != 0)
        return message_fail(s->message, "the WAL does not have the place where the backup begins");
    /* The place lies after the last record. */
    if (s->is_over || s->last_end + WAL_PAGE_HEADER_BYTES < s->config.until)
        tell_cut(s);
    else
        s->out->reached = s->config.until;
    return true;
}

/* ---- the whole ------------------------------------------------------------------------------ */

static bool make_heap(struct replay_state *s)
{
    heap *h = &s->out->heap;
    const archive *wal = s->config.wal;
    const backup_about *about = s->config.base != NULL ? backup_blocks_about(s->config.base) : NULL;
    h->profile = wal->info.profile;
    h->base = s->config.base;
    h->max_align = about != NULL ? about->control.max_align : wal->info.max_align;
    h->block_bytes = about != NULL ? about->control.block_bytes : wal->block_size;
    s->block_bytes = h->block_bytes;
    s->start = about != NULL ? about->label.start_lsn : 0;
    const wp_redo_config config = { .profile = h->profile,
                                    .max_align = h->max_align,
                                    .block_bytes = h->block_bytes,
                                    .has_checksums = about != NULL && about->has_checksums,
                                    .memory_bytes = s->config.memory_bytes,
                                    .wants = wants,
                                    .read_backup = about != NULL ? read_backup : NULL,
                                    .write_scratch = write_scratch,
                                    .read_scratch = read_scratch,
                                    .context = s };
    wp_error err;
    if (wp_redo_new(&config, &h->redo, &err) < 0
        || wp_fates_new(h->profile, h->block_bytes, &h->fates, &err) < 0)
        return message_fail(s->message, "%s", err.text);
    return true;
}

bool replay_run(const replay_config *config, replay *out, char message[MESSAGE_BYTES])
{
    *out = (replay){ 0 };
    struct replay_state *s = calloc(1, sizeof *s);
    if (s == NULL)
        return message_no_memory(message);
    s->config = *config;
    s->out = out;
    out->state = s;
    bool is_good = make_heap(s);
    /* Without a place nothing is replayed: the backup as it is. */
    if (is_good && config->until != 0)
        is_good = walk(s);
    if (!is_good)
        memcpy(message, s->message, MESSAGE_BYTES);
    return is_good;
}

void replay_free(replay *r)
{
    wp_fates_free(r->heap.fates);
    wp_redo_free(r->heap.redo);
    if (r->state != NULL && r->state->has_scratch)
        (void)close(r->state->scratch);
    free(r->state);
    *r = (replay){ 0 };
}
