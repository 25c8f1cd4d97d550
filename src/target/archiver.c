/*
 * archiver.c - see archiver.h. Options as the tools' own --help has them: pgBackRest 2.45, Barman 3.4,
 * pg_probackup 2.5; WAL-G restores, and leaves the settings to whoever called it.
 */
#include "target/archiver.h"

#include <stdio.h>
#include <string.h>

#include "archive/fetch_command.h"
#include "base/message.h"
#include "target/warnings.h"

#define INTO "\"${PGDATA:?must name the new, empty data directory}\""

/* ---- words for sh --------------------------------------------------------------------------- */

static void add_word(text *out, const char *word)
{
    if (*word != '\0' && command_is_plain(word))
        text_add(out, word);
    else
        text_add_shell(out, word);
}

/* " --stanza=main" */
static void add_option(text *out, const char *option, const char *value)
{
    text_addf(out, " %s", option);
    add_word(out, value);
}

static void add_timeline(const report *r, const char *option, text *out)
{
    text_addf(out, " %s%u", option, r->timeline);
}

static void add_action(const report *r, const char *option, text *out)
{
    char action[32];
    add_option(out, option, render_action(r, action));
}

/* ---- one archiver each ---------------------------------------------------------------------- */

static void add_pgbackrest(const report *r, const archive_backup *from, text *out)
{
    const wal_layout *layout = &r->archive->layout;
    text_add(out, "pgbackrest");
    add_option(out, "--stanza=", layout->name);
    add_option(out, "--repo1-path=", layout->root);
    if (r->archive->is_encrypted)
        text_add(out, layout_cipher_words(layout->kind));
    text_add(out, " ${PGDATA:+\"--pg1-path=$PGDATA\"}");
    add_option(out, "--set=", from->id);
    add_option(out, "--type=", target_kind_name(r->target.kind));
    add_option(out, "--target=", r->target.value);
    if (r->target.kind != TARGET_NAME && !r->target.inclusive)
        text_add(out, " --target-exclusive");
    add_timeline(r, "--target-timeline=", out);
    add_action(r, "--target-action=", out);
    if (r->archive->info.profile->recovery.has_signal_file)
        text_add(out, " --archive-mode=off");
    text_add(out, " restore\n");
}

/*
 * Without --get-wal it copies what lies in wals, and newer ones only up to the segment that the target begins in:
 * what is still in streaming or incoming, or goes on in another segment, is not there.
 */
static bool needs_get_wal(const report *r, wp_lsn start)
{
    const uint32_t size = r->archive->info.segment_size;
    const wp_lsn until = r->target.stop.read_lsn > r->place->record_end ? r->target.stop.read_lsn
                                                                        : r->place->record_end;
    bool needs = r->place->record / size != (r->place->record_end - 1) / size;
    for (size_t i = 0; !needs && i < r->archive->nsegments; i++) {
        const archive_segment *one = &r->archive->segments[i];
        if (one->end_lsn > start && one->start_lsn < until)
            needs = one->is_partial || strstr(one->path, "/wals/") == NULL;
    }
    return needs;
}

static void add_barman(const report *r, const archive_backup *from, text *out)
{
    char option[32];
    text_add(out, "barman recover");
    (void)snprintf(option, sizeof option, "--target-%s ", target_kind_name(r->target.kind));
    add_option(out, option, r->target.value);
    if (r->target.kind != TARGET_NAME && !r->target.inclusive)
        text_add(out, " --exclusive");
    add_timeline(r, "--target-tli ", out);
    add_action(r, "--target-action ", out);
    if (needs_get_wal(r, from->label.start_lsn))
        text_add(out, " --get-wal");
    text_add(out, " ");
    add_word(out, r->archive->layout.name);
    add_option(out, "", from->id);
    text_add(out, " " INTO "\n");
}

static void add_walg(const report *r, const archive_backup *from, text *out)
{
    const wp_recovery_traits *recovery = &r->archive->info.profile->recovery;
    render_setting settings[RENDER_SETTINGS_MAX];
    const size_t n = render_settings(r, &r->target, settings);
    text_add(out, "WALG_FILE_PREFIX=");
    text_add_shell(out, r->archive->layout.root);
    text_add(out, " wal-g backup-fetch " INTO);
    add_option(out, "", from->id);
    text_add(out, " && printf '%s\\n'");
    for (size_t i = 0; i < n; i++) {
        text line = { 0 };
        text_addf(&line, "%s = ", settings[i].name);
        text_add_conf(&line, render_value(&settings[i]));
        text_add(out, " ");
        text_add_shell(out, text_chars(&line));
        out->failed |= line.failed;
        text_free(&line);
    }
    text_addf(out, " >> \"$PGDATA/%s\"", recovery->conf_file);
    if (recovery->has_signal_file)
        text_add(out, " && touch \"$PGDATA/recovery.signal\"");
    text_add(out, "\n");
}

static void add_probackup(const report *r, const archive_backup *from, text *out)
{
    char option[40];
    text_add(out, "pg_probackup restore");
    add_option(out, "-B ", r->archive->layout.root);
    add_option(out, "--instance=", r->archive->layout.name);
    add_option(out, "-i ", from->id);
    text_add(out, " -D " INTO);
    (void)snprintf(option, sizeof option,
                   "--recovery-target-%s=", target_kind_name(r->target.kind));
    add_option(out, option, r->target.value);
    if (r->target.kind != TARGET_NAME)
        add_option(out, "--recovery-target-inclusive=", r->target.inclusive ? "true" : "false");
    add_timeline(r, "--recovery-target-timeline=", out);
    add_action(r, "--recovery-target-action=", out);
    text_add(out, "\n");
}

// clang-format off
static const struct {
    layout_kind layout; /* whose archive it must be */
    void (*add)(const report *r, const archive_backup *from, text *out); /* NULL: no archiver's format */
    bool has_own_command; /* it writes a restore_command itself */
    const char *quiets, *quiets_old; /* archiver_quiets(): where archive_mode may be set, and before */
} rows[TARGET_FORMATS] = {
    [FORMAT_PGBACKREST] = { LAYOUT_PGBACKREST, add_pgbackrest, true,  "as --archive-mode=off has it", NULL },
    [FORMAT_BARMAN]     = { LAYOUT_BARMAN,     add_barman,     true,  "and barman sets archive_command to false", "and barman sets archive_command to false" },
    [FORMAT_WALG]       = { LAYOUT_WALG,       add_walg,       false, "as these settings have it", NULL },
    [FORMAT_PROBACKUP]  = { LAYOUT_PROBACKUP,  add_probackup,  true,  NULL, NULL },
};
// clang-format on

/* ---- what others ask ------------------------------------------------------------------------ */

bool archiver_has_format(target_format format)
{
    return rows[format].add != NULL;
}

const char *archiver_format_of(layout_kind layout, char buf[32])
{
    for (unsigned i = 0; i < TARGET_FORMATS; i++)
        if (rows[i].add != NULL && rows[i].layout == layout)
            return options_word(TARGET_FORMAT_WORDS, i, buf);
    return NULL;
}

bool archiver_check(const options *o, const archive *wal, char message[MESSAGE_BYTES])
{
    char word[32];
    if (!archiver_has_format((target_format)o->format))
        return true;
    options_word(TARGET_FORMAT_WORDS, o->format, word);
    if (o->write != NULL)
        return message_fail(message,
                            "--write puts settings into a directory, and --format %s "
                            "prints a command: give one of the two",
                            word);
    if (o->restore_command != NULL && rows[o->format].has_own_command)
        return message_fail(message,
                            "%s writes a restore_command of its own: --restore-command "
                            "goes with --format conf",
                            word);
    if (wal->layout.kind == rows[o->format].layout)
        return true;
    return message_fail(message,
                        "--format %s takes its command from a %s, and SOURCE is a %s: name the %s "
                        "as SOURCE, or use --format conf",
                        word, layout_title(rows[o->format].layout), layout_title(wal->layout.kind),
                        layout_title(rows[o->format].layout));
}

const archive_backup *archiver_backup(const report *r, char message[MESSAGE_BYTES])
{
    const archive_backup *best = NULL;
    char lsn[WP_LSN_TEXT_BYTES];
    const wp_lsn at = target_position(r->place, &r->target);
    for (size_t i = 0; i < r->archive->nbackups; i++) {
        const archive_backup *one = &r->archive->backups[i];
        const bool is_meant = r->base == NULL || one->label.start_lsn == r->base->label.start_lsn;
        if (is_meant && one->id[0] != '\0' && one->is_usable && one->label.stop_lsn != 0
            && one->label.stop_lsn <= at)
            best = one;
    }
    if (best == NULL && r->base != NULL)
        (void)message_fail(message,
                           "the catalog of the %s has no finished backup that begins where "
                           "\"%s\" does and ends before the target at %s: --format conf prints the "
                           "settings alone",
                           layout_title(r->archive->layout.kind), r->base->path,
                           wp_lsn_format(at, lsn));
    else if (best == NULL)
        (void)message_fail(message,
                           "the catalog of the %s has no finished backup that ends before the "
                           "target at %s: an older one is needed, --format conf prints the "
                           "settings alone",
                           layout_title(r->archive->layout.kind), wp_lsn_format(at, lsn));
    return best;
}

const char *archiver_quiets(const report *r)
{
    return r->archive->info.profile->recovery.has_signal_file ? rows[r->options->format].quiets
                                                              : rows[r->options->format].quiets_old;
}

void archiver_render(const report *r, text *out)
{
    char ignored[MESSAGE_BYTES];
    const archive_backup *from = archiver_backup(r, ignored);
    if (from != NULL)
        rows[r->options->format].add(r, from, out);
}
