/*
 * archiver_catalog.c - see archiver_catalog.h.
 *
 * Most archivers write lines of "key = value", each with keys of its own: a row of `dialects`. pgBackRest
 * has JSON after the keys, WAL-G nothing but JSON.
 */
#include "archive/archiver_catalog.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "archive/archiver_catalog_text.h"
#include "file/filename.h"
#include "base/grow.h"
#include "codec/keyring.h"
#include "base/message.h"
#include "base/time_text.h"

#define FILE_BYTES_MAX ((size_t)8 << 20)
/* Seconds from 1970 to 2000, the epoch of wp_time. */
#define UNIX_2000 INT64_C(946684800)

/* ---- adding --------------------------------------------------------------------------------- */

/* Returns the identifier; 0: it is none. */
static uint64_t add_cluster(catalogue *out, const char *number)
{
    uint64_t id;
    if (!archiver_catalog_number(number, &id) || id == 0)
        return 0;
    for (size_t i = 0; i < out->nclusters; i++)
        if (out->clusters[i] == id)
            return id;
    if (out->nclusters < ARCHIVER_CATALOG_CLUSTERS_MAX)
        out->clusters[out->nclusters++] = id;
    return id;
}

/* One without positions, or that is there already (a .copy), is left out. */
static bool add_backup(catalogue *out, const char *path, const archiver_catalog_backup *backup)
{
    if (backup->start == 0 || backup->stop < backup->start || backup->tli == 0 || !backup->id[0])
        return true;
    for (size_t i = 0; i < out->nbackups; i++)
        if (strcmp(out->backups[i].id, backup->id) == 0)
            return true;
    char *copy = strdup(path);
    archiver_catalog_backup *slot = copy ? GROW(out->backups, out->nbackups, out->room) : NULL;
    if (!slot) {
        free(copy);
        return false;
    }
    *slot = *backup;
    slot->path = copy;
    return true;
}

static void set_time(archiver_catalog_backup *out, const char *chars)
{
    bool is_local = false;
    char ignored[MESSAGE_BYTES];
    (void)snprintf(out->time_text, sizeof out->time_text, "%.*s", (int)sizeof out->time_text - 1,
                   chars);
    if (!timeparse(chars, &out->time, &is_local, ignored) || is_local)
        out->time = WP_TIME_UNKNOWN; /* local to a machine that need not be this one */
}

static void set_unix_time(archiver_catalog_backup *out, const char *number)
{
    uint64_t seconds;
    out->time = WP_TIME_UNKNOWN;
    if (archiver_catalog_number(number, &seconds) && seconds < (uint64_t)1 << 40)
        out->time = ((wp_time)seconds - UNIX_2000) * 1000000;
}

/* ---- lines of key = value ------------------------------------------------------------------- */

typedef struct dialect {
    layout_kind kind;
    const char *start, *stop, *tli, *time, *status, *cluster;
    const char *good;  /* status of a finished backup: one of these */
    unsigned id_parts; /* the folders above the file that make the id */
} dialect;

// clang-format off
static const dialect dialects[] = {
    { LAYOUT_BARMAN,       "begin_xlog",   "end_xlog",   "timeline",       "begin_time", "status", "systemid", " DONE WAITING_FOR_WALS ", 1 },
    { LAYOUT_BARMAN_CLOUD, "begin_xlog",   "end_xlog",   "timeline",       "begin_time", "status", "systemid", " DONE ",   1 },
    { LAYOUT_PROBACKUP,    "start-lsn",    "stop-lsn",   "timelineid",     "start-time", "status", NULL,       " OK DONE ", 1 },
    { LAYOUT_RMAN,         "START_LSN",    "STOP_LSN",   "TIMELINEID",     "START_TIME", "STATUS", NULL,       " OK DONE ", 2 },
    { LAYOUT_PGMONETA,     "START_WALPOS", "END_WALPOS", "START_TIMELINE", NULL,         "STATUS", NULL,       " 1 ",      1 },
};
// clang-format on

/* "base/20261122T104805/backup.info", and Barman's later "meta/20261122T104805-backup.info". */
static void set_id(archiver_catalog_backup *out, const char *path, unsigned parts)
{
    const char *base = filename_base(path), *end = base > path ? base - 1 : path, *from = end;
    const char *suffix = strstr(base, "-backup.info");
    if (suffix) {
        from = base;
        end = suffix;
    }
    while (!suffix && from > path && (from[-1] != '/' || --parts > 0))
        from--;
    const size_t len = (size_t)(end - from);
    if (len < sizeof out->id) {
        memcpy(out->id, from, len);
        out->id[len] = '\0';
    }
}

static bool is_key(const char *key, const char *wanted)
{
    return wanted && strcmp(key, wanted) == 0;
}

static void take_line(const dialect *d, const char *key, const char *value,
                      archiver_catalog_backup *one, bool *is_good, catalogue *out)
{
    char word[48];
    uint64_t tli;
    if (is_key(key, d->start) && !wp_lsn_parse(value, &one->start))
        one->start = 0;
    else if (is_key(key, d->stop) && !wp_lsn_parse(value, &one->stop))
        one->stop = 0;
    else if (is_key(key, d->tli) && archiver_catalog_number(value, &tli) && tli <= UINT32_MAX)
        one->tli = (wp_tli)tli;
    else if (is_key(key, d->time))
        set_time(one, value);
    else if (is_key(key, d->cluster))
        one->cluster = add_cluster(out, value);
    else if (is_key(key, d->status)) {
        (void)snprintf(word, sizeof word, " %.40s ", value);
        *is_good = strstr(d->good, word) != NULL;
    }
}

static bool parse_lines(layout_kind kind, const char *path, wp_view bytes, catalogue *out)
{
    const dialect *d = dialects;
    while (d->kind != kind)
        d++;
    archiver_catalog_backup one = { .time = WP_TIME_UNKNOWN };
    archiver_catalog_lines lines = { .rest = bytes };
    bool is_good = false;
    set_id(&one, path, d->id_parts);
    while (archiver_catalog_lines_next(&lines)) {
        char value[128];
        if (lines.value.len >= sizeof value)
            continue;
        (void)snprintf(value, sizeof value, "%.*s", (int)lines.value.len,
                       (const char *)lines.value.bytes);
        take_line(d, lines.key, value, &one, &is_good, out);
    }
    return !is_good || add_backup(out, path, &one);
}

/* Lines of which only one counts: the system identifier. */
static bool parse_settings(layout_kind kind, const char *path, wp_view bytes, catalogue *out)
{
    (void)path;
    archiver_catalog_lines lines = { .rest = bytes };
    const char *key = kind == LAYOUT_RMAN ? "SYSTEM_IDENTIFIER" : "system-identifier";
    while (archiver_catalog_lines_next(&lines)) {
        char value[32];
        if (strcmp(lines.key, key) != 0 || lines.value.len >= sizeof value)
            continue;
        (void)snprintf(value, sizeof value, "%.*s", (int)lines.value.len,
                       (const char *)lines.value.bytes);
        (void)add_cluster(out, value);
    }
    return true;
}

/* ---- pgBackRest ----------------------------------------------------------------------------- */

static bool parse_archive_info(layout_kind kind, const char *path, wp_view bytes, catalogue *out)
{
    (void)kind, (void)path;
    archiver_catalog_lines lines = { .rest = bytes };
    char number[32];
    while (archiver_catalog_lines_next(&lines)) {
        if (strcmp(lines.section, "db:history") == 0
            && archiver_catalog_json_get(lines.value, "db-id", number, sizeof number))
            (void)add_cluster(out, number);
        if (strcmp(lines.section, "cipher") == 0 && strcmp(lines.key, "cipher-pass") == 0
            && lines.value.len < sizeof out->passphrase)
            (void)snprintf(out->passphrase, sizeof out->passphrase, "%.*s", (int)lines.value.len,
                           (const char *)lines.value.bytes);
    }
    return true;
}

static bool get_lsn(wp_view object, const char *key, wp_lsn *out)
{
    char chars[32];
    return archiver_catalog_json_get(object, key, chars, sizeof chars) && wp_lsn_parse(chars, out);
}

/* The clusters that a repository has held, by their number there. */
typedef struct clusters_by_number {
    struct {
        char number[16];
        uint64_t cluster;
    } list[ARCHIVER_CATALOG_CLUSTERS_MAX];
    size_t n;
} clusters_by_number;

static void read_history(wp_view bytes, clusters_by_number *all, catalogue *out)
{
    archiver_catalog_lines lines = { .rest = bytes };
    char cluster[32];
    while (archiver_catalog_lines_next(&lines)) {
        if (strcmp(lines.section, "db:history") != 0 || all->n == ARCHIVER_CATALOG_CLUSTERS_MAX
            || !archiver_catalog_json_get(lines.value, "db-system-id", cluster, sizeof cluster))
            continue;
        (void)snprintf(all->list[all->n].number, sizeof all->list[0].number, "%.15s", lines.key);
        all->list[all->n++].cluster = add_cluster(out, cluster);
    }
}

static uint64_t cluster_of(const clusters_by_number *all, const char *number)
{
    for (size_t i = 0; i < all->n; i++)
        if (strcmp(all->list[i].number, number) == 0)
            return all->list[i].cluster;
    return 0;
}

/* The line of one backup. */
static bool take_pgbackrest(const char *path, const archiver_catalog_lines *line,
                            const clusters_by_number *clusters, catalogue *out)
{
    archiver_catalog_backup one = { .time = WP_TIME_UNKNOWN };
    wp_segment_name segment;
    char value[LAYOUT_BACKUP_ID_BYTES];
    (void)snprintf(one.id, sizeof one.id, "%s", line->key);
    if (!get_lsn(line->value, "backup-lsn-start", &one.start)
        || !get_lsn(line->value, "backup-lsn-stop", &one.stop)
        || !archiver_catalog_json_get(line->value, "backup-archive-start", value, sizeof value)
        || !wp_segment_name_parse(value, &segment))
        return true;
    one.tli = segment.tli;
    if (archiver_catalog_json_get(line->value, "backup-timestamp-start", value, sizeof value))
        set_unix_time(&one, value);
    if (archiver_catalog_json_get(line->value, "db-id", value, sizeof value))
        one.cluster = cluster_of(clusters, value);
    return add_backup(out, path, &one);
}

static bool parse_backup_info(layout_kind kind, const char *path, wp_view bytes, catalogue *out)
{
    (void)kind;
    archiver_catalog_lines lines = { .rest = bytes };
    clusters_by_number clusters = { 0 };
    read_history(bytes, &clusters, out);
    while (archiver_catalog_lines_next(&lines))
        if (strcmp(lines.section, "backup:current") == 0
            && !take_pgbackrest(path, &lines, &clusters, out))
            return false;
    return true;
}

/* ---- JSON ----------------------------------------------------------------------------------- */

/* Barman's identity.json. */
static bool parse_identity(layout_kind kind, const char *path, wp_view bytes, catalogue *out)
{
    (void)kind, (void)path;
    char number[32];
    if (archiver_catalog_json_get(bytes, "systemid", number, sizeof number))
        (void)add_cluster(out, number);
    return true;
}

/* base_SEGMENT_backup_stop_sentinel.json; an LSN is a number there. */
static bool parse_sentinel(layout_kind kind, const char *path, wp_view bytes, catalogue *out)
{
    (void)kind;
    static const char suffix[] = "_backup_stop_sentinel.json", prefix[] = "base_";
    const char *base = filename_base(path);
    const size_t len = strlen(base) - (sizeof suffix - 1);
    archiver_catalog_backup one = { .time = WP_TIME_UNKNOWN };
    wp_segment_name segment;
    char start[32], stop[32], cluster[32];
    if (len >= sizeof one.id || strncmp(base, prefix, sizeof prefix - 1) != 0
        || !wp_segment_name_parse(base + sizeof prefix - 1, &segment)
        || !archiver_catalog_json_get(bytes, "LSN", start, sizeof start)
        || !archiver_catalog_json_get(bytes, "FinishLSN", stop, sizeof stop)
        || !archiver_catalog_number(start, &one.start) || !archiver_catalog_number(stop, &one.stop))
        return true;
    memcpy(one.id, base, len);
    one.id[len] = '\0';
    one.tli = segment.tli;
    if (archiver_catalog_json_get(bytes, "SystemIdentifier", cluster, sizeof cluster))
        one.cluster = add_cluster(out, cluster);
    return add_backup(out, path, &one);
}

/* ---- files ---------------------------------------------------------------------------------- */

typedef bool parse_file(layout_kind kind, const char *path, wp_view bytes, catalogue *out);

static const struct {
    layout_kind kind;
    const char *suffix; /* of the file's name */
    parse_file *parse;
} files[] = {
    { LAYOUT_PGBACKREST, "archive.info", parse_archive_info },
    { LAYOUT_PGBACKREST, "backup.info", parse_backup_info },
    { LAYOUT_BARMAN, "identity.json", parse_identity },
    { LAYOUT_BARMAN, "backup.info", parse_lines },
    { LAYOUT_BARMAN_CLOUD, "backup.info", parse_lines },
    { LAYOUT_WALG, "_backup_stop_sentinel.json", parse_sentinel },
    { LAYOUT_PROBACKUP, "pg_probackup.conf", parse_settings },
    { LAYOUT_PROBACKUP, "backup.control", parse_lines },
    { LAYOUT_RMAN, "system_identifier", parse_settings },
    { LAYOUT_RMAN, "backup.ini", parse_lines },
    { LAYOUT_PGMONETA, "backup.info", parse_lines },
};

/* pgBackRest keeps each file twice: archive.info.copy. */
static bool has_suffix(const char *path, const char *suffix)
{
    static const char copy[] = ".copy";
    const char *base = filename_base(path);
    size_t len = strlen(base);
    const size_t n = strlen(suffix);
    if (len > sizeof copy && strcmp(base + len - (sizeof copy - 1), copy) == 0)
        len -= sizeof copy - 1;
    return len >= n && memcmp(base + len - n, suffix, n) == 0;
}

bool archiver_catalog_parse(layout_kind kind, const char *path, wp_view bytes, catalogue *out)
{
    for (size_t i = 0; i < sizeof files / sizeof *files; i++)
        if (files[i].kind == kind && has_suffix(path, files[i].suffix))
            return files[i].parse(kind, path, bytes, out);
    return true;
}

typedef struct reading {
    prober *prober;
    catalogue *out;
    uint8_t *bytes; /* FILE_BYTES_MAX */
    char *message;
} reading;

/* A server needs none of these files, so what is wrong with one is no reason to stop. */
static bool read_one(void *context, const wal_layout *l, const char *path)
{
    reading *r = context;
    size_t len = 0;
    bool is_damaged;
    char why[MESSAGE_BYTES];
    bool is_read = probe_bytes(r->prober, path, r->bytes, FILE_BYTES_MAX, &len, &is_damaged, why);
    if (is_read && len == FILE_BYTES_MAX)
        is_read = message_fail(why, "\"%s\" is larger than any catalog of an archiver", path);
    if (is_read)
        return archiver_catalog_parse(l->kind, path, (wp_view){ r->bytes, len }, r->out)
               || message_no_memory(r->message);
    if (!r->out->complaint[0])
        memcpy(r->out->complaint, why, sizeof why);
    return true;
}

bool archiver_catalog_read(const wal_layout *l, prober *p, catalogue *out,
                           char message[MESSAGE_BYTES])
{
    reading r = { p, out, malloc(FILE_BYTES_MAX), message };
    message[0] = '\0';
    const bool is_good = r.bytes && layout_each_catalogue(l, read_one, &r);
    free(r.bytes);
    keyring_add(out->passphrase);
    return is_good || message_no_memory(message);
}

void archiver_catalog_free(catalogue *c)
{
    for (size_t i = 0; i < c->nbackups; i++)
        free(c->backups[i].path);
    free(c->backups);
    explicit_bzero(c->passphrase, sizeof c->passphrase);
    *c = (catalogue){ 0 };
}
