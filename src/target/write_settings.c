/*
 * write_settings.c - see write_settings.h.
 *
 *   12 and newer   postgresql.auto.conf gets a block of ours at its end, then recovery.signal is made
 *   before         recovery.conf is replaced as a whole
 *
 * The order keeps a server that is started half way from recovering without a target: the settings come
 * first, what starts recovery comes last. Two targets are FATAL from 12 on, wherever they stand: lines of
 * postgresql.auto.conf that would be in the way become comments; a target in another file is unset by an
 * empty line before ours, which servers take. Before 12 such settings are FATAL in those files anyway.
 */
#include "target/write_settings.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "recovery/conf_lines.h"
#include "base/message.h"
#include "target/restorable.h"

#define AUTO_CONF "postgresql.auto.conf"
#define BLOCK_BEGIN "# pitr-find --write: begin"
#define BLOCK_END "# pitr-find --write: end"
#define SEGMENT_CHECK_BEGIN "# written by pitr-find --write"
/* As deep as the server follows them. */
#define INCLUDES_MAX 10

typedef enum role {
    ROLE_OTHER,
    ROLE_TARGET, /* says where to stop: one of them only */
    ROLE_OURS,   /* one that we write, too */
    ROLE_EFFECT  /* has an effect of its own on the recovery */
} role;

// clang-format off
static const struct {
    const char *name;
    role role;
    bool is_conf_only; /* before 12, only recovery.conf may have it */
    const char *none;  /* ROLE_EFFECT: the value that has no effect, beside an empty one */
    const char *effect;
} roles[] = {
    { "recovery_target",           ROLE_TARGET, true,  NULL, NULL },
    { "recovery_target_lsn",       ROLE_TARGET, true,  NULL, NULL },
    { "recovery_target_name",      ROLE_TARGET, true,  NULL, NULL },
    { "recovery_target_time",      ROLE_TARGET, true,  NULL, NULL },
    { "recovery_target_xid",       ROLE_TARGET, true,  NULL, NULL },
    { "recovery_target_inclusive", ROLE_OURS,   true,  NULL, NULL },
    { "recovery_target_timeline",  ROLE_OURS,   true,  NULL, NULL },
    { "recovery_target_action",    ROLE_OURS,   true,  NULL, NULL },
    { "restore_command",           ROLE_OURS,   true,  NULL, NULL },
    { "recovery_end_command",      ROLE_EFFECT, true,  NULL, "is run when recovery ends" },
    { "archive_cleanup_command",   ROLE_EFFECT, true,  NULL, "is run during recovery, and may remove files from the archive" },
    { "recovery_min_apply_delay",  ROLE_EFFECT, true,  "0",  "delays the recovery" },
    { "standby_mode",              ROLE_OTHER,  true,  NULL, NULL },
    { "primary_conninfo",          ROLE_OTHER,  true,  NULL, NULL },
    { "primary_slot_name",         ROLE_OTHER,  true,  NULL, NULL },
    { "trigger_file",              ROLE_OTHER,  true,  NULL, NULL },
    { "archive_mode",              ROLE_EFFECT, false, "off", "makes this server archive its own WAL once recovery has ended" },
};
// clang-format on

#define NROLES (sizeof roles / sizeof *roles)

static size_t role_of(const char *name)
{
    size_t i = 0;
    while (i < NROLES && strcmp(roles[i].name, name) != 0)
        i++;
    return i;
}

typedef struct settler {
    const report *report;
    const wp_recovery_traits *traits;
    const data_directory *dir;
    write_plan *plan;
    text_list *warnings;
    char *message;
    bool is_set[NROLES]; /* by postgresql.conf or a file it includes, to something that counts */
} settler;

/* ---- the settings that are there ------------------------------------------------------------ */

static bool counts(size_t i, const char *value)
{
    return *value != '\0' && (roles[i].none == NULL || strcmp(value, roles[i].none) != 0);
}

/* Notes one setting of a file. False: no server starts with it. */
static bool note_line(settler *s, const char *file, const conf_line *line)
{
    const size_t i = role_of(line->name);
    if (i == NROLES)
        return true;
    if (!s->traits->has_signal_file && roles[i].is_conf_only)
        return message_fail(s->message,
                            "\"%s/%s\" sets %s in line %u: PostgreSQL %s does not start with it; "
                            "remove that line",
                            s->dir->path, file, line->name, line->line,
                            s->report->archive->info.profile->major);
    s->is_set[i] = counts(i, line->value);
    return true;
}

static bool read_conf(settler *s, const char *file, bool must_be_there, unsigned depth);

static int by_name(const void *x, const void *y)
{
    return strcmp(*(char *const *)x, *(char *const *)y);
}

/* Names are relative to the folder of the file that includes them. */
static char *included_name(const char *file, const char *name)
{
    const char *slash = strrchr(file, '/');
    char *out = NULL;
    if (*name == '/' || slash == NULL)
        return strdup(name);
    return asprintf(&out, "%.*s/%s", (int)(slash - file), file, name) < 0 ? NULL : out;
}

static bool is_conf_name(const char *name)
{
    const size_t len = strlen(name);
    return name[0] != '.' && len >= 6 && strcmp(name + len - 5, ".conf") == 0;
}

static bool add_names(settler *s, const char *folder, DIR *dir, text_list *names)
{
    for (const struct dirent *entry; (entry = readdir(dir)) != NULL;) {
        const size_t before = names->count;
        if (!is_conf_name(entry->d_name))
            continue;
        text_list_addf(names, "%s/%s", folder, entry->d_name);
        if (names->count == before)
            return message_no_memory(s->message);
    }
    return true;
}

/* The .conf files of a folder in the order of their names; none where it cannot be opened. */
static bool list_conf_folder(settler *s, const char *folder, text_list *names)
{
    text path = { 0 };
    if (*folder != '/')
        text_addf(&path, "%s/", s->dir->path);
    text_add(&path, folder);
    if (path.failed) {
        text_free(&path);
        return message_no_memory(s->message);
    }
    DIR *dir = opendir(text_chars(&path));
    text_free(&path);
    if (dir == NULL)
        return true;
    const bool is_good = add_names(s, folder, dir, names);
    (void)closedir(dir);
    if (names->count > 1)
        qsort(names->items, names->count, sizeof *names->items, by_name);
    return is_good;
}

static bool read_conf_folder(settler *s, const char *folder, unsigned depth)
{
    text_list names = { 0 };
    bool is_good = list_conf_folder(s, folder, &names);
    for (size_t i = 0; is_good && i < names.count; i++)
        is_good = read_conf(s, names.items[i], false, depth);
    text_list_free(&names);
    return is_good;
}

/* Where an include stands among the lines does not matter: what it sets is unset, or pointed out. */
static bool read_include(settler *s, const char *file, const conf_line *include, unsigned depth)
{
    char *name = included_name(file, include->value);
    if (name == NULL)
        return message_no_memory(s->message);
    const bool is_good = strcmp(include->name, "include_dir") == 0
                             ? read_conf_folder(s, name, depth + 1)
                             : read_conf(s, name, strcmp(include->name, "include") == 0, depth + 1);
    free(name);
    return is_good;
}

static bool fail_line(settler *s, const char *file, const conf_lines *lines)
{
    return message_fail(s->message,
                        "\"%s/%s\", line %u: no server reads it (near \"%s\"): mend it first",
                        s->dir->path, file, lines->bad_line, lines->bad_near);
}

/* A file that is not there, and need not be, has no lines. */
static bool read_lines(settler *s, const char *file, bool must_be_there, conf_lines *out)
{
    text chars = { 0 };
    bool is_there = false;
    bool is_good = data_directory_read(s->dir, file, true, &chars, &is_there, s->message);
    if (is_good && !is_there && must_be_there)
        is_good =
            message_fail(s->message, "\"%s/%s\" is included, and is not there", s->dir->path, file);
    if (is_good)
        is_good = conf_lines_add_text(out, (wp_view){ (const uint8_t *)chars.bytes, chars.len })
                  || message_no_memory(s->message);
    text_free(&chars);
    return is_good;
}

static bool note_lines(settler *s, const char *file, const conf_lines *lines, unsigned depth)
{
    if (lines->bad_line != 0)
        return fail_line(s, file, lines);
    for (size_t i = 0; i < lines->count; i++)
        if (!note_line(s, file, &lines->items[i]))
            return false;
    for (size_t i = 0; i < lines->nincludes; i++)
        if (!read_include(s, file, &lines->includes[i], depth))
            return false;
    return true;
}

/* Notes the settings of a configuration file and of what it includes. */
static bool read_conf(settler *s, const char *file, bool must_be_there, unsigned depth)
{
    conf_lines lines = { 0 };
    if (depth >= INCLUDES_MAX)
        return message_fail(s->message, "\"%s\": files include each other too deeply", file);
    const bool is_good =
        read_lines(s, file, must_be_there, &lines) && note_lines(s, file, &lines, depth);
    conf_lines_free(&lines);
    return is_good;
}

/* ---- postgresql.auto.conf ------------------------------------------------------------------- */

static bool is_in_the_way(const settler *s, size_t i)
{
    if (i == NROLES)
        return false;
    return s->traits->has_signal_file ? roles[i].role == ROLE_TARGET || roles[i].role == ROLE_OURS
                                      : roles[i].is_conf_only;
}

/* One line, without its newline, as it shall stand there. */
static bool keep_line(settler *s, wp_view line, unsigned number, text *out)
{
    conf_lines parsed = { 0 };
    bool is_good = conf_lines_add_text(&parsed, line) || message_no_memory(s->message);
    if (is_good && parsed.bad_line != 0) {
        parsed.bad_line = number;
        is_good = fail_line(s, AUTO_CONF, &parsed);
    }
    if (is_good && parsed.count > 0) {
        const size_t i = role_of(parsed.items[0].name);
        if (is_in_the_way(s, i)) {
            text_add(out, "# by pitr-find: ");
            text_list_addf(&s->plan->changes, "%s, line %u: %s made a comment", AUTO_CONF, number,
                           roles[i].name);
        } else if (i < NROLES) {
            s->is_set[i] = counts(i, parsed.items[0].value);
        }
    }
    text_add_bytes(out, (const char *)line.bytes, line.len);
    text_add(out, "\n");
    conf_lines_free(&parsed);
    return is_good;
}

static bool is_line(wp_view line, const char *wanted)
{
    return line.len == strlen(wanted) && memcmp(line.bytes, wanted, line.len) == 0;
}

/* What is to stay of the file; a block of an earlier --write goes. */
static bool keep_lines(settler *s, const text *before, text *out)
{
    bool is_ours = false, is_good = true;
    const char *at = text_chars(before), *const end = at + before->len;
    for (unsigned number = 1; is_good && at < end; number++) {
        const char *newline = memchr(at, '\n', (size_t)(end - at));
        const char *const stop = newline != NULL ? newline : end;
        const wp_view line = { (const uint8_t *)at, (size_t)(stop - at) };
        if (is_line(line, BLOCK_BEGIN)) {
            is_ours = true;
            text_list_addf(&s->plan->changes, "%s: the settings of an earlier pitr-find replaced",
                           AUTO_CONF);
        }
        if (!is_ours)
            is_good = keep_line(s, line, number, out);
        is_ours = is_ours && !is_line(line, BLOCK_END);
        at = stop + (newline != NULL);
    }
    return is_good;
}

/* A target that stands elsewhere: an empty value before ours takes it back. */
static void unset_targets(settler *s, const char *ours, text *out)
{
    for (size_t i = 0; i < NROLES; i++) {
        if (roles[i].role != ROLE_TARGET || !s->is_set[i] || strcmp(roles[i].name, ours) == 0)
            continue;
        render_conf_setting(roles[i].name, "", out);
        text_list_addf(&s->plan->changes, "postgresql.conf sets %s: unset by %s", roles[i].name,
                       AUTO_CONF);
    }
}

static void add_settings(settler *s, text *out)
{
    render_setting settings[RENDER_SETTINGS_MAX];
    const size_t n = render_settings(s->report, &s->report->target, settings);
    render_conf_story(s->report, out);
    if (s->traits->has_signal_file)
        unset_targets(s, settings[0].name, out);
    for (size_t i = 0; i < n; i++)
        render_conf_setting(settings[i].name, render_value(&settings[i]), out);
}

/* Takes over content. */
static void add_file(settler *s, const char *name, text content)
{
    s->plan->files[s->plan->nfiles++] = (data_directory_file){ name, content };
}

static bool plan_auto_conf(settler *s)
{
    text before = { 0 }, after = { 0 };
    bool is_there = false;
    bool is_good = data_directory_read(s->dir, AUTO_CONF, false, &before, &is_there, s->message)
                   && keep_lines(s, &before, &after);
    if (is_good && s->traits->has_signal_file) {
        text_add(&after, BLOCK_BEGIN "\n");
        add_settings(s, &after);
        text_add(&after, BLOCK_END "\n");
    }
    if (is_good && (s->traits->has_signal_file || s->plan->changes.count > 0))
        add_file(s, AUTO_CONF, after);
    else
        text_free(&after);
    text_free(&before);
    return is_good;
}

/* ---- what starts recovery ------------------------------------------------------------------- */

static bool plan_signal(settler *s)
{
    if (data_directory_has(s->dir, "recovery.conf"))
        return message_fail(s->message,
                            "\"%s/recovery.conf\" is there, and PostgreSQL %s does not start with "
                            "it: remove it",
                            s->dir->path, s->report->archive->info.profile->major);
    if (data_directory_has(s->dir, "standby.signal"))
        return message_fail(s->message,
                            "\"%s/standby.signal\" is there and wins over recovery.signal: the "
                            "server would be a standby; remove it",
                            s->dir->path);
    if (!data_directory_has(s->dir, "recovery.signal"))
        add_file(s, "recovery.signal", (text){ 0 });
    return true;
}

/* An existing recovery.conf is kept as comments. */
static bool plan_recovery_conf(settler *s)
{
    text before = { 0 }, after = { 0 };
    bool is_there = false;
    const bool is_good =
        data_directory_read(s->dir, s->traits->conf_file, false, &before, &is_there, s->message);
    text_add(&after, SEGMENT_CHECK_BEGIN "\n");
    add_settings(s, &after);
    const char *old = text_chars(&before);
    const bool is_ours = strncmp(old, SEGMENT_CHECK_BEGIN, sizeof SEGMENT_CHECK_BEGIN - 1) == 0;
    if (is_there && !is_ours)
        text_add(&after, "\n# what stood here before:\n");
    for (const char *at = old; !is_ours && *at != '\0';) {
        const size_t len = strcspn(at, "\n");
        text_add(&after, "# ");
        text_add_bytes(&after, at, len);
        text_add(&after, "\n");
        at += len + (at[len] == '\n');
    }
    if (is_good && is_there)
        text_list_addf(&s->plan->changes, "%s replaced; %s", s->traits->conf_file,
                       is_ours ? "it was written by an earlier pitr-find"
                               : "its lines are kept in it as comments");
    if (is_good)
        add_file(s, s->traits->conf_file, after);
    else
        text_free(&after);
    text_free(&before);
    return is_good;
}

/* ---- the whole ------------------------------------------------------------------------------ */

/* Where the directory is newer than the target, no server would recover to it. */
static bool check_age(const settler *s)
{
    const report *r = s->report;
    const wp_control *control = &s->dir->control;
    const wp_lsn reached =
        control->checkpoint > control->min_recovery ? control->checkpoint : control->min_recovery;
    char lsn[WP_LSN_TEXT_BYTES], stop[WP_LSN_TEXT_BYTES];
    if (restorable_is_too_new(r))
        return message_fail(s->message,
                            "nothing written: the target lies before %s%s the backup becomes "
                            "consistent, and the server would refuse it; restore an older backup",
                            r->backup_stop != 0 ? wp_lsn_format(r->backup_stop, lsn) : "the place",
                            r->backup_stop != 0 ? ", where" : " where");
    const wp_lsn stop_at = target_position(r->place, &r->target);
    if (s->dir->has_label || !target_stops(&r->target) || stop_at > reached)
        return true;
    return message_fail(s->message,
                        "nothing written: \"%s\" is newer than the target: it stands at %s, the "
                        "target is at %s; restore an older backup",
                        s->dir->path, wp_lsn_format(reached, lsn), wp_lsn_format(stop_at, stop));
}

/* Does the directory hold WAL of the archive's, as pg_basebackup puts it there? */
static bool has_segment(const settler *s, wp_lsn lsn)
{
    const report *r = s->report;
    char name[WP_SEGMENT_NAME_BYTES], path[64];
    (void)snprintf(
        path, sizeof path, "%s/%s", s->traits->wal_directory,
        wp_segment_name_format(r->base->label.timeline, lsn, r->archive->info.segment_size, name));
    return data_directory_has(s->dir, path);
}

/* Without the WAL from its start to its end a backup is no database, wherever recovery stops. */
static bool check_own_wal(const settler *s)
{
    const report *r = s->report;
    const scan_damage *one;
    char lsn[WP_LSN_TEXT_BYTES];
    if (r->base == NULL || !s->dir->has_label || r->archive->remote != NULL)
        return true;
    wp_lsn missing = 0;
    for (wp_lsn at = r->base->label.start_lsn; missing == 0 && at < r->archive->first_lsn;
         at = (at | (r->archive->info.segment_size - 1)) + 1)
        missing = has_segment(s, at) ? 0 : at;
    for (size_t i = 0; missing == 0 && (one = restorable_damage(r, &i)) != NULL;)
        if ((r->backup_stop == 0 || one->barrier < r->backup_stop) && !has_segment(s, one->barrier))
            missing = one->barrier;
    if (missing == 0)
        return true;
    return message_fail(
        s->message,
        "nothing written: WAL of the time of the backup is missing at %s, neither in "
        "the archive nor in \"%s/%s\", and no server starts without it; give more "
        "of the WAL as one more SOURCE",
        wp_lsn_format(missing, lsn), s->dir->path, s->traits->wal_directory);
}

static void warn_of_effects(const settler *s)
{
    for (size_t i = 0; i < NROLES; i++) {
        /* What recovery.conf cannot have does not come from there, and may be among our lines. */
        const char *advice = roles[i].is_conf_only        ? ""
                             : s->traits->has_signal_file ? "; the line written here keeps it off"
                                                          : ": set it to off for a trial";
        if (roles[i].role == ROLE_EFFECT && s->is_set[i])
            text_list_addf(s->warnings, "%s is set in \"%s\": it %s%s", roles[i].name, s->dir->path,
                           roles[i].effect, advice);
    }
    if (!s->dir->has_label)
        text_list_addf(
            s->warnings,
            "\"%s\" has no backup_label: recovery starts at its latest checkpoint, so it "
            "must be a copy of a stopped server, or a snapshot",
            s->dir->path);
}

bool write_settings_plan(const report *r, const data_directory *dir, write_plan *out,
                         text_list *warnings, char message[MESSAGE_BYTES])
{
    *out = (write_plan){ 0 };
    settler s = { .report = r,
                  .traits = &r->archive->info.profile->recovery,
                  .dir = dir,
                  .plan = out,
                  .warnings = warnings,
                  .message = message };
    if (!check_age(&s) || !check_own_wal(&s) || !read_conf(&s, "postgresql.conf", false, 0)
        || !plan_auto_conf(&s))
        return false;
    if (!(s.traits->has_signal_file ? plan_signal(&s) : plan_recovery_conf(&s)))
        return false;
    warn_of_effects(&s);
    return true;
}

void write_settings_free(write_plan *plan)
{
    for (size_t i = 0; i < plan->nfiles; i++)
        text_free(&plan->files[i].content);
    text_list_free(&plan->changes);
    *plan = (write_plan){ 0 };
}
