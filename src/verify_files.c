/*
 * verify_files.c - the files beside those that are read: copies of a segment, what is only named like one, and what
 * has another name altogether. See verify.h.
 */
#include "verify.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "filename.h"
#include "grow.h"
#include "input.h"
#include "message.h"
#include "shelf.h"

/* So many names of one kind are listed. */
#define NAMES_MAX 5

typedef struct files {
    verification *v;
    shelf shelf;
    input *inputs[2]; /* for comparing */
    size_t nequal;    /* copies that are equal */
    size_t nunused;
    size_t nrecycled;
    char first_recycled[256];
    char *message;
} files;

/* ---- copies --------------------------------------------------------------------------------- */

/* The bytes of one file, handed out in pieces of whatever length the other's has. */
typedef struct stream {
    input *in;
    wp_view rest;
} stream;

static bool fill(stream *s, char *message)
{
    return s->rest.len > 0 || input_read(s->in, &s->rest, message);
}

static bool compare_streams(stream *a, stream *b, bool *are_equal, char *message)
{
    *are_equal = true;
    while (*are_equal) {
        if (!fill(a, message) || !fill(b, message))
            return false;
        const size_t n = a->rest.len < b->rest.len ? a->rest.len : b->rest.len;
        if (n == 0)
            break;
        *are_equal = memcmp(a->rest.bytes, b->rest.bytes, n) == 0;
        a->rest = (wp_view){ a->rest.bytes + n, a->rest.len - n };
        b->rest = (wp_view){ b->rest.bytes + n, b->rest.len - n };
    }
    *are_equal = *are_equal && a->rest.len == b->rest.len;
    return true;
}

/* Unpacked, from the first byte to the last. */
static bool compare(files *f, const char *a, const char *b, bool *are_equal)
{
    f->inputs[0] = input_open(a, f->inputs[0], f->message);
    if (f->inputs[0] == NULL)
        return false;
    f->inputs[1] = input_open(b, f->inputs[1], f->message);
    if (f->inputs[1] == NULL)
        return false;
    stream streams[2] = { { .in = f->inputs[0] }, { .in = f->inputs[1] } };
    const bool is_good = compare_streams(&streams[0], &streams[1], are_equal, f->message);
    (void)input_recycle(f->inputs[0]);
    (void)input_recycle(f->inputs[1]);
    return is_good;
}

static bool is_same_file(const char *a, const char *b)
{
    struct stat x, y;
    return stat(a, &x) == 0 && stat(b, &y) == 0 && x.st_dev == y.st_dev && x.st_ino == y.st_ino;
}

static bool are_copies(const shelf_file *a, const shelf_file *b)
{
    return a->state == SHELF_GOOD && b->state == SHELF_GOOD && a->name.tli == b->name.tli
           && a->start_lsn == b->start_lsn
           && a->found->name.is_partial == b->found->name.is_partial;
}

static bool check_copy(files *f, const shelf_file *first, const shelf_file *copy)
{
    const char *a = first->found->path, *b = copy->found->path;
    char name[WP_SEGMENT_NAME_BYTES], line[900];
    bool are_equal = true;
    if (is_same_file(a, b))
        return true;
    if (!compare(f, a, b, &are_equal))
        return false;
    f->nequal += are_equal;
    if (are_equal)
        return true;
    (void)snprintf(
        line, sizeof line, "%s%s is there twice, with different content: \"%.400s\" and \"%.400s\"",
        wp_segment_name_format(first->name.tli, first->start_lsn, f->v->info.segment_size, name),
        first->found->name.is_partial ? ".partial" : "", a, b);
    const verify_problem problem = { .kind = VERIFY_CONFLICT,
                                     .tli = first->name.tli,
                                     .from = first->start_lsn,
                                     .until = first->start_lsn + f->v->info.segment_size };
    return verify_add_problem(f->v, &problem, b, line) || message_no_memory(f->message);
}

/* Files are sorted so that copies are neighbours, but for bad ones between them. */
static bool check_copies(files *f)
{
    const shelf_file *first = NULL;
    for (size_t i = 0; i < f->shelf.nfiles; i++) {
        const shelf_file *file = &f->shelf.files[i];
        if (file->state != SHELF_GOOD)
            continue;
        if (first == NULL || !are_copies(first, file))
            first = file;
        else if (!check_copy(f, first, file))
            return false;
    }
    return true;
}

/* ---- files that are only named like segments ------------------------------------------------ */

/* Servers rename old segments for later use, in their own folder only. */
static bool is_in_server_folder(const char *path)
{
    const char *base = filename_base(path);
    const size_t len = base > path ? (size_t)(base - path) - 1 : 0;
    for (size_t i = 0; i < 2; i++) {
        const char *name = i == 0 ? "pg_wal" : "pg_xlog";
        const size_t n = strlen(name);
        if (len >= n && strncmp(path + len - n, name, n) == 0
            && (len == n || path[len - n - 1] == '/'))
            return true;
    }
    return false;
}

static bool add_file_problem(files *f, const shelf_file *file, const char *what)
{
    const verify_problem problem = { .kind = VERIFY_FILE,
                                     .tli = file->name.tli,
                                     .from = file->start_lsn };
    char line[900];
    (void)snprintf(line, sizeof line, "\"%.400s\" %.450s", file->found->path, what);
    return verify_add_problem(f->v, &problem, file->found->path, line)
           || message_no_memory(f->message);
}

static bool check_bad(files *f, const shelf_file *file)
{
    probe_result got;
    char name[WP_SEGMENT_NAME_BYTES], what[480];
    if (!probe_head(&f->shelf.prober, file->found->path, &got, f->message))
        return false;
    if (got.verdict == PROBE_UNUSED) {
        f->nunused++;
        return true;
    }
    if (got.verdict == PROBE_OTHER) {
        (void)snprintf(what, sizeof what, "is no WAL segment: %s", got.err.text);
        return add_file_problem(f, file, what);
    }
    if (is_in_server_folder(file->found->path)) {
        if (f->nrecycled++ == 0)
            (void)snprintf(f->first_recycled, sizeof f->first_recycled, "%s", file->found->path);
        return true;
    }
    (void)wp_segment_name_format(got.info.page_tli, got.info.start_lsn, got.info.segment_size,
                                 name);
    (void)snprintf(what, sizeof what, "holds the WAL of %s (recycled or renamed)", name);
    return add_file_problem(f, file, what);
}

static bool check_heads(files *f)
{
    for (size_t i = 0; i < f->shelf.nfiles; i++) {
        shelf_file *file = &f->shelf.files[i];
        if (!shelf_examine(&f->shelf, file, f->message)
            || (file->state == SHELF_BAD && !check_bad(f, file)))
            return false;
    }
    return true;
}

/* ---- files with other names ----------------------------------------------------------------- */

static bool is_stranger(const char *folder, const struct dirent *entry)
{
    struct stat st;
    char path[4096];
    if (entry->d_name[0] == '.' || filename_parse(entry->d_name).kind != FILENAME_OTHER)
        return false;
    const int len = snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
    return len > 0 && (size_t)len < sizeof path && stat(path, &st) == 0 && S_ISREG(st.st_mode);
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static void note_strangers(files *f, const char *folder)
{
    DIR *dir = opendir(folder);
    text_list names = { 0 };
    text line = { 0 };
    if (dir == NULL)
        return;
    for (const struct dirent *entry; (entry = readdir(dir)) != NULL;)
        if (is_stranger(folder, entry))
            text_list_addf(&names, "%s", entry->d_name);
    closedir(dir);
    if (names.count > 0)
        qsort(names.items, names.count, sizeof *names.items, by_name);
    for (size_t i = 0; i < names.count && i < NAMES_MAX; i++)
        text_addf(&line, "%s%s", i > 0 ? ", " : "", names.items[i]);
    if (names.count > NAMES_MAX)
        text_addf(&line, " and %zu more", names.count - NAMES_MAX);
    if (names.count > 0)
        text_list_addf(&f->v->notes, "no WAL by their names, in \"%s\": %s", folder,
                       text_chars(&line));
    text_free(&line);
    text_list_free(&names);
}

/* ---- all of them ---------------------------------------------------------------------------- */

static size_t count_given(const verification *v)
{
    size_t n = 0;
    for (size_t i = 0; i < v->nbackups; i++)
        n += v->backups[i].is_given;
    return n;
}

static void add_notes(files *f)
{
    text_list *notes = &f->v->notes;
    const size_t unread = f->shelf.found.nbackups - (f->v->nbackups - count_given(f->v));
    if (unread > 0)
        text_list_addf(notes, "%zu .backup file%s that cannot be read", unread,
                       unread == 1 ? "" : "s");
    if (f->nequal > 0)
        text_list_addf(notes, "%zu cop%s of a segment that is there already, equal to it",
                       f->nequal, f->nequal == 1 ? "y" : "ies");
    if (f->nunused > 0)
        text_list_addf(notes, "%zu file%s of nothing but zeros, made in advance", f->nunused,
                       f->nunused == 1 ? "" : "s");
    if (f->nrecycled > 0)
        text_list_addf(notes, "%zu recycled file%s, made ready for later: \"%s\"%s", f->nrecycled,
                       f->nrecycled == 1 ? "" : "s", f->first_recycled,
                       f->nrecycled == 1 ? "" : " and others");
    for (size_t i = 0; i < f->shelf.found.ndirectories; i++)
        note_strangers(f, f->shelf.found.directories[i]);
}

bool verify_files(verification *v, char message[MESSAGE_BYTES])
{
    files f = { .v = v, .message = message };
    const bool is_good = shelf_open(v->options->sources, v->options->nsources, &f.shelf, message)
                         && check_heads(&f) && check_copies(&f);
    if (is_good)
        add_notes(&f);
    input_free(f.inputs[0]);
    input_free(f.inputs[1]);
    shelf_free(&f.shelf);
    return is_good;
}
