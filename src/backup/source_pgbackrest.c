/*
 * source_pgbackrest.c - a backup of pgBackRest: the folder REPOSITORY/backup/STANZA/LABEL with its backup.manifest.
 *
 * Mirrors pgBackRest's info/manifest.c. A line of [target:file] is a file: NAME={"size":...}; its bytes lie in NAME.gz of the folder, or from
 * "bno" on in bundle/"bni", packed to "repo-size" bytes; with "reference", in the folder of that backup. A manifest that is encrypted has the
 * passphrase of the files; its own is in backup.info.
 */
#include "backup/source.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "archive/archiver_catalog_text.h"
#include "backup/unpack.h"
#include "base/grow.h"
#include "base/message.h"
#include "base/opened.h"
#include "codec/keyring.h"

/* Longer ones are none of a file of a relation. */
#define LINE_BYTES ((size_t)16 << 10)
#define VALUE_BYTES 256

typedef struct target_file {
    place at;
    char *name;       /* below the folder, without the ending of a packed file; NULL: in a bundle */
    size_t reference; /* index of the backup that has it */
    uint64_t bundle;  /* number of it; 0: none */
    uint64_t offset;  /* there */
    uint64_t repo_size; /* as it lies there */
    uint64_t size;
    bool is_in_blocks; /* block incremental */
    bool has_sum;
    uint8_t sum[SHA1_BYTES];
} target_file;

typedef struct pgbackrest_source {
    source base;
    stream *in;
    sha1 *sums;        /* NULL: this build takes none */
    char **references; /* labels; the first one is "", for the backup itself */
    size_t nreferences, references_room;
    target_file *files;
    size_t nfiles, files_room;
    char suffix[8]; /* of packed files; "": they are not packed */
    bool is_encrypted;
    uint64_t manifest_bytes; /* that were read, and not counted yet */
    /* The last file in parts that is not packed. */
    char *last_path;
    uint32_t last_file;
} pgbackrest_source;

/* ---- the manifest --------------------------------------------------------------------------- */

typedef struct manifest_reading {
    pgbackrest_source *s;
    archiver_catalog_lines lines; /* one at a time */
    uint64_t bytes_read;
    char *message;
} manifest_reading;

/* The value of a line, without quotes. */
static void copy_value(const manifest_reading *m, char *out, size_t room)
{
    const size_t len = m->lines.value.len < room ? m->lines.value.len : room - 1;
    memcpy(out, m->lines.value.bytes, len);
    out[len] = '\0';
}

static bool get_number(wp_view object, const char *key, uint64_t *out)
{
    char digits[32];
    return archiver_catalog_json_get(object, key, digits, sizeof digits)
           && archiver_catalog_number(digits, out);
}

/* A label is the name of a folder beside this one, and nothing else. */
static bool find_reference(manifest_reading *m, const char *label, size_t *out)
{
    pgbackrest_source *s = m->s;
    for (size_t i = s->nreferences; i-- > 0;)
        if (strcmp(s->references[i], label) == 0) {
            *out = i;
            return true;
        }
    if (strchr(label, '/') || label[0] == '.')
        return message_fail(m->message, "\"%s/backup.manifest\" refers to no backup: \"%s\"",
                            s->base.folder, label);
    char *copy = strdup(label);
    char **slot = copy ? GROW(s->references, s->nreferences, s->references_room) : NULL;
    if (!slot) {
        free(copy);
        return message_no_memory(m->message);
    }
    *slot = copy;
    *out = s->nreferences - 1;
    return true;
}

/* "pg_data/base/5/16384" or "pg_tblspc/16385/PG_15_202209061/5/16384". */
static place place_of_target(const char *name)
{
    static const char data[] = "pg_data/";
    if (strncmp(name, data, sizeof data - 1) == 0)
        return place_of(name + sizeof data - 1, 0);
    return strncmp(name, "pg_tblspc/", 10) == 0 ? place_of(name, 0) : (place){ 0 };
}

static bool take_file(manifest_reading *m)
{
    pgbackrest_source *s = m->s;
    const wp_view object = m->lines.value;
    target_file one = { .at = place_of_target(m->lines.key) };
    char label[VALUE_BYTES] = "", text[VALUE_BYTES];
    if (one.at.kind == PLACE_OTHER)
        return true;
    if (!get_number(object, "size", &one.size))
        return message_fail(m->message, "\"%s/backup.manifest\": \"%s\" has no size",
                            s->base.folder, m->lines.key);
    if (!get_number(object, "repo-size", &one.repo_size))
        one.repo_size = one.size;
    (void)get_number(object, "bni", &one.bundle);
    (void)get_number(object, "bno", &one.offset);
    (void)archiver_catalog_json_get(object, "reference", label, sizeof label);
    one.has_sum = archiver_catalog_json_get(object, "checksum", text, sizeof text)
                  && sha1_parse(text, one.sum);
    one.is_in_blocks = archiver_catalog_json_get(object, "bi", text, sizeof text);
    if (!find_reference(m, label, &one.reference))
        return false;
    one.name = one.bundle ? NULL : strdup(m->lines.key);
    target_file *slot = one.bundle || one.name ? GROW(s->files, s->nfiles, s->files_room) : NULL;
    if (!slot) {
        free(one.name);
        return message_no_memory(m->message);
    }
    *slot = one;
    return true;
}

static bool take_compression(manifest_reading *m)
{
    static const char *const types[] = { "none", "gz", "bz2", "lz4", "zst" };
    char value[VALUE_BYTES];
    copy_value(m, value, sizeof value);
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (strcmp(value, types[i]) == 0) {
            (void)snprintf(m->s->suffix, sizeof m->s->suffix, "%s%s", i ? "." : "",
                           i ? types[i] : "");
            return true;
        }
    return message_fail(m->message, "\"%s/backup.manifest\": compression \"%.40s\" is not known",
                        m->s->base.folder, value);
}

static bool is_key(const manifest_reading *m, const char *section, const char *key)
{
    return strcmp(m->lines.section, section) == 0 && strcmp(m->lines.key, key) == 0;
}

static bool take_line(manifest_reading *m)
{
    char value[VALUE_BYTES];
    if (strcmp(m->lines.section, "target:file") == 0)
        return take_file(m);
    if (is_key(m, "backup:option", "option-compress-type"))
        return take_compression(m);
    if (is_key(m, "backup:option", "option-compress") && m->lines.value.len > 0
        && m->lines.value.bytes[0] == 'f')
        m->s->suffix[0] = '\0';
    copy_value(m, value, sizeof value);
    if (is_key(m, "backup", "backup-lsn-stop"))
        (void)wp_lsn_parse(value, &m->s->base.stop_lsn);
    if (is_key(m, "cipher", "cipher-pass"))
        keyring_add(value);
    explicit_bzero(value, sizeof value);
    return true;
}

/* The one line of backup.info that is needed. */
static bool take_info_line(manifest_reading *m)
{
    char value[VALUE_BYTES];
    copy_value(m, value, sizeof value);
    if (is_key(m, "cipher", "cipher-pass"))
        keyring_add(value);
    explicit_bzero(value, sizeof value);
    return true;
}

typedef bool take_lines(manifest_reading *m);

/* Hands on whole lines; *kept of buf are left, of one that is not whole yet. */
static bool cut_lines(manifest_reading *m, take_lines *take, char *buf, size_t len, size_t *kept)
{
    size_t at = 0;
    for (char *end; (end = memchr(buf + at, '\n', len - at)); at = (size_t)(end - buf) + 1) {
        m->lines.rest = (wp_view){ (const uint8_t *)buf + at, (size_t)(end - buf) - at };
        if (archiver_catalog_lines_next(&m->lines) && !take(m))
            return false;
    }
    *kept = len - at < LINE_BYTES ? len - at : 0;
    memmove(buf, buf + at, *kept);
    return true;
}

static bool read_lines(manifest_reading *m, const char *path, take_lines *take)
{
    stream *in = m->s->in;
    char *buf = malloc(LINE_BYTES + STREAM_WINDOW_BYTES);
    size_t len = 0;
    wp_view got = { 0 };
    bool is_good = buf || message_no_memory(m->message);
    is_good = is_good && stream_open(in, path, STREAM_WINDOW_BYTES, false, m->message);
    if (is_good)
        m->s->is_encrypted |= stream_is_encrypted(in);
    while (is_good && (is_good = stream_read(in, &got, m->message)) && got.len > 0) {
        memcpy(buf + len, got.bytes, got.len);
        is_good = cut_lines(m, take, buf, len + got.len, &len);
    }
    m->bytes_read += stream_bytes_read(in);
    if (is_good && stream_is_cut(in))
        is_good = message_fail(m->message, "\"%s\" cannot be read to its end", path);
    stream_close(in);
    free(buf);
    return is_good;
}

/* backup.info lies beside the folder; only that of an encrypted repository is needed. */
static bool read_info(manifest_reading *m, const char *manifest_path)
{
    uint8_t head[8] = "";
    FILE *f = fopen(manifest_path, "r");
    const bool is_encrypted =
        f && fread(head, sizeof head, 1, f) == 1 && memcmp(head, "Salted__", 8) == 0;
    if (f) {
        opened_note(manifest_path);
        (void)fclose(f);
    }
    if (!is_encrypted)
        return true;
    char *path = NULL;
    if (asprintf(&path, "%s/../backup.info", m->s->base.folder) < 0)
        return message_no_memory(m->message);
    const bool is_good = read_lines(m, path, take_info_line);
    free(path);
    return is_good;
}

static bool read_manifest(pgbackrest_source *s, char *message)
{
    manifest_reading m = { .s = s, .message = message };
    char *path = NULL;
    size_t self;
    if (asprintf(&path, "%s/backup.manifest", s->base.folder) < 0)
        return message_no_memory(message);
    (void)snprintf(s->suffix, sizeof s->suffix, ".gz"); /* where it is older than types */
    const bool is_good =
        find_reference(&m, "", &self) && read_info(&m, path) && read_lines(&m, path, take_line);
    s->manifest_bytes = m.bytes_read;
    free(path);
    return is_good;
}

/* ---- files ---------------------------------------------------------------------------------- */

/* Where the bytes of a file lie, to be freed. */
static char *path_of(const pgbackrest_source *s, const target_file *f)
{
    const char *label = s->references[f->reference];
    char *path = NULL;
    int n;
    if (f->bundle)
        n = asprintf(&path, "%s/%s%s/bundle/%" PRIu64, s->base.folder, *label ? "../" : ".", label,
                     f->bundle);
    else
        n = asprintf(&path, "%s/%s%s/%s%s", s->base.folder, *label ? "../" : ".", label, f->name,
                     s->suffix);
    return n < 0 ? NULL : path;
}

/* A file that is neither packed nor encrypted is read where it lies. */
static bool take_plain(pgbackrest_source *s, const target_file *f, const char *path,
                       const reading *r)
{
    struct stat st;
    if (!s->last_path || strcmp(s->last_path, path) != 0) {
        free(s->last_path);
        s->last_path = strdup(path);
        if (!s->last_path || !parts_add_file(r->parts, path, &s->last_file, r->message))
            return message_no_memory(r->message);
    }
    if (stat(path, &st) != 0)
        return message_fail(r->message, "cannot open \"%s\": %s", path, strerror(errno));
    if ((uint64_t)st.st_size < f->size || (uint64_t)st.st_size - f->size < f->offset)
        return message_fail(r->message, "\"%s\" is shorter than its backup.manifest says", path);
    const backup_part one = { f->at, s->last_file, f->offset, f->size };
    return parts_add(r->parts, &one, r->message);
}

/* Is the folder of the backup there that has the file? */
static bool has_folder(const pgbackrest_source *s, const target_file *f)
{
    const char *label = s->references[f->reference];
    struct stat st;
    char *path = NULL;
    const bool is_there =
        !*label
        || (asprintf(&path, "%s/../%s", s->base.folder, label) >= 0 && stat(path, &st) == 0);
    free(path);
    return is_there;
}

static bool take_target(pgbackrest_source *s, const target_file *f, source_use use,
                        const reading *r)
{
    if (f->is_in_blocks)
        return message_fail(
            r->message,
            "backup \"%s\" has file %u of database %u as increments of blocks "
            "(repo-block): restore it with pgbackrest, and give the restored folder",
            s->base.folder, f->at.node, f->at.db);
    /* Bundles have no file of no bytes. */
    if (f->size == 0)
        return use == SOURCE_WHOLE ? backup_files_add(r->whole, f->at, 0, "an empty file") != NULL
                                   : parts_add(r->parts, &(backup_part){ .at = f->at }, r->message);
    if (!has_folder(s, f))
        return message_fail(r->message,
                            "backup \"%s\" is not a full one, and backup %s, which it refers to, "
                            "is not beside it",
                            s->base.folder, s->references[f->reference]);
    char *path = path_of(s, f);
    const packed_file packed = { .path = path,
                                 .at = f->offset,
                                 .packed_bytes = f->bundle ? f->repo_size : UNPACK_NOT_TOLD,
                                 .bytes = f->size,
                                 .is_packed = s->suffix[0],
                                 .sums = f->has_sum ? s->sums : NULL,
                                 .sum = f->sum };
    bool is_good = path || message_no_memory(r->message);
    const bool is_plain = !packed.is_packed && !s->is_encrypted;
    if (is_good && use == SOURCE_WHOLE && is_plain)
        is_good = source_take_whole(r, &f->at, path, path, f->offset, f->size);
    else if (is_good && use == SOURCE_WHOLE)
        is_good = unpack_whole(&packed, &f->at, s->in, r);
    else if (is_good && is_plain)
        is_good = take_plain(s, f, path, r);
    else if (is_good)
        is_good = unpack_part(&packed, &f->at, s->in, r);
    stream_close(s->in);
    free(path);
    return is_good;
}

static bool pgbackrest_read(source *base, const reading *r)
{
    pgbackrest_source *s = (pgbackrest_source *)base;
    r->parts->bytes_read += s->manifest_bytes;
    s->manifest_bytes = 0;
    for (size_t i = 0; i < s->nfiles; i++) {
        const source_use use = source_use_of(r, &s->files[i].at);
        if (use == SOURCE_FAILED || (use != SOURCE_SKIP && !take_target(s, &s->files[i], use, r)))
            return false;
    }
    return true;
}

/* ---- opening -------------------------------------------------------------------------------- */

static void pgbackrest_free(source *base)
{
    pgbackrest_source *s = (pgbackrest_source *)base;
    stream_free(s->in);
    sha1_free(s->sums);
    for (size_t i = 0; i < s->nreferences; i++)
        free(s->references[i]);
    for (size_t i = 0; i < s->nfiles; i++)
        free(s->files[i].name);
    free(s->references);
    free(s->files);
    free(s->last_path);
    free(s->base.folder);
    free(s);
}

source *source_pgbackrest_open(const char *path, char message[MESSAGE_BYTES])
{
    pgbackrest_source *s = calloc(1, sizeof *s);
    if (!s) {
        (void)message_no_memory(message);
        return NULL;
    }
    s->base.read = pgbackrest_read;
    s->base.free = pgbackrest_free;
    s->base.folder = strdup(path);
    s->in = stream_new();
    s->sums = sha1_new();
    bool is_good = s->base.folder && s->in ? read_manifest(s, message) : message_no_memory(message);
    if (is_good && s->is_encrypted && !s->suffix[0])
        is_good = message_fail(message,
                               "backup \"%s\" is encrypted and not compressed, which this program "
                               "does not read: restore it with pgbackrest, and give the restored "
                               "folder",
                               path);
    if (is_good)
        return &s->base;
    pgbackrest_free(&s->base);
    return NULL;
}
