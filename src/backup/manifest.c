/*
 * manifest.c - see manifest.h. The server writes a line a file (backup/backup_manifest.c):
 *     { "Path": "base/5/112", "Size": 8192, "Last-Modified": "...", "Checksum-Algorithm": "CRC32C", "Checksum": "feb5a79a" },
 */
#include "backup/manifest.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <walparse/datadir.h>

#include "backup/parts.h"
#include "backup/plain_file.h"
#include "base/message.h"

#define LINE_BYTES 4096
#define CHUNK_BYTES ((size_t)256 << 10)

/* A file as its line tells of it. */
typedef struct entry {
    char path[256];
    place at;
    uint64_t size;
    bool has_crc;
    uint32_t crc;
} entry;

/* After "KEY": in the line; NULL: it is not there. */
static const char *value_of(const char *line, const char *key)
{
    const char *found = strstr(line, key);
    return found != NULL ? found + strlen(key) : NULL;
}

static bool parse_crc(const char *hex, uint32_t *out)
{
    uint8_t bytes[4];
    char digits[3] = "";
    for (size_t i = 0; i < sizeof bytes; i++) {
        memcpy(digits, hex + 2 * i, 2);
        if (digits[strspn(digits, "0123456789abcdef")] != '\0' || strlen(digits) != 2)
            return false;
        bytes[i] = (uint8_t)strtoul(digits, NULL, 16);
    }
    *out = bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 | (uint32_t)bytes[3] << 24;
    return hex[8] == '"';
}

/* False: the line tells of no file, or of one whose name is spelled in hex. */
static bool parse_line(const char *line, entry *out)
{
    const char *path = value_of(line, "\"Path\": \""), *size = value_of(line, "\"Size\": ");
    const char *crc = value_of(line, "\"Checksum-Algorithm\": \"CRC32C\", \"Checksum\": \"");
    const size_t len = path != NULL ? strcspn(path, "\"\\") : 0;
    *out = (entry){ 0 };
    if (len == 0 || len >= sizeof out->path || path[len] != '"' || size == NULL)
        return false;
    memcpy(out->path, path, len);
    out->at = place_of(out->path, 0);
    out->size = strtoull(size, NULL, 10);
    out->has_crc = crc != NULL && strlen(crc) > 8 && parse_crc(crc, &out->crc);
    return true;
}

/* Of a relation or of a log of transactions. */
static bool is_followed(const entry *e)
{
    return e->at.kind == PLACE_RELATION || e->at.kind == PLACE_LOG;
}

/* Is the file wanted, which is not there? So it is where its first part is. */
static bool is_lost(const backup_parts *parts, const entry *e)
{
    place first = e->at;
    first.part = 0;
    return e->at.part > 0 && e->size > 0 && parts_find(parts, &first) != NULL;
}

static bool check_crc(backup_parts *parts, const backup_part *one, const entry *e, uint8_t *chunk,
                      bool *is_same, char message[MESSAGE_BYTES])
{
    uint32_t crc = 0;
    size_t got = 0;
    for (uint64_t at = 0; at < one->size; at += got) {
        if (!parts_read(parts, one, at, chunk, CHUNK_BYTES, &got, message))
            return false;
        crc = wp_crc32c(crc, (wp_view){ chunk, got });
    }
    *is_same = crc == e->crc;
    return true;
}

static bool check_entry(backup_parts *parts, const entry *e, uint8_t *chunk, manifest_check *out,
                        char message[MESSAGE_BYTES])
{
    const backup_part *one = parts_find(parts, &e->at);
    const bool is_other = one != NULL && one->at.catalog_version != e->at.catalog_version;
    bool is_same = one != NULL && one->size == e->size;
    if (is_other || (one == NULL && !is_lost(parts, e)))
        return true;
    if (is_same && e->has_crc && !check_crc(parts, one, e, chunk, &is_same, message))
        return false;
    out->files++;
    if (!is_same && out->differing++ == 0)
        (void)snprintf(out->first, sizeof out->first, "%s", e->path);
    return true;
}

static bool check_lines(FILE *manifest, backup_parts *parts, manifest_check *out,
                        char message[MESSAGE_BYTES])
{
    char line[LINE_BYTES];
    entry e;
    uint8_t *chunk = malloc(CHUNK_BYTES);
    bool is_good = chunk != NULL || message_no_memory(message);
    while (is_good && fgets(line, sizeof line, manifest) != NULL)
        is_good = !parse_line(line, &e) || !is_followed(&e)
                  || check_entry(parts, &e, chunk, out, message);
    free(chunk);
    return is_good;
}

/* *out: NULL where the folder has none. False with one line in message: no memory. */
static bool open_manifest(const char *folder, FILE **out, char message[MESSAGE_BYTES])
{
    char *path = NULL;
    if (asprintf(&path, "%s/backup_manifest", folder) < 0)
        return message_no_memory(message);
    const int fd = plain_file_open(path);
    *out = fd >= 0 ? fdopen(fd, "r") : NULL;
    free(path);
    return true;
}

bool manifest_check_parts(const char *folder, backup_parts *parts, manifest_check *out,
                          char message[MESSAGE_BYTES])
{
    const uint64_t bytes_read = parts->bytes_read;
    FILE *manifest;
    *out = (manifest_check){ 0 };
    if (!open_manifest(folder, &manifest, message))
        return false;
    if (manifest == NULL)
        return true;
    out->is_there = true;
    const bool is_good = check_lines(manifest, parts, out, message);
    (void)fclose(manifest);
    parts->bytes_read = bytes_read;
    return is_good;
}

/* Is there a file of that size where the manifest says so? */
static bool has_file(int folder, const entry *e)
{
    struct stat st;
    return fstatat(folder, e->path, &st, 0) == 0 && S_ISREG(st.st_mode)
           && (uint64_t)st.st_size == e->size;
}

bool manifest_check_sizes(const char *folder, manifest_check *out, char message[MESSAGE_BYTES])
{
    char line[LINE_BYTES];
    entry e;
    FILE *manifest;
    *out = (manifest_check){ 0 };
    if (!open_manifest(folder, &manifest, message))
        return false;
    const int at = manifest != NULL ? open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
    /* Beside tar archives lie none of the files that it names. */
    out->is_there = at >= 0 && faccessat(at, "PG_VERSION", F_OK, 0) == 0;
    while (out->is_there && fgets(line, sizeof line, manifest) != NULL) {
        if (!parse_line(line, &e))
            continue;
        out->files++;
        if (!has_file(at, &e) && out->differing++ == 0)
            (void)snprintf(out->first, sizeof out->first, "%s", e.path);
    }
    if (at >= 0)
        (void)close(at);
    if (manifest != NULL)
        (void)fclose(manifest);
    return true;
}
