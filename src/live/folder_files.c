/* folder_files.c - see folder_files.h. */
#include "live/folder_files.h"

#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include "archive/find.h"
#include "base/grow.h"

#define LOOK_MS 1000
/* To list takes no more than one part in so many of the time, unless it is done within so much. */
#define LIST_MS 10
#define LIST_SHARE 8
/* Times of files are coarse. */
#define FRESH_SECONDS 3
/* What leaves the list as it is. */
#define HARMLESS (uint32_t)(IN_MODIFY | IN_CLOSE_WRITE | IN_IGNORED)

int64_t folder_now_ms(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* ---- the list ------------------------------------------------------------------------------- */

static void free_items(folder_file *items, size_t n)
{
    for (size_t i = 0; i < n; i++)
        free(items[i].path);
}

static int rank(const folder_file *file)
{
    return 2 * file->is_partial + file->is_packed;
}

static int by_place(const void *a, const void *b)
{
    const folder_file *const x = a, *const y = b;
    if (x->tli != y->tli)
        return x->tli < y->tli ? -1 : 1;
    if (x->start != y->start)
        return x->start < y->start ? -1 : 1;
    return rank(x) != rank(y) ? rank(x) - rank(y) : strcmp(x->path, y->path);
}

static bool add(folder_file **items, size_t *count, size_t *room, char **path,
                const folder_file *what)
{
    if (!grow_array(items, *count, room, sizeof **items))
        return false;
    folder_file *last = &(*items)[(*count)++];
    *last = *what;
    last->path = *path;
    *path = NULL; /* taken over */
    return true;
}

static bool take_segments(folder_files *f, find_list *found, wp_lsn from)
{
    for (size_t i = 0; i < found->nfiles; i++) {
        find_file *file = &found->files[i];
        folder_file one = { .tli = file->name.segment.tli,
                            .is_partial = file->name.is_partial,
                            .is_packed = file->name.is_packed };
        if (file->name.kind == FILENAME_SEGMENT
            && wp_segment_name_start(&file->name.segment, f->segment_size, &one.start)
            && one.start + f->segment_size > from
            && !add(&f->items, &f->count, &f->room, &file->path, &one))
            return false;
    }
    return true;
}

static bool take_histories(folder_files *f, find_list *found)
{
    for (size_t i = 0; i < found->nhistories; i++) {
        const folder_file one = { .tli = found->histories[i].tli };
        if (!add(&f->histories, &f->nhistories, &f->histories_room, &found->histories[i].path,
                 &one))
            return false;
    }
    return true;
}

/* ---- what is watched ------------------------------------------------------------------------ */

static bool is_path(const folder_watch *one, const char *path, size_t len)
{
    return strncmp(one->path, path, len) == 0 && one->path[len] == '\0';
}

static folder_watch *watch_of(folder_files *f, const char *path, size_t len)
{
    for (size_t i = 0; i < f->nwatches; i++)
        if (is_path(&f->watches[i], path, len))
            return &f->watches[i];
    return NULL;
}

static void begin_watch(folder_files *f, const char *path, size_t len)
{
    folder_watch one = { .is_wanted = true, .id = -1 };
    struct stat st;
    if (f->nwatches == FOLDER_WATCHES_MAX || (one.path = strndup(path, len)) == NULL)
        return;
    if (f->notes >= 0)
        one.id =
            inotify_add_watch(f->notes, one.path,
                              IN_CREATE | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE | IN_MODIFY
                                  | IN_CLOSE_WRITE | IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR);
    if (stat(one.path, &st) == 0)
        one.changed = st.st_mtim;
    f->watches[f->nwatches++] = one;
    f->is_stale = true; /* what came before it was watched is not known */
}

static void watch(folder_files *f, const char *path, size_t len)
{
    folder_watch *one = watch_of(f, path, len);
    if (one != NULL)
        one->is_wanted = true;
    else
        begin_watch(f, path, len);
}

/* The folder of a path, and the one that lies in. */
static void watch_around(folder_files *f, const char *path)
{
    const char *slash = strrchr(path, '/');
    for (int level = 0; level < 2 && slash != NULL && slash > path; level++) {
        watch(f, path, (size_t)(slash - path));
        while (slash > path && *--slash != '/')
            ;
    }
}

static void end_watch(folder_files *f, size_t i)
{
    if (f->watches[i].id >= 0)
        (void)inotify_rm_watch(f->notes, f->watches[i].id);
    free(f->watches[i].path);
    f->watches[i] = f->watches[--f->nwatches];
}

static void end_unwanted(folder_files *f)
{
    for (size_t i = f->nwatches; i > 0; i--)
        if (!f->watches[i - 1].is_wanted)
            end_watch(f, i - 1);
}

static void watch_folders(folder_files *f, const find_list *found)
{
    for (size_t i = 0; i < f->nwatches; i++)
        f->watches[i].is_wanted = false;
    watch(f, f->folder, strlen(f->folder));
    for (size_t i = 0; i < found->nlayouts; i++)
        for (size_t k = 0; k < found->layouts[i].nfolders; k++)
            watch(f, found->layouts[i].folders[k], strlen(found->layouts[i].folders[k]));
    for (size_t i = f->count; i > 0; i--)
        watch_around(f, f->items[i - 1].path);
    for (size_t i = 0; i < f->nhistories; i++)
        watch_around(f, f->histories[i].path);
    end_unwanted(f);
}

/* A folder that has changed just now may change again without another time. */
static bool has_changed(const folder_watch *one)
{
    struct stat st;
    return stat(one->path, &st) != 0 || st.st_mtim.tv_sec != one->changed.tv_sec
           || st.st_mtim.tv_nsec != one->changed.tv_nsec
           || time(NULL) - st.st_mtim.tv_sec < FRESH_SECONDS;
}

/* Before the list is made: what comes meanwhile is then a change. */
static void note_times(folder_files *f)
{
    struct stat st;
    for (size_t i = 0; i < f->nwatches; i++)
        if (stat(f->watches[i].path, &st) == 0)
            f->watches[i].changed = st.st_mtim;
}

/* Takes what inotify has to say; *is_any: something. */
static void drain(folder_files *f, bool *is_any)
{
    _Alignas(struct inotify_event) char buf[16384];
    ssize_t len = 0;
    while (f->notes >= 0 && (len = read(f->notes, buf, sizeof buf)) > 0) {
        *is_any = true;
        for (const char *at = buf; at < buf + len;) {
            const struct inotify_event *event = (const void *)at;
            f->is_stale |= (event->mask & ~HARMLESS) != 0;
            at += sizeof *event + event->len;
        }
    }
}

bool folder_files_has_news(folder_files *f)
{
    bool is_any = false;
    const int64_t now = folder_now_ms();
    drain(f, &is_any);
    if (now - f->looked_ms < LOOK_MS)
        return is_any;
    f->looked_ms = now;
    for (size_t i = 0; !f->is_stale && i < f->nwatches; i++)
        f->is_stale = has_changed(&f->watches[i]);
    return true;
}

/* ---- listing -------------------------------------------------------------------------------- */

void folder_files_open(folder_files *f, char *folder, uint32_t segment_size)
{
    *f = (folder_files){ .folder = folder,
                         .segment_size = segment_size,
                         .notes = inotify_init1(IN_NONBLOCK | IN_CLOEXEC),
                         .is_stale = true };
}

static void forget_list(folder_files *f)
{
    free_items(f->items, f->count);
    free_items(f->histories, f->nhistories);
    f->count = f->nhistories = 0;
}

void folder_files_close(folder_files *f)
{
    forget_list(f);
    for (size_t i = f->nwatches; i > 0; i--)
        end_watch(f, i - 1);
    if (f->notes >= 0)
        (void)close(f->notes);
    free(f->items);
    free(f->histories);
    *f = (folder_files){ .notes = -1 };
}

bool folder_files_refresh(folder_files *f, wp_lsn from, char message[MESSAGE_BYTES])
{
    const int64_t began = folder_now_ms();
    find_list found;
    const bool is_costly = f->took_ms > LIST_MS;
    if (!f->is_stale || (is_costly && began - f->listed_ms < f->took_ms * LIST_SHARE))
        return true;
    note_times(f);
    f->is_stale = false;
    if (!find_sources(&f->folder, 1, &found, message)) {
        find_free(&found);
        f->is_stale = true;
        return false;
    }
    forget_list(f);
    const bool is_good = take_segments(f, &found, from) && take_histories(f, &found);
    qsort(f->items, f->count, sizeof *f->items, by_place);
    watch_folders(f, &found);
    find_free(&found);
    f->listed_ms = folder_now_ms();
    f->took_ms = f->listed_ms - began;
    return is_good || message_no_memory(message);
}

const folder_file *folder_files_after(const folder_files *f, wp_tli tli, wp_lsn lsn)
{
    for (size_t i = 0; i < f->count; i++)
        if (f->items[i].tli == tli && f->items[i].start > lsn)
            return &f->items[i];
    return NULL;
}

const folder_file *folder_files_find(const folder_files *f, wp_tli tli, wp_lsn start, size_t *n)
{
    size_t i = 0;
    while (i < f->count && !(f->items[i].tli == tli && f->items[i].start == start))
        i++;
    const size_t first = i;
    while (i < f->count && f->items[i].tli == tli && f->items[i].start == start)
        i++;
    *n = i - first;
    return *n > 0 ? &f->items[first] : NULL;
}
