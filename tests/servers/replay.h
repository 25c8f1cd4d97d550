/*
 * replay.h - what the programs share that redo the pages of a server: its data directory as a backup, a scratch file, its segments.
 */
#ifndef TEST_REPLAY_H
#define TEST_REPLAY_H

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <walparse/redo.h>

#define BLOCK_BYTES 8192
#define BLOCKS_PER_FILE 131072
#define LOG_BLOCKS_PER_FILE 32

static const char *backup; /* NULL: none */
static int scratch = -1;

/* ---- the backup ---------------------------------------------------------------------------- */

static void path_of(const wp_locator *file, uint32_t block, char *path, size_t room)
{
    static const char *const logs[] = { "", "pg_xact", "pg_multixact/offsets",
                                        "pg_multixact/members" };
    const uint32_t part = block / BLOCKS_PER_FILE;
    char suffix[16] = "";
    if (part > 0)
        snprintf(suffix, sizeof suffix, ".%u", part);
    if (file->spc == WP_REDO_LOG_TABLESPACE)
        snprintf(path, room, "%s/%s/%04X", backup, logs[file->rel & 3],
                 block / LOG_BLOCKS_PER_FILE);
    else if (file->spc == 1664)
        snprintf(path, room, "%s/global/%u%s", backup, file->rel, suffix);
    else if (file->spc == 1663)
        snprintf(path, room, "%s/base/%u/%u%s", backup, file->db, file->rel, suffix);
    else /* the tablespace is made after the backup */
        snprintf(path, room, "%s/pg_tblspc/%u", backup, file->spc);
}

/* From 19 on the names of the members' files are longer. */
static void lengthen(char *path)
{
    if (access(path, F_OK) == 0)
        return;
    char *name = strrchr(path, '/') + 1;
    char digits[16];
    snprintf(digits, sizeof digits, "%s", name);
    sprintf(name, "%015lX", strtoul(digits, NULL, 16));
}

static wp_status read_backup(void *context, const wp_locator *file, uint32_t block, uint8_t *page)
{
    static char open_path[512];
    static int fd = -1;
    (void)context;
    char path[512];
    path_of(file, block, path, sizeof path - 16);
    if (file->spc == WP_REDO_LOG_TABLESPACE)
        lengthen(path);
    if (strcmp(path, open_path) != 0) {
        if (fd >= 0)
            close(fd);
        fd = open(path, O_RDONLY);
        memcpy(open_path, path, sizeof open_path);
    }
    const uint32_t per_file =
        file->spc == WP_REDO_LOG_TABLESPACE ? LOG_BLOCKS_PER_FILE : BLOCKS_PER_FILE;
    const off_t at = (off_t)(block % per_file) * BLOCK_BYTES;
    return fd >= 0 && pread(fd, page, BLOCK_BYTES, at) == BLOCK_BYTES ? WP_OK : WP_END;
}

static wp_status write_scratch(void *context, uint64_t slot, const uint8_t *page)
{
    (void)context;
    const off_t at = (off_t)slot * BLOCK_BYTES;
    return pwrite(scratch, page, BLOCK_BYTES, at) == BLOCK_BYTES ? WP_OK : WP_ERR_USAGE;
}

static wp_status read_scratch(void *context, uint64_t slot, uint8_t *page)
{
    (void)context;
    const off_t at = (off_t)slot * BLOCK_BYTES;
    return pread(scratch, page, BLOCK_BYTES, at) == BLOCK_BYTES ? WP_OK : WP_ERR_USAGE;
}

static uint8_t *read_file(const char *path, size_t *len)
{
    struct stat st;
    const int fd = open(path, O_RDONLY);
    if (fd < 0 || fstat(fd, &st) != 0) {
        perror(path);
        exit(2);
    }
    uint8_t *bytes = malloc((size_t)st.st_size);
    *len = 0;
    ssize_t n;
    while ((n = read(fd, bytes + *len, (size_t)st.st_size - *len)) > 0)
        *len += (size_t)n;
    close(fd);
    return bytes;
}

/* ---- the WAL ------------------------------------------------------------------------------- */

/* $REDO_CHECKSUMS: the pages of the backup have checksums. $REDO_MEMORY: bytes of pages to be held, default 64 MB. */
static wp_redo *new_redo(const wp_segment_info *info)
{
    char name[] = "/tmp/redo.XXXXXX";
    scratch = mkstemp(name);
    unlink(name);
    const char *memory = getenv("REDO_MEMORY");
    wp_redo_config config = {
        .profile = info->profile,
        .max_align = info->max_align,
        .block_bytes = BLOCK_BYTES,
        .has_checksums = getenv("REDO_CHECKSUMS") != NULL,
        .memory_bytes = memory ? strtoul(memory, NULL, 10) : (size_t)64 << 20,
        .read_backup = backup ? read_backup : NULL,
        .write_scratch = write_scratch,
        .read_scratch = read_scratch,
    };
    wp_redo *made;
    wp_error err;
    if (wp_redo_new(&config, &made, &err) < 0) {
        puts(err.text);
        exit(2);
    }
    return made;
}

/* Hands all records of the segments to on_record, in LSN order; before the first one begin is told of the server. */
static void read_segments(char **names, size_t n, void (*begin)(const wp_segment_info *info),
                          bool (*on_record)(void *context, const wp_record *record,
                                            wp_facts *facts))
{
    size_t next_len = 0;
    uint8_t *next = read_file(names[0], &next_len);
    for (size_t i = 0; i < n; i++) {
        uint8_t *bytes = next;
        const size_t len = next_len;
        next = i + 1 < n ? read_file(names[i + 1], &next_len) : NULL;

        wp_mapper_config config = { .on_record = on_record };
        wp_error err;
        const wp_status probed = wp_segment_probe((wp_view){ bytes, len }, &config.segment, &err);
        if (probed != WP_OK) {
            puts(probed == WP_END ? "an empty segment" : err.text);
            break;
        }
        if (i == 0)
            begin(&config.segment);
        wp_mapper *mapper;
        wp_facts facts = { 0 };
        if (wp_mapper_new(&config, &mapper, &err) < 0)
            exit(2);
        (void)wp_mapper_feed(mapper, (wp_view){ bytes, len }, &facts, &err);
        if (next && !wp_mapper_is_done(mapper))
            (void)wp_mapper_feed(mapper, (wp_view){ next, next_len }, &facts, &err);
        (void)wp_mapper_finish(mapper, &facts, &err);
        wp_mapper_free(mapper);
        wp_facts_free(&facts);
        free(bytes);
    }
}

#endif
