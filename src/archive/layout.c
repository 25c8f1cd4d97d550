/*
 * layout.c - see layout.h.
 *
 * A pattern is a path of a few components, each as fnmatch(3) has it, or @ alone for the name of the home;
 * what ends in / is a folder. So no walk goes deeper than its pattern.
 */
#include "archive/layout.h"

#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <fnmatch.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "file/filename.h"
#include "base/grow.h"
#include "base/message.h"
#include "base/text.h"

#define DIGITS2 "[0-9][0-9]"
#define DIGITS6 DIGITS2 DIGITS2 DIGITS2
#define DIGITS8 DIGITS6 DIGITS2
#define HEX2 "[0-9A-F][0-9A-F]"
#define HEX8 HEX2 HEX2 HEX2 HEX2
#define LOG_FOLDER HEX8 HEX8 /* timeline and high half of the position */
#define PATTERN_BYTES 256
#define HOMES_MAX 4
#define FOLDERS_MAX 5
#define CATALOG_MAX 4
/* A SOURCE may lie so deep inside a home. */
#define LEVELS_UP_MAX 2

typedef struct layout_row {
    const char *title;
    const char *unit;             /* what a home is; NULL: it has no name */
    const char *homes[HOMES_MAX]; /* from SOURCE down; the first that leads to any counts */
    const char *marks[2];         /* of a home: of each, one of several (blanks between) is there */
    const char *wal[FOLDERS_MAX]; /* folders below the home */
    const char *catalog[CATALOG_MAX]; /* files: archiver_catalog.c */
    unsigned root_up;                 /* the root is so many levels above the home */
    const char *restore; /* forms: @ stands for the root, # for the name, ! for `cipher` ... */
    const char *cipher;  /* what it takes more where the WAL is encrypted */
    const char *use; /* ... and here @ for a backup's id: how the archiver is told to restore it */
} layout_row;

// clang-format off
static const layout_row rows[LAYOUTS] = {
    [LAYOUT_PLAIN] = { .title = "folder of WAL" },
    [LAYOUT_PGBACKREST] = {
        .title = "pgBackRest repository", .unit = "stanza",
        .homes = { "", "*/", "archive/*/" },
        .marks = { "archive.info archive.info.copy" },
        .wal = { "*-*", "*-*/" LOG_FOLDER },
        .catalog = { "archive.info*", "../../backup/@/backup.info*" },
        .root_up = 2,
        .restore = "pgbackrest --stanza=\"#\" --repo1-path=\"@\" --pg1-path=\"$PWD\"! archive-get %f \"%p\"",
        .cipher = " --repo1-cipher-type=aes-256-cbc",
        .use = "pgbackrest --stanza=# --set=@ restore" },
    [LAYOUT_BARMAN] = {
        .title = "Barman archive", .unit = "server",
        .homes = { "", "*/" },
        .marks = { "wals", "identity.json streaming incoming wals/xlog.db wals/*-xlog.db" },
        .wal = { "wals", "wals/" LOG_FOLDER, "incoming", "streaming" },
        .catalog = { "identity.json", "base/*/backup.info", "meta/*-backup.info" },
        .root_up = 1,
        .restore = "barman get-wal -P \"#\" %f > \"%p\"",
        .use = "barman recover # @ FOLDER" },
    [LAYOUT_BARMAN_CLOUD] = {
        .title = "barman-cloud archive", .unit = "server",
        .homes = { "", "*/" },
        .marks = { "wals", "wals/" LOG_FOLDER " wals/" HEX8 ".history* base/*/backup.info" },
        .wal = { "wals", "wals/" LOG_FOLDER },
        .catalog = { "base/*/backup.info" },
        .root_up = 1,
        .use = "barman-cloud-restore URL # @ FOLDER" },
    [LAYOUT_WALG] = {
        .title = "WAL-G storage",
        .homes = { "", "*/" },
        .marks = { "wal_005" },
        .wal = { "wal_005" },
        .catalog = { "basebackups_005/*_backup_stop_sentinel.json" },
        .restore = "WALG_FILE_PREFIX=\"@\" wal-g wal-fetch %f \"%p\"",
        .use = "wal-g backup-fetch FOLDER @" },
    [LAYOUT_PROBACKUP] = {
        .title = "pg_probackup catalog", .unit = "instance",
        .homes = { "", "*/", "wal/*/" },
        .marks = { "../../backups/@/pg_probackup.conf" },
        .wal = { "" },
        .catalog = { "../../backups/@/pg_probackup.conf", "../../backups/@/*/backup.control" },
        .root_up = 2,
        .restore = "pg_probackup archive-get -B \"@\" --instance=\"#\" --wal-file-path=\"%p\" --wal-file-name=%f",
        .use = "pg_probackup restore --instance=# -i @" },
    [LAYOUT_RMAN] = {
        .title = "pg_rman catalog",
        .homes = { "" },
        .marks = { "pg_rman.ini" },
        .wal = { DIGITS8 "/" DIGITS6 "/arclog", "timeline_history" },
        .catalog = { "system_identifier", DIGITS8 "/" DIGITS6 "/backup.ini" } },
    [LAYOUT_PGMONETA] = {
        .title = "pgmoneta archive", .unit = "server",
        .homes = { "", "*/" },
        .marks = { "wal", "backup/" DIGITS8 DIGITS6 },
        .wal = { "wal" },
        .catalog = { "backup/" DIGITS8 DIGITS6 "/backup.info" },
        .root_up = 1,
        .use = "pgmoneta-cli restore # @ FOLDER" },
    [LAYOUT_PGHOARD] = {
        .title = "pghoard archive", .unit = "site",
        .homes = { "", "*/" },
        .marks = { "xlog", "timeline basebackup" },
        .wal = { "xlog", "timeline" },
        .root_up = 1 },
    [LAYOUT_DATA_DIRECTORY] = {
        .title = "data directory",
        .homes = { "" },
        .marks = { "PG_VERSION", "pg_wal pg_xlog" },
        .wal = { "pg_wal", "pg_xlog" } },
    [LAYOUT_TAR] = { /* never looked for: find.c */
        .title = "tar archive",
        .restore = "tar -xOf \"@\" \"#%f\" > \"%p\"" },
};
// clang-format on

/* ---- lists of names ------------------------------------------------------------------------- */

typedef struct names {
    char **list;
    size_t n, room;
} names;

/* Takes over the name. */
static bool add_name(names *to, char *name)
{
    char **slot = name ? GROW(to->list, to->n, to->room) : NULL;
    if (slot)
        *slot = name;
    else
        free(name);
    return slot != NULL;
}

static void free_names(names *all)
{
    for (size_t i = 0; i < all->n; i++)
        free(all->list[i]);
    free(all->list);
    *all = (names){ 0 };
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static char *join(const char *folder, const char *name, size_t len)
{
    char *path = NULL;
    const size_t n = strlen(folder);
    if (len == 0)
        return strdup(folder);
    const char *slash = n > 0 && folder[n - 1] == '/' ? "" : "/";
    return asprintf(&path, "%s%s%.*s", folder, slash, (int)len, name) < 0 ? NULL : path;
}

/* ---- patterns ------------------------------------------------------------------------------- */

/* The first part of a pattern, as a string of its own. */
static void copy_part(const char *pattern, size_t len, char out[PATTERN_BYTES])
{
    assert(len < PATTERN_BYTES);
    memcpy(out, pattern, len);
    out[len] = '\0';
}

static bool is_literal(const char *pattern, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (strchr("*[", pattern[i]))
            return false;
    return true;
}

static bool is_there(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0;
}

static bool expand(const char *base, const char *name, const char *pattern, names *out);

/* There may be very many files, and those named like WAL are none of the folders looked for. */
static bool may_be_folder(const struct dirent *entry)
{
    return entry->d_type == DT_DIR
           || (entry->d_type != DT_REG && filename_parse(entry->d_name).kind == FILENAME_OTHER);
}

/* The entries of a folder that match the first component, each with the rest of the pattern. */
static bool expand_entries(const char *base, const char *name, const char *pattern, size_t len,
                           names *out)
{
    char first[PATTERN_BYTES];
    DIR *dir = opendir(base);
    bool is_good = true;
    const bool wants_folder = pattern[len] == '/';
    if (!dir)
        return true; /* not a folder, or not ours to read: nothing is there */
    copy_part(pattern, len, first);
    for (const struct dirent *entry; is_good && (entry = readdir(dir));) {
        if (entry->d_name[0] == '.' || (wants_folder && !may_be_folder(entry))
            || fnmatch(first, entry->d_name, 0) != 0)
            continue;
        char *path = join(base, entry->d_name, strlen(entry->d_name));
        is_good = path && expand(path, name, pattern + len + wants_folder, out);
        free(path);
    }
    (void)closedir(dir);
    return is_good;
}

/* Adds the paths below a base that match a pattern; "" is the base itself. False: no memory. */
static bool expand(const char *base, const char *name, const char *pattern, names *out)
{
    const size_t len = strcspn(pattern, "/");
    if (*pattern == '\0')
        return !is_there(base) || add_name(out, strdup(base));
    if (!is_literal(pattern, len))
        return expand_entries(base, name, pattern, len, out);
    const bool is_name = len == 1 && *pattern == '@';
    char *path = is_name ? join(base, name, strlen(name)) : join(base, pattern, len);
    const bool is_good = path && expand(path, name, pattern + len + (pattern[len] == '/'), out);
    free(path);
    return is_good;
}

/* ---- homes ---------------------------------------------------------------------------------- */

/* The last component of a path, whatever it is called by: "." has one too. NULL: no memory, or no path. */
static char *real_name(const char *path)
{
    char *real = realpath(path, NULL);
    char *name = real ? strdup(filename_base(real)) : NULL;
    free(real);
    return name;
}

/* Is one of the files there that a mark lists? */
static bool has_mark(const char *home, const char *name, const char *mark)
{
    char pattern[PATTERN_BYTES];
    bool has = false;
    while (!has && *mark != '\0') {
        const size_t len = strcspn(mark, " ");
        names found = { 0 };
        copy_part(mark, len, pattern);
        (void)expand(home, name, pattern, &found);
        has = found.n > 0;
        free_names(&found);
        mark += len + (mark[len] == ' ');
    }
    return has;
}

static bool is_home(const layout_row *row, const char *path)
{
    char *name = real_name(path);
    bool is = name != NULL;
    for (size_t i = 0; is && i < sizeof row->marks / sizeof *row->marks && row->marks[i]; i++)
        is = has_mark(path, name, row->marks[i]);
    free(name);
    return is;
}

/* Keeps those that are homes. */
static void keep_homes(const layout_row *row, names *found)
{
    size_t kept = 0;
    for (size_t i = 0; i < found->n; i++)
        if (is_home(row, found->list[i]))
            found->list[kept++] = found->list[i];
        else
            free(found->list[i]);
    found->n = kept;
}

static bool fail_several(const layout_row *row, const char *source, const names *homes,
                         char *message)
{
    char list[MESSAGE_BYTES] = "";
    size_t len = 0, n = 0;
    for (; n < homes->n && len < 250; n++)
        len += (size_t)snprintf(list + len, sizeof list - len, "%s%.100s", n ? ", " : "",
                                filename_base(homes->list[n]));
    return message_fail(message,
                        "\"%.80s\" has %zu %ss (%s%s): give the folder of one, like \"%.100s\"",
                        source, homes->n, row->unit ? row->unit : "archive", list,
                        n < homes->n ? " ..." : "", homes->list[0]);
}

/* ---- one archive ---------------------------------------------------------------------------- */

/* The path so many components above; a copy. */
static char *above(const char *real, unsigned levels)
{
    char *path = strdup(real);
    for (unsigned i = 0; path && i < levels; i++) {
        char *slash = strrchr(path, '/');
        if (slash)
            slash[slash == path] = '\0';
    }
    return path;
}

/* Fills in all but the folders. */
static bool take_home(layout_kind kind, const char *home, wal_layout *out, char *message)
{
    const layout_row *row = &rows[kind];
    char *real = realpath(home, NULL);
    *out = (wal_layout){ .kind = kind, .home = strdup(home) };
    if (real) {
        out->root = above(real, row->root_up);
        out->name = row->unit ? strdup(filename_base(real)) : NULL;
    }
    free(real);
    return (out->home && out->root && (out->name || !row->unit)) || message_no_memory(message);
}

/*
 * What is left of a pattern after a relative path that it leads to or through: "15-1" leaves LOG_FOLDER of the
 * pattern "*-*" "/" LOG_FOLDER. NULL: it does not lead there.
 */
static const char *pattern_rest(const char *pattern, const char *relative)
{
    char part[NAME_MAX + 1], wanted[PATTERN_BYTES];
    while (*relative) {
        const size_t len = strcspn(relative, "/"), want = strcspn(pattern, "/");
        if (len > NAME_MAX || want == 0)
            return NULL;
        memcpy(part, relative, len);
        part[len] = '\0';
        copy_part(pattern, want, wanted);
        if (fnmatch(wanted, part, 0) != 0)
            return NULL;
        pattern += want + (pattern[want] == '/');
        relative += len + (relative[len] == '/');
    }
    return pattern;
}

/* The folders with WAL that are SOURCE (at a relative path below the home) or lie below it. */
static bool list_folders(const char *base, const char *relative, wal_layout *out, char *message)
{
    const layout_row *row = &rows[out->kind];
    names found = { 0 };
    bool is_good = true;
    for (size_t i = 0; is_good && i < FOLDERS_MAX && row->wal[i]; i++) {
        const char *rest = pattern_rest(row->wal[i], relative);
        if (rest)
            is_good = expand(base, out->name ? out->name : "", rest, &found);
    }
    if (found.n > 0)
        qsort(found.list, found.n, sizeof *found.list, by_name);
    out->folders = found.list;
    out->nfolders = found.n;
    return is_good || message_no_memory(message);
}

/* SOURCE is a home, or has some below it. */
static bool look_down(layout_kind kind, const char *source, wal_layout *out, char *message)
{
    const layout_row *row = &rows[kind];
    names found = { 0 };
    bool is_good = true;
    for (size_t i = 0; is_good && found.n == 0 && i < HOMES_MAX && row->homes[i]; i++) {
        is_good = expand(source, "", row->homes[i], &found) || message_no_memory(message);
        keep_homes(row, &found);
    }
    if (found.n > 0)
        qsort(found.list, found.n, sizeof *found.list, by_name);
    if (is_good && found.n > 1)
        is_good = fail_several(row, source, &found, message);
    else if (is_good && found.n == 1)
        is_good = take_home(kind, found.list[0], out, message)
                  && list_folders(out->home, "", out, message);
    free_names(&found);
    return is_good;
}

/* SOURCE is one of a home's folders. */
static bool look_up(layout_kind kind, const char *source, const char *real, wal_layout *out,
                    char *message)
{
    bool is_good = true;
    for (unsigned up = 1; is_good && out->kind == LAYOUT_PLAIN && up <= LEVELS_UP_MAX; up++) {
        char *home = above(real, up);
        if (!home)
            return message_no_memory(message);
        const char *relative = real + strlen(home);
        relative += *relative == '/';
        bool leads_there = false;
        for (size_t i = 0; i < FOLDERS_MAX && rows[kind].wal[i]; i++)
            leads_there |= *relative && pattern_rest(rows[kind].wal[i], relative);
        if (leads_there && is_home(&rows[kind], home))
            is_good =
                take_home(kind, home, out, message) && list_folders(source, relative, out, message);
        free(home);
    }
    return is_good;
}

bool layout_of(const char *source, wal_layout *out, char message[MESSAGE_BYTES])
{
    *out = (wal_layout){ 0 };
    char *real = realpath(source, NULL);
    bool is_good = real || message_fail(message, "cannot open \"%s\": %s", source, strerror(errno));
    for (layout_kind kind = LAYOUT_PLAIN + 1; is_good && !out->kind && kind < LAYOUT_TAR; kind++) {
        is_good = look_down(kind, source, out, message)
                  && (out->kind || look_up(kind, source, real, out, message));
        if (is_good && out->nfolders == 0)
            layout_free(out); /* no WAL where it should be: it is something else */
    }
    free(real);
    return is_good;
}

/* ---- what others ask ------------------------------------------------------------------------ */

/* In it, and not in one below it. */
static bool lies_in(const char *folder, const char *path)
{
    size_t len = strlen(folder);
    while (len > 1 && folder[len - 1] == '/')
        len--;
    return strncmp(path, folder, len) == 0 && path[len] == '/'
           && filename_base(path) == path + len + 1 + strspn(path + len + 1, "/");
}

bool layout_holds_whole(const wal_layout *l, const char *path)
{
    if (l->kind == LAYOUT_PLAIN || l->kind == LAYOUT_DATA_DIRECTORY || l->kind == LAYOUT_TAR)
        return false;
    for (size_t i = 0; i < l->nfolders; i++)
        if (lies_in(l->folders[i], path))
            return true;
    return false;
}

bool layout_is_same(const wal_layout *a, const wal_layout *b)
{
    if (a->kind != b->kind || a->kind == LAYOUT_PLAIN)
        return a->kind == b->kind;
    return strcmp(a->root, b->root) == 0 && (!rows[a->kind].unit || strcmp(a->name, b->name) == 0);
}

bool layout_copy(const wal_layout *from, wal_layout *out)
{
    *out = (wal_layout){ .kind = from->kind,
                         .is_uneven = from->is_uneven,
                         .root = from->root ? strdup(from->root) : NULL,
                         .home = from->home ? strdup(from->home) : NULL,
                         .name = from->name ? strdup(from->name) : NULL };
    return !out->root == !from->root && !out->home == !from->home && !out->name == !from->name;
}

void layout_describe(const wal_layout *l, text *out)
{
    text_add(out, rows[l->kind].title);
    if (l->root)
        text_addf(out, " %s", l->root);
    if (l->name && rows[l->kind].unit)
        text_addf(out, ", %s %s", rows[l->kind].unit, l->name);
}

const char *layout_title(layout_kind kind)
{
    return rows[kind].title;
}

const char *layout_restore_form(layout_kind kind)
{
    return rows[kind].restore;
}

const char *layout_cipher_words(layout_kind kind)
{
    return rows[kind].cipher ? rows[kind].cipher : "";
}

void layout_tell_use(const wal_layout *l, const char *id, text *out)
{
    const char *form = rows[l->kind].use;
    for (; form && *form; form++) {
        if (*form == '@')
            text_add(out, id);
        else if (*form == '#')
            text_add(out, l->name ? l->name : "");
        else
            text_add_bytes(out, form, 1);
    }
}

bool layout_each_catalogue(const wal_layout *l, layout_visit *visit, void *context)
{
    const layout_row *row = &rows[l->kind];
    names found = { 0 };
    bool is_good = true;
    for (size_t i = 0; i < CATALOG_MAX && row->catalog[i]; i++)
        is_good = is_good && expand(l->home, l->name ? l->name : "", row->catalog[i], &found);
    if (found.n > 0)
        qsort(found.list, found.n, sizeof *found.list, by_name);
    for (size_t i = 0; is_good && i < found.n; i++)
        is_good = visit(context, l, found.list[i]);
    free_names(&found);
    return is_good;
}

void layout_free(wal_layout *l)
{
    const wal_layout old = *l;
    *l = (wal_layout){ 0 };
    for (size_t i = 0; i < old.nfolders; i++)
        free(old.folders[i]);
    free(old.folders);
    free(old.root);
    free(old.home);
    free(old.name);
}
