/* segment_files.c - see segment_files.h. */
#include "archive/segment_files.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "archive/clusters.h"
#include "archive/live_wal.h"
#include "base/message.h"

/* ---- one file ------------------------------------------------------------------------------- */

__attribute__((format(printf, 4, 5))) static void leave_out(segment_file *file,
                                                            segment_files_holds holds,
                                                            segment_tally *tally,
                                                            const char *format, ...)
{
    file->state = SEGMENT_FILE_BAD;
    file->holds = holds;
    va_list args;
    va_start(args, format);
    if (vasprintf(&file->why, format, args) < 0)
        file->why = NULL;
    va_end(args);
    if (tally->n++ == 0)
        (void)snprintf(tally->text, sizeof tally->text, "%s", file->why ? file->why : "");
}

bool segment_files_counts(const segment_file *file)
{
    if (file->state != SEGMENT_FILE_BAD || file->holds == SEGMENT_FILE_HOLDS_OTHER)
        return true;
    return file->holds == SEGMENT_FILE_HOLDS_LEFTOVER && !live_has_file(file->found->path);
}

/* Reads every first page to say which clusters there are. */
static bool fail_clusters(segment_files *s, char *message)
{
    clusters all = { 0 };
    for (size_t i = 0; i < s->nfiles; i++) {
        probe_result got;
        if (!probe_head(&s->prober, s->files[i].found->path, &got, message))
            return false;
        if (got.verdict == PROBE_SEGMENT)
            clusters_add(&all, s->files[i].name.tli, &got.info);
    }
    return s->system_id ? clusters_fail_missing(&all, s->system_id, message)
                        : clusters_fail(&all, message);
}

static void leave_out_other(segment_files *s, segment_file *file, const probe_result *got)
{
    const find_file *found = file->found;
    const bool is_encrypted =
        got->err.status == WP_ERR_NOT_WAL && found->name.is_packed && !got->is_compressed;
    const bool is_waiting = strcmp(got->holds, "it is empty") == 0 && found->name.is_partial;
    leave_out(file, is_waiting ? SEGMENT_FILE_HOLDS_LEFTOVER : SEGMENT_FILE_HOLDS_OTHER, &s->others,
              "\"%s\" is %s: %s%s", found->path,
              got->err.status == WP_ERR_NOT_WAL ? "not a WAL segment" : "WAL that cannot be read",
              got->err.status == WP_ERR_NOT_WAL ? got->holds : got->err.text,
              is_encrypted ? " (and of no known compression: encrypted or damaged?)" : "");
    file->is_empty = is_waiting;
}

/*
 * WAL of a position before: made ready for later, if it can have got there as a server renames its old files. There it
 * may lie in any number, and only its first page is looked at; a .partial file is all looked at.
 */
static bool is_leftover(segment_files *s, const segment_file *file, const wp_segment_info *page,
                        bool *out, char *message)
{
    *out = page->start_lsn < file->start_lsn && page->page_tli <= file->name.tli;
    return !*out || !file->found->name.is_partial
           || probe_is_older(&s->prober, file->found->path, file->start_lsn, page->page_size, out,
                             message);
}

static bool judge_place(segment_files *s, segment_file *file, const wp_segment_info *page,
                        char *message)
{
    char name[WP_SEGMENT_NAME_BYTES];
    if (wp_segment_name_start(&file->name, s->info.segment_size, &file->start_lsn)
        && file->start_lsn == page->start_lsn) {
        file->state = SEGMENT_FILE_GOOD;
        file->page_tli = page->page_tli;
        return true;
    }
    bool is_unused;
    if (!is_leftover(s, file, page, &is_unused, message))
        return false;
    leave_out(file, is_unused ? SEGMENT_FILE_HOLDS_LEFTOVER : SEGMENT_FILE_HOLDS_OTHER,
              &s->misplaced, "\"%s\" holds the WAL of %s (recycled or renamed)", file->found->path,
              wp_segment_name_format(page->page_tli, page->start_lsn, page->segment_size, name));
    return true;
}

/* A page that begins a segment: does it fit the cluster, and the file's name? */
static bool judge_segment(segment_files *s, segment_file *file, const probe_result *got,
                          char *message)
{
    if (s->system_id && got->info.system_identifier != s->system_id) {
        leave_out(file, SEGMENT_FILE_HOLDS_STRANGER, &s->foreign, "\"%s\" is of another cluster",
                  file->found->path);
        file->is_foreign = true;
        return true;
    }
    if (!s->info.profile)
        s->info = got->info;
    if (!clusters_are_same(&s->info, &got->info))
        return fail_clusters(s, message);
    return judge_place(s, file, &got->info, message);
}

/* Zeros are what a server makes in advance, if there is nothing else in the file. */
static bool judge_zeros(segment_files *s, segment_file *file, char *message)
{
    bool is_zero;
    if (!probe_is_zero(&s->prober, file->found->path, &is_zero, message))
        return false;
    leave_out(file, is_zero ? SEGMENT_FILE_HOLDS_LEFTOVER : SEGMENT_FILE_HOLDS_OTHER, &s->unused,
              is_zero ? "\"%s\" holds nothing but zeros" : "\"%s\" begins with zeros",
              file->found->path);
    file->is_zero = is_zero;
    return true;
}

bool segment_files_examine(segment_files *s, segment_file *file, char message[MESSAGE_BYTES])
{
    if (file->state != SEGMENT_FILE_UNSEEN)
        return true;
    probe_result got;
    if (!probe_head(&s->prober, file->found->path, &got, message))
        return false;
    file->is_compressed = got.is_compressed;
    file->is_encrypted = got.is_encrypted;
    switch (got.verdict) {
    case PROBE_SEGMENT:
        return judge_segment(s, file, &got, message);
    case PROBE_UNUSED:
        return judge_zeros(s, file, message);
    case PROBE_OTHER:
        leave_out_other(s, file, &got);
        return true;
    }
    return true;
}

wp_segment_info segment_files_info(const segment_files *s, const segment_file *file)
{
    wp_segment_info info = s->info;
    info.start_lsn = file->start_lsn;
    info.page_tli = file->page_tli;
    return info;
}

/* ---- all files ------------------------------------------------------------------------------ */

/* Gives a file with a name of its own the one it should have. It must be a segment: it was asked for. */
static bool name_file(segment_files *s, segment_file *file, char *message)
{
    probe_result got;
    if (!probe_head(&s->prober, file->found->path, &got, message))
        return false;
    if (got.verdict == PROBE_UNUSED)
        return message_fail(message, "\"%s\" holds nothing but zeros", file->found->path);
    if (got.verdict == PROBE_OTHER)
        return message_fail(message, "\"%s\" is %s: %s", file->found->path,
                            got.err.status == WP_ERR_NOT_WAL ? "not a WAL segment"
                                                             : "WAL that cannot be read",
                            got.err.text);
    const wp_lsn start = got.info.start_lsn;
    file->name = (wp_segment_name){ .tli = got.info.page_tli,
                                    .log = (uint32_t)(start >> 32),
                                    .seg = (uint32_t)start / got.info.segment_size };
    return true;
}

#define ORDER(a, b) ((a) < (b) ? -1 : (a) > (b))

/* Numbers in names rise with the position, whatever the segment size. */
static int by_name(const void *a, const void *b)
{
    const segment_file *const x = a, *const y = b;
    const int orders[] = { ORDER(x->name.tli, y->name.tli), ORDER(x->name.log, y->name.log),
                           ORDER(x->name.seg, y->name.seg),
                           ORDER(x->found->name.is_partial, y->found->name.is_partial),
                           ORDER(x->found->order, y->found->order) };
    for (size_t i = 0; i < sizeof orders / sizeof *orders; i++)
        if (orders[i])
            return orders[i];
    return 0;
}

static bool list_files(segment_files *s, char *message)
{
    s->files = calloc(s->found.nfiles, sizeof *s->files);
    if (!s->files)
        return message_no_memory(message);
    for (; s->nfiles < s->found.nfiles; s->nfiles++) {
        segment_file *file = &s->files[s->nfiles];
        file->found = &s->found.files[s->nfiles];
        file->name = file->found->name.segment;
        file->is_compressed = file->found->name.is_packed;
        if (file->found->name.kind == FILENAME_OTHER && !name_file(s, file, message))
            return false;
    }
    qsort(s->files, s->nfiles, sizeof *s->files, by_name);
    return true;
}

/* Another cluster shows in the first segment of a timeline or of a source. */
static bool examine_firsts(segment_files *s, size_t nsources, char *message)
{
    wp_tli tli = 0; /* of the last good file; they are sorted by it */
    bool *has_source = calloc(nsources, sizeof *has_source);
    bool is_good = true;
    if (!has_source)
        return message_no_memory(message);
    for (size_t i = 0; is_good && i < s->nfiles; i++) {
        segment_file *file = &s->files[i];
        if (!s->system_id && file->name.tli == tli && has_source[file->found->source])
            continue;
        is_good = segment_files_examine(s, file, message);
        if (is_good && file->state == SEGMENT_FILE_GOOD) {
            tli = file->name.tli;
            has_source[file->found->source] = true;
        }
    }
    free(has_source);
    return is_good;
}

/* Positions can be told once the segment size is known. */
static void place_files(segment_files *s)
{
    for (size_t i = 0; i < s->nfiles; i++) {
        segment_file *file = &s->files[i];
        if (wp_segment_name_start(&file->name, s->info.segment_size, &file->start_lsn))
            continue;
        if (file->state == SEGMENT_FILE_BAD)
            file->holds = SEGMENT_FILE_HOLDS_STRANGER;
        else
            leave_out(file, SEGMENT_FILE_HOLDS_STRANGER, &s->others,
                      "\"%s\" is not a name for a segment of %u MB", file->found->path,
                      (unsigned)(s->info.segment_size >> 20));
    }
}

/* The last file of a source that was passed, and whether one of its run showed whose it is. */
typedef struct run_end {
    const segment_file *last;
    bool is_known;
} run_end;

static bool goes_on(const segment_files *s, const segment_file *a, const segment_file *b)
{
    const wp_lsn apart =
        a->start_lsn > b->start_lsn ? a->start_lsn - b->start_lsn : b->start_lsn - a->start_lsn;
    return a->name.tli == b->name.tli && apart <= s->info.segment_size;
}

/* Whose is it? Its state stays as it is: whether it is of use is for whoever reads it to say. */
static bool check_cluster(segment_files *s, const segment_file *file, bool *is_known, char *message)
{
    probe_result got;
    *is_known = file->state == SEGMENT_FILE_GOOD;
    if (*is_known)
        return true;
    if (!probe_head(&s->prober, file->found->path, &got, message))
        return false;
    *is_known = got.verdict == PROBE_SEGMENT;
    return !*is_known || clusters_are_same(&s->info, &got.info) || fail_clusters(s, message);
}

/*
 * Another cluster may begin at timeline 1 again, past where the followed history leaves that one: so the first and the
 * last segment of every run are looked at, on every timeline and in every source.
 */
static bool check_runs(segment_files *s, run_end *sources, bool is_backwards, char *message)
{
    for (size_t i = 0; i < s->nfiles; i++) {
        const segment_file *file = &s->files[is_backwards ? s->nfiles - 1 - i : i];
        run_end *run = &sources[file->found->source];
        if (file->state == SEGMENT_FILE_BAD)
            continue;
        run->is_known &= run->last != NULL && goes_on(s, run->last, file);
        run->last = file;
        if (!run->is_known && !check_cluster(s, file, &run->is_known, message))
            return false;
    }
    return true;
}

static bool check_clusters(segment_files *s, size_t nsources, char *message)
{
    bool is_good = true;
    for (unsigned is_backwards = 0; is_good && is_backwards < 2; is_backwards++) {
        run_end *sources = calloc(nsources, sizeof *sources);
        is_good = sources != NULL ? check_runs(s, sources, is_backwards != 0, message)
                                  : message_no_memory(message);
        free(sources);
    }
    return is_good;
}

static bool fail_nothing_good(segment_files *s, char *message)
{
    if (s->foreign.n)
        return fail_clusters(s, message);
    const segment_tally *worst = s->others.n      ? &s->others
                                 : s->misplaced.n ? &s->misplaced
                                                  : &s->unused;
    return s->nfiles == 1 ? message_fail(message, "%s", worst->text)
                          : message_fail(message, "no usable WAL segment among %zu files: %s",
                                         s->nfiles, worst->text);
}

static bool read_catalogs(segment_files *s, char *message)
{
    for (size_t i = 0; i < s->found.nlayouts; i++)
        if (!archiver_catalog_read(&s->found.layouts[i], &s->prober, &s->catalogue, message))
            return false;
    return true;
}

bool segment_files_open(char *const *sources, size_t nsources, uint64_t system_id,
                        segment_files *out, char message[MESSAGE_BYTES])
{
    *out = (segment_files){ .system_id = system_id };
    if (!find_sources(sources, nsources, &out->found, message) || !read_catalogs(out, message)
        || !list_files(out, message) || !examine_firsts(out, nsources, message))
        return false;
    bool has_good = false;
    for (size_t i = 0; i < out->nfiles; i++)
        has_good |= out->files[i].state == SEGMENT_FILE_GOOD;
    if (!has_good)
        return fail_nothing_good(out, message);
    place_files(out);
    return system_id != 0 || check_clusters(out, nsources, message);
}

void segment_files_free(segment_files *s)
{
    find_free(&s->found);
    archiver_catalog_free(&s->catalogue);
    probe_free(&s->prober);
    for (size_t i = 0; i < s->nfiles; i++)
        free(s->files[i].why);
    free(s->files);
    *s = (segment_files){ 0 };
}
