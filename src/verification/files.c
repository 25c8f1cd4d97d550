/*
 * files.c - the files beside those that are read: copies of a segment, what is only named like one, and what
 * has another name altogether. See verification.h.
 */
#include "verification/verification.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "archive/name_sums.h"
#include "archive/copies.h"
#include "file/filename.h"
#include "base/grow.h"
#include "archive/timeline_history.h"
#include "archive/live_wal.h"
#include "base/message.h"
#include "archive/segment_files.h"

/* So many names of one kind are listed. */
#define NAMES_MAX 5

typedef struct files {
    verification *v;
    segment_files segment_files;
    copies copies;
    size_t nequal; /* copies that are equal */
    size_t nunused, nempty;
    size_t nforeign; /* of another cluster than --system-id */
    size_t nrecycled;
    char first_recycled[256];
    char *message;
} files;

/* ---- copies --------------------------------------------------------------------------------- */

static bool are_copies(const segment_file *a, const segment_file *b)
{
    return a->state == SEGMENT_FILE_GOOD && b->state == SEGMENT_FILE_GOOD
           && a->name.tli == b->name.tli && a->start_lsn == b->start_lsn
           && a->found->name.is_partial == b->found->name.is_partial;
}

static bool check_copy(files *f, const segment_file *first, const segment_file *copy)
{
    const char *a = first->found->path, *b = copy->found->path;
    char name[WP_SEGMENT_NAME_BYTES], line[900];
    copies_verdict verdict;
    if (copies_is_same_file(a, b))
        return true;
    const copies_rules rules = { .segment_size = f->v->info.segment_size,
                                 .may_end = first->found->name.is_partial };
    if (!copies_compare(&f->copies, a, b, &rules, &verdict, f->message))
        return false;
    f->nequal += verdict == COPIES_ALIKE;
    if (verdict == COPIES_ALIKE)
        return true;
    const bool is_second_cut = verdict == COPIES_SECOND_CUT;
    const char *between = verdict == COPIES_DIFFER ? "and" : "is an incomplete copy of";
    (void)snprintf(
        line, sizeof line, "%s%s is there twice, with different content: \"%.400s\" %s \"%.400s\"",
        wp_segment_name_format(first->name.tli, first->start_lsn, f->v->info.segment_size, name),
        first->found->name.is_partial ? ".partial" : "", is_second_cut ? b : a, between,
        is_second_cut ? a : b);
    const verify_problem problem = { .kind = VERIFY_CONFLICT,
                                     .tli = first->name.tli,
                                     .from = first->start_lsn,
                                     .until = first->start_lsn + f->v->info.segment_size };
    return verify_add_problem(f->v, &problem, b, line) || message_no_memory(f->message);
}

static bool add_history_conflict(void *context, const find_history *first,
                                 const find_history *other)
{
    files *f = context;
    char line[900];
    (void)snprintf(line, sizeof line,
                   "%08X.history is there twice, with different content: \"%.400s\" and \"%.400s\"",
                   (unsigned)first->tli, first->path, other->path);
    const verify_problem problem = { .kind = VERIFY_CONFLICT, .tli = first->tli };
    return verify_add_problem(f->v, &problem, other->path, line) || message_no_memory(f->message);
}

/* Files are sorted so that copies are neighbours, but for bad ones between them. */
static bool check_copies(files *f)
{
    const segment_file *first = NULL;
    for (size_t i = 0; i < f->segment_files.nfiles; i++) {
        const segment_file *file = &f->segment_files.files[i];
        if (file->state != SEGMENT_FILE_GOOD)
            continue;
        if (first == NULL || !are_copies(first, file))
            first = file;
        else if (!check_copy(f, first, file))
            return false;
    }
    return true;
}

/* ---- files that are only named like segments ------------------------------------------------ */

static bool add_file_problem(files *f, const segment_file *file, const char *what)
{
    const verify_problem problem = { .kind = VERIFY_FILE,
                                     .tli = file->name.tli,
                                     .from = file->start_lsn };
    char line[900];
    (void)snprintf(line, sizeof line, "\"%.400s\" %.450s", file->found->path, what);
    return verify_add_problem(f->v, &problem, file->found->path, line)
           || message_no_memory(f->message);
}

/* Does its timeline have WAL before it, and none after it? The order of segment_files is that of the positions. */
static bool is_after_the_end(const files *f, const segment_file *file)
{
    bool is_after = false;
    for (size_t i = 0; i < f->segment_files.nfiles; i++) {
        const segment_file *other = &f->segment_files.files[i];
        if (other->name.tli == file->name.tli && other->state == SEGMENT_FILE_GOOD)
            is_after = other->start_lsn < file->start_lsn;
    }
    return is_after;
}

static bool is_told(const files *f, const segment_file *file)
{
    for (size_t i = 0; i < f->v->nproblems; i++)
        if (f->v->problems[i].path && strcmp(f->v->problems[i].path, file->found->path) == 0)
            return true;
    return false;
}

/* What a server made ready for later is no fault, where it looks like that. */
static bool check_leftover(files *f, const segment_file *file)
{
    if (!is_after_the_end(f, file) && !live_has_file(file->found->path))
        return is_told(f, file)
               || add_file_problem(f, file, "is where WAL should be, and holds none");
    if (is_told(f, file))
        return true;
    f->nempty += file->is_empty;
    f->nunused += file->is_zero;
    if (!file->is_empty && !file->is_zero && f->nrecycled++ == 0)
        (void)snprintf(f->first_recycled, sizeof f->first_recycled, "%s", file->found->path);
    return true;
}

static bool check_bad(files *f, const segment_file *file)
{
    probe_result got;
    char name[WP_SEGMENT_NAME_BYTES], what[480];
    f->nforeign += file->is_foreign;
    if (file->is_foreign)
        return true;
    if (file->holds == SEGMENT_FILE_HOLDS_LEFTOVER)
        return check_leftover(f, file);
    if (!probe_head(&f->segment_files.prober, file->found->path, &got, f->message))
        return false;
    if (got.verdict == PROBE_SEGMENT) {
        (void)wp_segment_name_format(got.info.page_tli, got.info.start_lsn, got.info.segment_size,
                                     name);
        (void)snprintf(what, sizeof what, "holds the WAL of %s (recycled or renamed)", name);
    } else {
        (void)snprintf(what, sizeof what, "is not a WAL segment: %s", got.holds);
    }
    return add_file_problem(f, file, what);
}

static bool check_heads(files *f)
{
    for (size_t i = 0; i < f->segment_files.nfiles; i++) {
        segment_file *file = &f->segment_files.files[i];
        if (!segment_files_examine(&f->segment_files, file, f->message)
            || (file->state == SEGMENT_FILE_BAD && !check_bad(f, file)))
            return false;
    }
    return true;
}

/* ---- .backup and .history files ------------------------------------------------------------- */

static bool add_text_problem(files *f, const char *path, const char *what, const char *why)
{
    const verify_problem problem = { .kind = VERIFY_FILE,
                                     .tli = filename_parse(filename_base(path)).segment.tli };
    char line[900];
    (void)snprintf(line, sizeof line, "\"%.400s\" is not a %s: %.300s", path, what, why);
    return verify_add_problem(f->v, &problem, path, line) || message_no_memory(f->message);
}

static bool check_backup(files *f, const char *path)
{
    uint8_t bytes[BACKUP_FILE_BYTES_MAX];
    size_t len;
    bool is_damaged;
    char why[MESSAGE_BYTES];
    wp_backup_label label;
    wp_error err;
    if (!probe_bytes(&f->segment_files.prober, path, bytes, sizeof bytes, &len, &is_damaged, why))
        return add_text_problem(f, path, "backup history file", why);
    if (wp_backup_label_parse((wp_view){ bytes, len }, &label, &err) < 0)
        return add_text_problem(f, path, "backup history file", err.text);
    /* Its second line, after which only what people read follows. */
    return label.stop_lsn != 0
           || add_text_problem(f, path, "whole backup history file", "it has no STOP WAL LOCATION");
}

static bool add_bad_history(void *context, const find_history *file, const char *why,
                            const find_history *used)
{
    (void)used;
    return add_text_problem(context, file->path, "timeline history", why);
}

static bool check_texts(files *f)
{
    for (size_t i = 0; i < f->segment_files.found.nbackups; i++)
        if (!check_backup(f, f->segment_files.found.backups[i]))
            return false;
    return timeline_history_each_unreadable(&f->segment_files, add_bad_history, f);
}

/* ---- checksums in names --------------------------------------------------------------------- */

static bool add_sum_problem(files *f, const segment_file *file)
{
    const verify_problem problem = { .kind = VERIFY_CHECKSUM,
                                     .tli = file->name.tli,
                                     .from = file->start_lsn,
                                     .until = file->start_lsn + f->v->info.segment_size };
    char line[900];
    (void)snprintf(line, sizeof line,
                   "the SHA-1 of what is in \"%.400s\" is not the one in its name",
                   file->found->path);
    return verify_add_problem(f->v, &problem, file->found->path, line)
           || message_no_memory(f->message);
}

/* pgBackRest's names have the SHA-1 of what is in the file, unpacked. */
static bool check_sums(files *f)
{
    sum_list list = { 0 };
    bool is_good = true;
    for (size_t i = 0; is_good && i < f->segment_files.nfiles; i++)
        if (f->segment_files.files[i].state == SEGMENT_FILE_GOOD)
            is_good = sums_add(&list, f->segment_files.files[i].found->path, i)
                      || message_no_memory(f->message);
    is_good = is_good && sums_check(&list, f->v->input.jobs, f->message);
    for (size_t i = 0; is_good && i < list.count; i++)
        if (list.items[i].is_wrong)
            is_good = add_sum_problem(f, &f->segment_files.files[list.items[i].tag]);
    if (list.count > 0 && !sums_are_built_in())
        text_list_addf(
            &f->v->notes,
            "the checksums in the names of %zu file%s were not looked at: this program was "
            "built without libcrypto",
            list.count, list.count == 1 ? "" : "s");
    sums_free(&list);
    return is_good;
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

static void add_notes(files *f)
{
    text_list *notes = &f->v->notes;
    const find_list *found = &f->segment_files.found;
    if (found->complaint[0] != '\0')
        text_list_addf(notes, "%s", found->complaint);
    for (size_t i = 0; i < found->nnotes; i++)
        text_list_addf(notes, "%s", found->notes[i]);
    if (found->nunsaid > 0)
        text_list_addf(notes, "%zu more like that about the sources", found->nunsaid);
    if (f->nequal > 0)
        text_list_addf(notes, "%zu cop%s of a segment that is there already, equal to it",
                       f->nequal, f->nequal == 1 ? "y" : "ies");
    if (f->nforeign > 0)
        text_list_addf(notes, "%zu segment%s of other clusters, left out", f->nforeign,
                       f->nforeign == 1 ? "" : "s");
    if (f->nunused > 0)
        text_list_addf(notes, "%zu file%s of nothing but zeros, made in advance", f->nunused,
                       f->nunused == 1 ? "" : "s");
    if (f->nempty > 0)
        text_list_addf(notes, "%zu empty .partial file%s, made in advance", f->nempty,
                       f->nempty == 1 ? "" : "s");
    if (f->nrecycled > 0)
        text_list_addf(notes, "%zu recycled file%s, made ready for later: \"%s\"%s", f->nrecycled,
                       f->nrecycled == 1 ? "" : "s", f->first_recycled,
                       f->nrecycled == 1 ? "" : " and others");
    for (size_t i = 0; i < f->segment_files.found.ndirectories; i++)
        note_strangers(f, f->segment_files.found.directories[i]);
}

bool verify_files(verification *v, char message[MESSAGE_BYTES])
{
    files f = { .v = v, .message = message };
    const bool is_good =
        segment_files_open(v->input.sources, v->input.nsources, v->input.system_id,
                           &f.segment_files, message)
        && check_heads(&f) && check_copies(&f)
        && timeline_history_each_conflict(&f.segment_files, add_history_conflict, &f, message)
        && check_texts(&f) && check_sums(&f);
    if (is_good)
        add_notes(&f);
    copies_free(&f.copies);
    segment_files_free(&f.segment_files);
    return is_good;
}
