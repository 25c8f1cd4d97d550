/*
 * source_tars.c - a base backup that is a base.tar, with the archives of tablespaces (OID.tar) beside it.
 *
 * Each is read through once, of a plain one the headers alone. Then it is known where files lie: in a plain one they are read there; a packed
 * one is unpacked again as far as the last of them, if there is any.
 */
#include "backup/source.h"

#include <stdlib.h>
#include <string.h>

#include "backup/backup_tars.h"
#include "base/grow.h"
#include "base/message.h"
#include "file/tar.h"

/* What is known of an archive after it was read through. */
typedef struct known {
    bool is_listed, is_packed;
    uint32_t file; /* its number in parts; of a packed one 0 */
} known;

typedef struct tars_source {
    source base;
    backup_tars tars;
    bool has_map;
    known *known;       /* of each archive */
    backup_part *files; /* of all; `file` is the index of the archive */
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

static bool list_member(tars_source *s, size_t n, const tar *t, const tar_member *m,
                        const place *at, const reading *r)
{
    if (at->kind != PLACE_RELATION && at->kind != PLACE_INCREMENT && at->kind != PLACE_LOG)
        return true;
    backup_part *slot = GROW(s->files, s->nfiles, s->files_room);
    if (!slot)
        return message_no_memory(r->message);
    *slot = (backup_part){ .at = *at, .file = (uint32_t)n, .offset = tar_at(t), .size = m->size };
    return true;
}

/* Up to the member whose content begins at `last`, or to the end. */
static bool read_members(tars_source *s, size_t n, tar *t, uint64_t last, const reading *r)
{
    const char *path = s->tars.paths[n];
    const wp_oid spc = backup_tars_tablespace(path);
    const known *k = &s->known[n];
    tar_member m;
    tar_step step = TAR_MEMBER;
    bool is_good = true;
    for (uint64_t at_byte = 0; is_good && at_byte < last;) {
        step = tar_next(t, &m, r->message);
        if (step != TAR_MEMBER)
            break;
        at_byte = tar_at(t);
        const place at = place_of(m.name + (m.name[0] == '/'), spc);
        if (m.is_file && !k->is_listed)
            is_good = list_member(s, n, t, &m, &at, r);
        if (is_good && m.is_file && (k->is_packed || place_is_small(at.kind)))
            is_good = take_member(t, &m, &at, r);
    }
    if (!is_good || step == TAR_FAILED)
        return false;
    return step == TAR_MEMBER || !k->is_packed || tar_is_whole(t)
           || message_fail(r->message, "\"%s\" cannot be unpacked to its end", path);
}

static bool read_tar(tars_source *s, size_t n, uint64_t last, const reading *r)
{
    known *k = &s->known[n];
    tar *t = tar_open_headers(s->tars.paths[n], r->message);
    bool is_good = t;
    if (t && !k->is_listed) {
        k->is_packed = tar_is_packed(t);
        is_good = k->is_packed || parts_add_file(r->parts, s->tars.paths[n], &k->file, r->message);
    }
    is_good = is_good && read_members(s, n, t, last, r);
    k->is_listed |= is_good;
    if (t)
        r->parts->bytes_read += tar_bytes_read(t);
    tar_close(t);
    return is_good;
}

/* ---- the whole ------------------------------------------------------------------------------ */

static bool take_plain(const tars_source *s, const backup_part *f, const reading *r)
{
    backup_part one = *f;
    const char *path = s->tars.paths[f->file];
    one.file = s->known[f->file].file;
    switch (source_use_of(r, &f->at)) {
    case SOURCE_SKIP:
        return true;
    case SOURCE_WHOLE:
        return source_take_whole(r, &f->at, path, path, f->offset, f->size);
    case SOURCE_PART:
        return parts_add(r->parts, &one, r->message);
    case SOURCE_FAILED:
        break;
    }
    return false;
}

/* Where the last one of a packed archive that is of use begins; 0: there is none. */
static uint64_t last_of_use(const tars_source *s, size_t n, const reading *r)
{
    uint64_t last = 0;
    for (size_t i = 0; i < s->nfiles; i++)
        if (s->files[i].file == n && s->files[i].offset > last
            && source_use_of(r, &s->files[i].at) != SOURCE_SKIP)
            last = s->files[i].offset;
    return last;
}

static bool tars_read(source *base, const reading *r)
{
    tars_source *s = (tars_source *)base;
    for (size_t n = 0; n < s->tars.n; n++) {
        const known *k = &s->known[n];
        const uint64_t last = !k->is_listed ? UINT64_MAX : k->is_packed ? last_of_use(s, n, r) : 0;
        if (last > 0 && !read_tar(s, n, last, r))
            return false;
    }
    for (size_t i = 0; i < s->nfiles; i++)
        if (!s->known[s->files[i].file].is_packed && !take_plain(s, &s->files[i], r))
            return false;
    return true;
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
    free(s->known);
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
    s->known = calloc(tars->n, sizeof *s->known);
    if (s->base.folder && s->known)
        return &s->base;
    (void)message_no_memory(message);
    s->tars = (backup_tars){ 0 };
    tars_free(&s->base);
    return NULL;
}
