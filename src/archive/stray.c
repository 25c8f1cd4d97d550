/* stray.c - see stray.h. */
#include "archive/stray.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "file/filename.h"
#include "base/message.h"
#include "file/probe.h"

#define ENTRIES_MAX 100000 /* of one folder */

#define HEX "0123456789ABCDEFabcdef"
#define LOW_TIMELINE "00000"
#define LETTERS_BESIDE_MAX 7 /* fewer than make the digits of a checksum */

/* ---- names ---------------------------------------------------------------------------------- */

/* Where 24 digits begin, in a run of a few more: letters of words before or after them are digits, too. NULL: nowhere. */
static const char *begin_of_digits(const char *run, size_t len)
{
    if (len < WP_SEGMENT_NAME_CHARS || len > WP_SEGMENT_NAME_CHARS + LETTERS_BESIDE_MAX)
        return NULL;
    if (len == WP_SEGMENT_NAME_CHARS)
        return run;
    const char *at = strstr(run, LOW_TIMELINE);
    return at != NULL && (size_t)(at - run) + WP_SEGMENT_NAME_CHARS <= len ? at : NULL;
}

static bool find_digits(const char *base, wp_segment_name *out)
{
    for (const char *run = base; (run = strpbrk(run, HEX)) != NULL;) {
        const size_t len = strspn(run, HEX);
        const char *at = begin_of_digits(run, len);
        char name[WP_SEGMENT_NAME_CHARS + 1] = "";
        for (size_t i = 0; at != NULL && i < WP_SEGMENT_NAME_CHARS; i++)
            name[i] = (char)(at[i] >= 'a' ? at[i] - 'a' + 'A' : at[i]);
        if (at != NULL)
            return wp_segment_name_parse(name, out);
        run += len;
    }
    return false;
}

static bool ends_with(const char *base, const char *suffix)
{
    const size_t len = strlen(base), n = strlen(suffix);
    return len >= n && strcmp(base + len - n, suffix) == 0;
}

/* As archivers, rsync and editors name what they have not finished. */
static bool is_temporary(const char *base)
{
    return ends_with(base, ".tmp") || ends_with(base, ".temp") || ends_with(base, ".part")
           || base[0] == '.';
}

static int compare(const wp_segment_name *a, const wp_segment_name *b)
{
    if (a->log != b->log)
        return a->log < b->log ? -1 : 1;
    return (a->seg > b->seg) - (a->seg < b->seg);
}

/* ---- the list ------------------------------------------------------------------------------- */

static stray *free_place(strays *list, const wp_segment_name *name)
{
    if (list->count < STRAYS_MAX)
        return &list->items[list->count++];
    stray *lowest = &list->items[0];
    for (size_t i = 1; i < STRAYS_MAX; i++)
        if (compare(&list->items[i].name, &lowest->name) < 0)
            lowest = &list->items[i];
    if (compare(name, &lowest->name) <= 0)
        return NULL;
    free(lowest->path);
    return lowest;
}

static bool add(strays *list, const char *folder, const char *base, bool is_below)
{
    stray one = { .is_below = is_below, .is_passing = is_temporary(base) };
    struct stat st;
    if (!find_digits(base, &one.name))
        return true;
    if (asprintf(&one.path, "%s/%s", folder, base) < 0)
        return false;
    const bool is_file = stat(one.path, &st) == 0 && S_ISREG(st.st_mode) && st.st_size > 0;
    stray *place = is_file ? free_place(list, &one.name) : NULL;
    if (place != NULL)
        *place = one;
    else
        free(one.path);
    return true;
}

bool strays_add(strays *list, const char *folder, const char *base)
{
    return add(list, folder, base, false);
}

bool strays_look_into(strays *list, const char *folder)
{
    DIR *dir = opendir(folder);
    if (dir == NULL)
        return true;
    bool is_good = true;
    size_t n = 0;
    for (const struct dirent *entry; is_good && n < ENTRIES_MAX && (entry = readdir(dir)); n++) {
        const filename_kind kind = filename_parse(entry->d_name).kind;
        if (kind == FILENAME_SEGMENT || kind == FILENAME_OTHER)
            is_good = add(list, folder, entry->d_name, true);
    }
    (void)closedir(dir);
    return is_good;
}

/* ---- judging -------------------------------------------------------------------------------- */

/* What cannot be read as a segment may be one that is packed in a way of its own. */
static bool is_foreign(prober *p, const stray *one, uint64_t system_identifier)
{
    probe_result got;
    char ignored[MESSAGE_BYTES];
    return probe_head(p, one->path, &got, ignored) && got.verdict == PROBE_SEGMENT
           && got.info.system_identifier != system_identifier;
}

const stray *strays_after(const strays *list, const wp_segment_name *last,
                          uint64_t system_identifier)
{
    prober p = { 0 };
    const stray *found = NULL;
    for (size_t i = 0; i < list->count; i++) {
        const stray *one = &list->items[i];
        if (one->name.tli < last->tli || compare(&one->name, last) <= 0
            || (found != NULL && found->is_passing <= one->is_passing
                && (found->is_passing < one->is_passing || compare(&found->name, &one->name) <= 0))
            || is_foreign(&p, one, system_identifier))
            continue;
        found = one;
    }
    probe_free(&p);
    return found;
}

void strays_free(strays *list)
{
    for (size_t i = 0; i < list->count; i++)
        free(list->items[i].path);
    list->count = 0;
}
