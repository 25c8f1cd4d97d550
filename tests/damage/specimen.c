/* specimen.c - see specimen.h. What it knows of WAL is its own. */
#include "specimen.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#define RECORD_HEADER_BYTES 24u
#define LONG_HEADER_EXTRA 16u
/* Behind the short header: system identifier u64, segment size u32, page size u32. */
#define CONTINUED 0x01u

static _Noreturn void give_up(const char *what, const char *why)
{
    fprintf(stderr, "%s: %s\n", what, why);
    exit(2);
}

static uint32_t get_u32(const uint8_t *at)
{
    return (uint32_t)at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
}

static uint64_t get_u64(const uint8_t *at)
{
    return get_u32(at) | (uint64_t)get_u32(at + 4) << 32;
}

static void unpack(const char *path, blob *out)
{
    static uint8_t buffer[1 << 16];
    gzFile f = gzopen(path, "rb");
    int n;
    while (f && (n = gzread(f, buffer, sizeof buffer)) > 0)
        put_raw(out, buffer, (size_t)n);
    if (!f || gzclose(f) != Z_OK || out->len == 0)
        give_up(path, "cannot be unpacked");
}

static bool is_segment_name(const char *name)
{
    return strspn(name, "0123456789ABCDEF") == 24
           && strchr(name + 24, '.') == strstr(name, ".partial");
}

static int is_packed(const struct dirent *entry)
{
    const size_t len = strlen(entry->d_name);
    return len > 3 && strcmp(entry->d_name + len - 3, ".gz") == 0;
}

static void read_files(specimen *s, const char *folder)
{
    struct dirent **entries = NULL;
    const int n = scandir(folder, &entries, is_packed, alphasort);
    if (n <= 0 || n > SPECIMEN_FILES_MAX)
        give_up(folder, "not so many files");
    for (int i = 0; i < n; i++) {
        specimen_file *f = &s->files[s->nfiles++];
        char path[2048];
        blob content = { 0 };
        (void)snprintf(path, sizeof path, "%s/%s", folder, entries[i]->d_name);
        (void)snprintf(f->name, sizeof f->name, "%.*s", (int)strlen(entries[i]->d_name) - 3,
                       entries[i]->d_name);
        unpack(path, &content);
        f->bytes = content.at;
        f->len = f->used = content.len;
        f->is_segment = is_segment_name(f->name);
        free(entries[i]);
    }
    free(entries);
}

static const specimen_file *first_segment(const specimen *s)
{
    for (size_t i = 0; i < s->nfiles; i++)
        if (s->files[i].is_segment)
            return &s->files[i];
    give_up(s->name, "has no segment");
}

/* A 32-bit server's header is shorter: what stands at either place tells. */
static void learn_geometry(specimen *s)
{
    const specimen_file *f = first_segment(s);
    const uint8_t *at = f->bytes;
    s->align = 8;
    if (get_u32(at + 32) != f->len && get_u32(at + 28) == f->len)
        s->align = 4;
    const size_t more = s->align == 8 ? 24 : 20;
    s->segment_size = get_u32(at + more + 8);
    s->page_size = get_u32(at + more + 12);
    s->start_lsn = get_u64(at + 8);
    if (s->segment_size != f->len || s->page_size < 1024 || s->page_size > 65536)
        give_up(s->name, "has an odd first segment");
}

/* One run of whole segments: each goes on where the one before ends, on the same timeline. */
static bool is_one_run(const specimen *s)
{
    uint64_t next = s->start_lsn;
    for (size_t i = 0; i < s->nfiles; i++) {
        const specimen_file *f = &s->files[i];
        if (!f->is_segment)
            continue;
        if (f->len != s->segment_size || strlen(f->name) != 24 || get_u64(f->bytes + 8) != next
            || strncmp(f->name, first_segment(s)->name, 8) != 0)
            return false;
        next += s->segment_size;
    }
    return true;
}

static void join(specimen *s)
{
    for (size_t i = 0; i < s->nfiles; i++)
        if (s->files[i].is_segment)
            put_raw(&s->wal, s->files[i].bytes, s->files[i].len);
    size_t at = 0;
    for (size_t i = 0; i < s->nfiles; i++) {
        specimen_file *f = &s->files[i];
        if (!f->is_segment)
            continue;
        free(f->bytes);
        f->bytes = s->wal.at + at;
        at += f->len;
    }
}

size_t specimen_header(const specimen *s, size_t at)
{
    const size_t plain = s->align == 8 ? 24 : 20;
    return at % s->segment_size == 0 ? plain + LONG_HEADER_EXTRA : plain;
}

/* ---- records -------------------------------------------------------------------------------- */

/* Calls back with each stretch of a record's bytes. Returns where they end, 0: behind the WAL. */
typedef void stretch(void *context, size_t at, size_t len);
static size_t each_stretch(const specimen *s, size_t at, uint32_t len, stretch *call, void *context)
{
    while (len > 0) {
        if (at % s->page_size == 0)
            at += specimen_header(s, at);
        const size_t room = s->page_size - at % s->page_size;
        const size_t n = len < room ? len : room;
        if (at + n > s->wal.len)
            return 0;
        if (call)
            call(context, at, n);
        at += n;
        len -= (uint32_t)n;
    }
    return at;
}

typedef struct transfer {
    const uint8_t *from;
    uint8_t *to;
    size_t done;
    bool is_out; /* of the WAL */
} transfer;

static void copy_stretch(void *context, size_t at, size_t len)
{
    transfer *t = context;
    if (t->is_out)
        memcpy(t->to + t->done, t->from + at, len);
    else
        memcpy(t->to + at, t->from + t->done, len);
    t->done += len;
}

void specimen_take(const specimen *s, const specimen_record *r, const uint8_t *wal, uint8_t *to)
{
    transfer t = { .from = wal, .to = to, .is_out = true };
    (void)each_stretch(s, r->at, r->len, copy_stretch, &t);
}

void specimen_put(const specimen *s, const specimen_record *r, const uint8_t *from, uint8_t *wal)
{
    transfer t = { .from = from, .to = wal };
    (void)each_stretch(s, r->at, r->len, copy_stretch, &t);
}

static size_t aligned(const specimen *s, size_t at)
{
    return (at + s->align - 1) / s->align * s->align;
}

/* Where the first record that begins in this WAL lies: behind what the first page continues. */
static size_t first_record(const specimen *s)
{
    const size_t head = specimen_header(s, 0);
    if (!(s->wal.at[2] & CONTINUED))
        return head;
    return aligned(s, each_stretch(s, head, get_u32(s->wal.at + 16), NULL, NULL));
}

/* An XLOG_SWITCH record ends its segment: rmgr 0, info 0x40. */
static bool is_switch(const specimen *s, const specimen_record *r)
{
    uint8_t head[RECORD_HEADER_BYTES];
    if (r->len != RECORD_HEADER_BYTES)
        return false;
    specimen_take(s, r, s->wal.at, head);
    return head[17] == 0 && (head[16] & 0xF0) == 0x40;
}

static void add_record(specimen *s, const specimen_record *r)
{
    if (s->nrecords == s->records_room) {
        s->records_room = s->records_room ? s->records_room * 2 : 1024;
        s->records = realloc(s->records, s->records_room * sizeof *s->records);
        if (!s->records)
            give_up(s->name, "out of memory");
    }
    s->records[s->nrecords++] = *r;
}

static void walk(specimen *s)
{
    for (size_t at = first_record(s); at < s->wal.len;) {
        if (at % s->page_size == 0)
            at += specimen_header(s, at);
        if (at + 4 > s->wal.len)
            return;
        specimen_record r = { .at = at, .len = get_u32(s->wal.at + at) };
        r.end = r.len < RECORD_HEADER_BYTES ? 0 : each_stretch(s, at, r.len, NULL, NULL);
        if (r.end == 0)
            return;
        r.end = aligned(s, r.end);
        add_record(s, &r);
        at = is_switch(s, &r) ? (r.end + s->segment_size - 1) / s->segment_size * s->segment_size
                              : r.end;
    }
}

static void note_used(specimen *s)
{
    for (size_t i = 0; i < s->nfiles; i++) {
        specimen_file *f = &s->files[i];
        if (!f->is_segment)
            continue;
        const size_t begin = (size_t)(f->bytes - s->wal.at);
        f->used = 0;
        for (size_t r = 0; r < s->nrecords; r++)
            if (s->records[r].at < begin + f->len && s->records[r].end > begin)
                f->used = s->records[r].end - begin;
        if (f->used > f->len)
            f->used = f->len;
    }
}

/* ---- reading and freeing -------------------------------------------------------------------- */

void specimen_read(specimen *s, const char *folder, const char *name)
{
    char path[1024];
    *s = (specimen){ 0 };
    (void)snprintf(s->name, sizeof s->name, "%s", name);
    (void)snprintf(path, sizeof path, "%s/%s/wal", folder, name);
    read_files(s, path);
    learn_geometry(s);
    if (!is_one_run(s))
        return;
    join(s);
    walk(s);
    note_used(s);
    if (s->nrecords == 0)
        give_up(name, "no record can be read");
}

void specimen_free(specimen *s)
{
    for (size_t i = 0; i < s->nfiles; i++)
        if (!s->files[i].is_segment || s->wal.len == 0)
            free(s->files[i].bytes);
    free(s->records);
    blob_free(&s->wal);
}
