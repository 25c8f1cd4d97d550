/* fetch.c - see fetch.h. */
#include "command/fetch/fetch.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "archive/clusters.h"
#include "archive/layout.h"
#include "archive/locate.h"
#include "base/message.h"
#include "file/probe.h"
#include "base/temporary.h"
#include "archive/timeline_file.h"
#include "file/segment_check.h"

#define SMALL_FILE_BYTES_MAX TIMELINE_FILE_BYTES_MAX
#define CONTROL_BYTES 8192

/* A segment that was unpacked. Zeroed: none. */
typedef struct copy {
    char *path; /* of the temporary file; NULL: none */
    int fd;
    const located *from;
    whole is;
} copy;

typedef struct fetching {
    const options *options;
    const fetch_operands *own;
    filename wanted;
    segment_check_rules rules;
    located_list files;
    copy best;
    bool has_broken_full;    /* a file under the full name cannot be used */
    char why[MESSAGE_BYTES]; /* the first thing that is wrong with a file; empty: nothing is */
    char *message;
} fetching;

static void drop_copy(copy *c)
{
    if (c->path)
        (void)close(c->fd);
    temporary_drop(c->path);
    *c = (copy){ 0 };
}

static void note_wrong(fetching *f, const char *why)
{
    if (f->why[0] == '\0')
        (void)snprintf(f->why, sizeof f->why, "%s", why);
    else
        log_warning("%s", why);
}

/* ---- the cluster that is restored ----------------------------------------------------------- */

static bool read_head(const char *path, uint8_t *buf, size_t room, size_t *len)
{
    const int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return false;
    const ssize_t n = pread(fd, buf, room, 0);
    (void)close(fd);
    *len = n > 0 ? (size_t)n : 0;
    return n > 0;
}

static const wp_profile *read_version(const char *folder)
{
    char path[4096], major[16];
    size_t len;
    (void)snprintf(path, sizeof path, "%sPG_VERSION", folder);
    if (!read_head(path, (uint8_t *)major, sizeof major - 1, &len))
        return NULL;
    major[len] = '\0';
    major[strcspn(major, "\r\n")] = '\0';
    return wp_profile_by_major(major);
}

/*
 * A server wants the file in the pg_wal of its data directory, where pg_control says which cluster it is. Any
 * other destination tells nothing.
 */
static void learn_cluster(const char *destination, segment_check_rules *rules)
{
    static const char *const wal_folders[] = { "pg_wal/", "pg_xlog/" };
    const char *base = filename_base(destination);
    char folder[3000], path[4096];
    for (size_t i = 0; i < 2; i++) {
        const size_t len = strlen(wal_folders[i]), before = (size_t)(base - destination);
        if (before < len || before - len >= sizeof folder
            || strncmp(base - len, wal_folders[i], len) != 0
            || (before > len && base[-(ptrdiff_t)len - 1] != '/'))
            continue;
        (void)snprintf(folder, sizeof folder, "%.*s", (int)(before - len), destination);
        (void)snprintf(path, sizeof path, "%sglobal/pg_control", folder);
        uint8_t bytes[CONTROL_BYTES];
        size_t got;
        wp_control control;
        wp_error err;
        const wp_profile *profile = read_version(folder);
        if (!profile || !read_head(path, bytes, sizeof bytes, &got)
            || wp_control_parse(profile, (wp_view){ bytes, got }, &control, &err) < 0)
            return;
        rules->profile = profile;
        rules->system_identifier = control.system_identifier;
        rules->segment_size = control.segment_size;
    }
}

/* ---- segments ------------------------------------------------------------------------------- */

/* Are the first bytes of two files the same? */
static bool are_same(fetching *f, int a, int b, uint64_t len, bool *is_same)
{
    uint8_t bytes[2][16384];
    *is_same = true;
    for (uint64_t at = 0; *is_same && at < len; at += sizeof bytes[0]) {
        const size_t n = len - at < sizeof bytes[0] ? (size_t)(len - at) : sizeof bytes[0];
        if (pread(a, bytes[0], n, (off_t)at) != (ssize_t)n
            || pread(b, bytes[1], n, (off_t)at) != (ssize_t)n)
            return message_fail(f->message, "cannot read a temporary file: %s", strerror(errno));
        *is_same = memcmp(bytes[0], bytes[1], n) == 0;
    }
    return true;
}

/* What two copies must have in common: all, or the pages that are full in both. */
static uint64_t common_bytes(const whole *a, const whole *b)
{
    const wp_segment_info *info = &a->info;
    const bool are_complete =
        a->state == SEGMENT_CHECK_COMPLETE && b->state == SEGMENT_CHECK_COMPLETE;
    if (are_complete)
        return info->segment_size;
    wp_lsn end = info->start_lsn + info->segment_size;
    if (a->state != SEGMENT_CHECK_COMPLETE && a->end_lsn < end)
        end = a->end_lsn;
    if (b->state != SEGMENT_CHECK_COMPLETE && b->end_lsn < end)
        end = b->end_lsn;
    return (end - info->start_lsn) / info->page_size * info->page_size;
}

static bool is_better(const whole *a, const whole *b)
{
    if (a->state == SEGMENT_CHECK_COMPLETE || b->state == SEGMENT_CHECK_COMPLETE)
        return b->state != SEGMENT_CHECK_COMPLETE;
    return a->end_lsn > b->end_lsn;
}

/* Two copies that can both be used: keeps the one with more in it, if they agree. */
static bool settle(fetching *f, copy *other)
{
    if (!f->best.path) {
        f->best = *other;
        *other = (copy){ 0 };
        return true;
    }
    if (f->best.is.info.segment_size != other->is.info.segment_size
        || f->best.is.info.system_identifier != other->is.info.system_identifier)
        return message_fail(f->message, "\"%s\" and \"%s\" are of two clusters", f->best.from->path,
                            other->from->path);
    bool is_same;
    if (!are_same(f, f->best.fd, other->fd, common_bytes(&f->best.is, &other->is), &is_same))
        return false;
    if (!is_same)
        return message_fail(f->message, "\"%s\" and \"%s\" differ: only one of them can be right",
                            f->best.from->path, other->from->path);
    if (is_better(&other->is, &f->best.is)) {
        const copy swapped = f->best;
        f->best = *other;
        *other = swapped;
    }
    return true;
}

/* May a segment in this state be handed over, and if not, is it because it is broken? */
static bool is_usable(fetching *f, const copy *c)
{
    const bool may_end = c->from->is_partial || c->from->is_live;
    switch (c->is.state) {
    case SEGMENT_CHECK_COMPLETE:
    case SEGMENT_CHECK_OPEN:
        return true;
    case SEGMENT_CHECK_TORN:
        if (may_end)
            return true;
        break;
    case SEGMENT_CHECK_UNUSED: /* and all of it is: see segment_check.c */
        if (may_end)
            return false;
        break;
    case SEGMENT_CHECK_FOREIGN:
    case SEGMENT_CHECK_BROKEN:
        break;
    }
    if (c->is.state != SEGMENT_CHECK_FOREIGN && !c->from->is_partial)
        f->has_broken_full = true;
    note_wrong(f, c->is.why);
    return false;
}

static bool try_file(fetching *f, const located *file)
{
    copy one = { .from = file };
    segment_check_rules rules = f->rules;
    rules.name = f->wanted.segment;
    rules.is_partial = file->is_partial;
    rules.may_change = file->is_partial || file->is_live;
    one.fd = temporary_file(f->own->path, &one.path, f->message);
    if (one.fd < 0)
        return false;
    bool is_good = segment_check_copy(file->path, &rules, one.fd, &one.is, f->message);
    if (is_good && is_usable(f, &one))
        is_good = settle(f, &one);
    drop_copy(&one);
    return is_good;
}

static bool is_complete(const fetching *f)
{
    return f->best.path && f->best.is.state == SEGMENT_CHECK_COMPLETE;
}

/* Is the segment that would follow on the same timeline among the sources? */
static bool has_next(fetching *f, bool *out)
{
    const wp_segment_info *info = &f->best.is.info;
    const wp_lsn next = info->start_lsn + info->segment_size;
    char name[WP_SEGMENT_NAME_BYTES];
    (void)wp_segment_name_format(f->wanted.segment.tli, next, info->segment_size, name);
    located_list files;
    prober prober_ = { 0 };
    *out = false;
    bool is_good = locate(name, f->options->sources, f->options->nsources, &files, f->message);
    for (size_t i = 0; is_good && !*out && i < files.count; i++) {
        probe_result got;
        char ignored[MESSAGE_BYTES]; /* what cannot be read is there all the same */
        *out = !probe_head(&prober_, files.files[i].path, &got, ignored)
               || got.verdict == PROBE_OTHER
               || (got.verdict == PROBE_SEGMENT && got.info.start_lsn == next
                   && clusters_are_same(&got.info, info));
    }
    located_free(&files);
    probe_free(&prober_);
    return is_good;
}

/* Does the best file lie where an archiver has whole segments only? */
static bool must_be_whole(fetching *f, bool *out)
{
    const options *o = f->options;
    bool is_good = true;
    *out = false;
    for (size_t i = 0; is_good && !*out && !f->best.from->is_partial && i < o->nsources; i++) {
        wal_layout layout;
        is_good = layout_of(o->sources[i], &layout, f->message);
        *out = is_good && layout_holds_whole(&layout, f->best.from->path);
        layout_free(&layout);
    }
    return is_good;
}

/* Where WAL ends inside the best file, that must be the end of all WAL of its timeline. */
static bool check_end(fetching *f)
{
    if (is_complete(f))
        return true;
    if (f->has_broken_full)
        return message_fail(f->message, "%s", f->why);
    bool is_inside;
    if (!must_be_whole(f, &is_inside))
        return false;
    if (is_inside)
        return message_fail(f->message,
                            "%s, and an archiver takes over whole segments only: it is damaged",
                            f->best.is.why);
    if (!has_next(f, &is_inside))
        return false;
    if (is_inside)
        return message_fail(f->message, "%s, but the segment that follows is there: WAL is missing",
                            f->best.is.why);
    log_warning("%s: the rest is filled with zeros", f->best.is.why);
    return true;
}

static bool keep_best(fetching *f)
{
    copy *best = &f->best;
    const int fd = best->fd;
    char *path = best->path;
    *best = (copy){ 0 };
    const bool is_kept = temporary_keep(path, fd, f->own->path, f->message);
    (void)close(fd);
    return is_kept;
}

/* *is_there false: nothing is wrong, but there is no such segment. */
static bool fetch_segment(fetching *f, bool *is_there)
{
    for (size_t i = 0; i < f->files.count; i++) {
        if (f->files.files[i].is_partial && is_complete(f))
            break;
        if (!try_file(f, &f->files.files[i]))
            return false;
    }
    *is_there = f->best.path != NULL;
    if (!*is_there)
        return f->why[0] == '\0' || message_fail(f->message, "%s", f->why);
    if (!check_end(f))
        return false;
    if (f->why[0] != '\0')
        log_warning("%s: passed over", f->why);
    return keep_best(f);
}

/* ---- history files -------------------------------------------------------------------------- */

static bool check_text(const fetching *f, wp_view bytes, char *why)
{
    if (f->wanted.kind == FILENAME_HISTORY) {
        timeline_history history = { 0 };
        const bool is_good = timeline_parse(bytes, f->wanted.segment.tli, &history, why);
        if (is_good)
            timeline_free(&history);
        return is_good;
    }
    wp_backup_label label;
    wp_error err;
    return wp_backup_label_parse(bytes, &label, &err) >= 0 || message_fail(why, "%s", err.text);
}

/* Reads one file: *len bytes of text. *is_whole: it is what its name says; else that is noted. */
static bool read_text(fetching *f, const char *path, uint8_t *buf, size_t *len, bool *is_whole)
{
    char why[MESSAGE_BYTES], wrong[MESSAGE_BYTES];
    input *in = input_open(path, NULL, why);
    bool is_good = in != NULL, is_long = false;
    wp_view got = { 0 };
    *len = 0;
    while (is_good && !is_long && (is_good = input_read(in, &got, why)) && got.len > 0) {
        is_long = got.len > SMALL_FILE_BYTES_MAX - *len;
        if (!is_long) {
            memcpy(buf + *len, got.bytes, got.len);
            *len += got.len;
        }
    }
    const bool is_cut = in && (input_is_cut(in) || input_is_damaged(in));
    const bool has_changed = is_good && input_has_changed(in);
    input_free(in);
    if (!is_good)
        return message_fail(f->message, "%s", why);
    if (has_changed)
        return message_fail(f->message, "\"%s\" was changed while it was read", path);
    *is_whole = !is_cut && !is_long && check_text(f, (wp_view){ buf, *len }, why);
    if (!*is_whole) {
        (void)message_fail(wrong, "\"%s\" is damaged: %.300s", path,
                           is_cut    ? "its compressed data is cut short or damaged"
                           : is_long ? "it is too long"
                                     : why);
        note_wrong(f, wrong);
    }
    return true;
}

static bool write_text(fetching *f, wp_view bytes)
{
    char *path = NULL;
    const int fd = temporary_file(f->own->path, &path, f->message);
    if (fd < 0)
        return false;
    bool is_good = true;
    for (size_t at = 0; is_good && at < bytes.len;) {
        const ssize_t n = write(fd, bytes.bytes + at, bytes.len - at);
        if (n < 0 && errno != EINTR)
            is_good = message_fail(f->message, "cannot write: %s", strerror(errno));
        at += n > 0 ? (size_t)n : 0;
    }
    if (is_good)
        is_good = temporary_keep(path, fd, f->own->path, f->message);
    else
        temporary_drop(path);
    (void)close(fd);
    return is_good;
}

/* All that are whole must say the same. */
static bool fetch_text(fetching *f, bool *is_there)
{
    uint8_t *texts = malloc(2 * SMALL_FILE_BYTES_MAX);
    const char *first = NULL; /* path of the one at texts, which has len bytes */
    size_t len = 0, other = 0;
    bool is_good = texts || message_no_memory(f->message);
    for (size_t i = 0; is_good && i < f->files.count; i++) {
        const char *path = f->files.files[i].path;
        uint8_t *to = texts + (first ? SMALL_FILE_BYTES_MAX : 0);
        bool is_whole = false;
        is_good = read_text(f, path, to, first ? &other : &len, &is_whole);
        if (is_good && is_whole && first && (other != len || memcmp(texts, to, len) != 0))
            is_good = message_fail(
                f->message, "\"%s\" and \"%s\" differ: only one of them can be right", first, path);
        first = first || !is_whole ? first : path;
    }
    *is_there = first != NULL;
    if (is_good && !first)
        is_good = f->why[0] == '\0' || message_fail(f->message, "%s", f->why);
    else if (is_good && f->why[0] != '\0')
        log_warning("%s: passed over", f->why);
    if (is_good && first)
        is_good = write_text(f, (wp_view){ texts, len });
    free(texts);
    return is_good;
}

/* ---- the command ---------------------------------------------------------------------------- */

static bool check_name(const char *name, filename *out, char *message)
{
    static const size_t lens[] = { [FILENAME_SEGMENT] = WP_SEGMENT_NAME_CHARS,
                                   [FILENAME_HISTORY] = sizeof "00000001.history" - 1,
                                   [FILENAME_BACKUP] =
                                       sizeof "000000010000000000000001.00000028.backup" - 1 };
    *out = filename_parse(name);
    if (out->kind != FILENAME_OTHER && strlen(name) == lens[out->kind])
        return true;
    return message_fail(
        message,
        "\"%.100s\" is not a name of a WAL file: restore_command = 'pitr-find fetch "
        "\"%%f\" \"%%p\" /archive'",
        name);
}

static bool fetch_file(fetching *f, bool *is_there)
{
    const options *o = f->options;
    const fetch_operands *own = f->own;
    if (!check_name(own->name, &f->wanted, f->message) || !temporary_check(own->path, f->message)
        || !locate(own->name, o->sources, o->nsources, &f->files, f->message))
        return false;
    learn_cluster(own->path, &f->rules);
    if (o->system_id)
        f->rules.system_identifier = o->system_id;
    return f->wanted.kind == FILENAME_SEGMENT ? fetch_segment(f, is_there)
                                              : fetch_text(f, is_there);
}

static exit_code run(const options *o)
{
    char message[MESSAGE_BYTES];
    const fetch_operands *own = (const void *)o->own;
    fetching f = { .options = o, .own = own, .message = message };
    bool is_there = false;
    const bool is_good = fetch_file(&f, &is_there);
    drop_copy(&f.best);
    located_free(&f.files);
    if (!is_good) {
        log_error("%s", message);
        return EXIT_STOP;
    }
    if (is_there)
        return EXIT_FOUND;
    log_headline("%s is not in the archive", own->name);
    return EXIT_NOTHING;
}

_Static_assert(sizeof(fetch_operands) <= OPTIONS_OWN_BYTES, "no room");

/* fetch %f %p SOURCE... */
static bool take_operands(options *out, const command_line *line)
{
    fetch_operands *own = (void *)out->own;
    if (out->nsources < 2)
        return message_fail(line->message,
                            "fetch takes a name, a path and SOURCEs: restore_command = 'pitr-find "
                            "fetch \"%%f\" \"%%p\" /wal_archive'");
    own->name = out->sources[0];
    own->path = out->sources[1];
    out->sources += 2;
    out->nsources -= 2;
    return true;
}

// clang-format off
static const option_use takes[] = {
    TAKES_TO_READ
    TAKES_ALWAYS
};
// clang-format on

// clang-format off
const command fetch_command = {
    .name = "fetch",
    .usage = "fetch [OPTION]... %f %p SOURCE...",
    .summary = "hand a file of the archive to a restoring server (restore_command)",
    .help = "Unpacks a segment, a history file or a .backup file, asked for by name, to a path. As a setting:\n"
            "    restore_command = 'pitr-find fetch \"%f\" \"%p\" /wal_archive'\n"
            "What is damaged, cut short, contradicts its copy or is of another cluster is not handed over. A\n"
            ".partial segment is, when no whole one is there and it is the last of its timeline.",
    .exits = "Exit status: 0 done, 1 there is no such file, 255 anything else is wrong (a server takes what is\n"
             "below that for the end of the archive, and stops at this).\n",
    .takes = takes,
    .take_operands = take_operands,
    .run = run,
    .trouble = EXIT_STOP, /* a server would take EXIT_TROUBLE for the end of the archive */
};
// clang-format on
