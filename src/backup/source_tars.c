/*
 * source_tars.c - a base backup that is a base.tar, with the archives of tablespaces (OID.tar) beside it.
 *
 * A plain archive is read where the wanted files lie; its headers are looked at once. A packed one is read through.
 */
#include "backup/source.h"

#include <stdlib.h>
#include <string.h>

#include "backup/backup_tars.h"
#include "base/grow.h"
#include "base/message.h"
#include "file/tar.h"

typedef struct tars_source {
    source base;
    backup_tars tars;
    bool has_map;
    bool *is_listed; /* of each archive: its files are in `files`, and it needs no more reading */
    backup_part *files; /* of plain archives; `file` is the number of the archive in parts */
    size_t nfiles, files_room;
} tars_source;

/* ---- one archive ---------------------------------------------------------------------------- */

static bool unpack(tar *t, const place *at, const reading *r)
{
    backup_part one;
    wp_view got = { 0 };
    if (!parts_scratch_begin(r->parts, at, &one, r->message))
        return false;
    do {
        if (!tar_read_some(t, SIZE_MAX, &got, r->message)
            || !parts_scratch_write(r->parts, &one, got.bytes, got.len, r->message))
            return false;
    } while (got.len > 0);
    return parts_add(r->parts, &one, r->message);
}

static bool take_member(tar *t, const tar_member *m, const place *at, const reading *r)
{
    const backup_file *got;
    switch (source_use_of(r, at)) {
    case SOURCE_SKIP:
        return true;
    case SOURCE_WHOLE:
        got = backup_files_add(r->whole, *at, m->size, m->name);
        return got && tar_read(t, got->bytes, got->len, r->message);
    case SOURCE_PART:
        return unpack(t, at, r);
    case SOURCE_FAILED:
        break;
    }
    return false;
}

static bool list_member(tars_source *s, const tar *t, uint32_t file, const tar_member *m,
                        const place *at, const reading *r)
{
    backup_part *slot;
    if (at->kind != PLACE_RELATION && at->kind != PLACE_INCREMENT && at->kind != PLACE_LOG)
        return true;
    slot = GROW(s->files, s->nfiles, s->files_room);
    if (!slot)
        return message_no_memory(r->message);
    *slot = (backup_part){ .at = *at, .file = file, .offset = tar_at(t), .size = m->size };
    return true;
}

static bool read_members(tars_source *s, size_t n, tar *t, const reading *r)
{
    const char *path = s->tars.paths[n];
    const wp_oid spc = backup_tars_tablespace(path);
    const bool is_plain = !tar_is_packed(t);
    uint32_t file = 0;
    tar_member m;
    tar_step step = TAR_MEMBER;
    if (is_plain && !parts_add_file(r->parts, path, &file, r->message))
        return false;
    while (step == TAR_MEMBER && (step = tar_next(t, &m, r->message)) == TAR_MEMBER) {
        const place at = place_of(m.name + (m.name[0] == '/'), spc);
        const bool is_good = !m.is_file ? true
                             : is_plain && !place_is_small(at.kind)
                                 ? list_member(s, t, file, &m, &at, r)
                                 : take_member(t, &m, &at, r);
        if (!is_good)
            step = TAR_FAILED;
    }
    s->is_listed[n] = is_plain;
    return step == TAR_END
           && (is_plain || tar_is_whole(t)
               || message_fail(r->message, "\"%s\" cannot be unpacked to its end", path));
}

static bool read_tar(tars_source *s, size_t n, const reading *r)
{
    const wp_oid spc = backup_tars_tablespace(s->tars.paths[n]);
    if (s->is_listed[n] || (!r->whole && spc && !wanted_has_tablespace(r->wanted, spc)))
        return true;
    tar *t = tar_open_headers(s->tars.paths[n], r->message);
    const bool is_good = t && read_members(s, n, t, r);
    if (t)
        r->parts->bytes_read += tar_bytes_read(t);
    tar_close(t);
    return is_good;
}

/* ---- the whole ------------------------------------------------------------------------------ */

static bool take_listed(const tars_source *s, const reading *r)
{
    for (size_t i = 0; i < s->nfiles; i++) {
        const backup_part *f = &s->files[i];
        const char *path = r->parts->files[f->file];
        const source_use use = source_use_of(r, &f->at);
        if (use == SOURCE_FAILED || (use == SOURCE_PART && !parts_add(r->parts, f, r->message))
            || (use == SOURCE_WHOLE
                && !source_take_whole(r, &f->at, path, path, f->offset, f->size)))
            return false;
    }
    return true;
}

static bool tars_read(source *base, const reading *r)
{
    tars_source *s = (tars_source *)base;
    for (size_t i = 0; i < s->tars.n; i++)
        if (!read_tar(s, i, r))
            return false;
    return take_listed(s, r);
}

static bool tars_check(const source *base, const backup_files *files)
{
    const tars_source *s = (const tars_source *)base;
    return !s->has_map || backup_tars_check_tablespaces(&s->tars, files);
}

static void tars_free(source *base)
{
    tars_source *s = (tars_source *)base;
    backup_tars_free(&s->tars);
    free(s->is_listed);
    free(s->files);
    free(s->base.folder);
    free(s);
}

source *source_tars_open(const backup_tars *tars, const char *folder, bool has_map,
                         char message[MESSAGE_BYTES])
{
    tars_source *s = calloc(1, sizeof *s);
    if (!s) {
        (void)message_no_memory(message);
        return NULL;
    }
    s->tars = *tars;
    s->base.read = tars_read;
    s->base.check = tars_check;
    s->base.free = tars_free;
    s->base.folder = strdup(folder);
    s->has_map = has_map;
    s->is_listed = calloc(tars->n, sizeof *s->is_listed);
    if (s->base.folder && s->is_listed)
        return &s->base;
    (void)message_no_memory(message);
    s->tars = (backup_tars){ 0 };
    tars_free(&s->base);
    return NULL;
}
