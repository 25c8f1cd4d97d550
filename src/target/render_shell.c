/*
 * render_shell.c - a target as shell assignments, safe for eval whatever bytes names hold.
 */
#include "target/render.h"
#include "search/event_text.h"

static void add(text *out, const char *name, const char *value)
{
    text_addf(out, "PITR_%s=", name);
    text_add_shell(out, value);
    text_add(out, "\n");
}

static const char *or_empty(const char *chars)
{
    return chars != NULL ? chars : "";
}

/* All kinds: the one that is not asked for may still be wanted in a script. Empty: there is none. */
static void add_kinds(const report *r, text *out)
{
    static const char *const names[TARGET_KINDS] = {
        [TARGET_LSN] = "TARGET_LSN",
        [TARGET_XID] = "TARGET_XID",
        [TARGET_TIME] = "TARGET_TIME",
        [TARGET_NAME] = "TARGET_NAME",
    };
    add(out, "TARGET_KIND", target_kind_name(r->target.kind));
    for (unsigned kind = 0; kind < TARGET_KINDS; kind++) {
        const target *t = kind == r->target.kind ? &r->target : &r->targets[kind];
        add(out, names[kind], r->has_target[kind] ? t->value : "");
    }
}

static void add_event(const report *r, text *out)
{
    const event_view view = event_match_view(&r->found->event);
    char number[16] = "", lsn[WP_LSN_TEXT_BYTES] = "", time[WP_TIME_TEXT_BYTES] = "";
    char segment[WP_SEGMENT_NAME_BYTES] = "";
    const wp_event *event = r->found->has_xact ? view.event : NULL;
    if (r->found->has_xact) {
        snprintf(number, sizeof number, "%u", view.xact->xid);
        wp_lsn_format(view.xact->lsn, lsn);
        wp_time_format(view.xact->time, time);
        event_segment(r->archive->info.segment_size, &view, segment);
    }
    add(out, "EVENT", event != NULL ? event->text : "");
    add(out, "DATABASE", event != NULL ? or_empty(event->database.name) : "");
    add(out, "XID", number);
    add(out, "COMMIT_LSN", lsn);
    add(out, "COMMIT_TIME", time);
    add(out, "SEGMENT", segment);
    add(out, "PREPARED_GID", r->found->has_xact ? or_empty(view.xact->gid) : "");
}

static void add_source(const report *r, text *out)
{
    const wp_profile *profile = r->archive->info.profile;
    char system[24];
    snprintf(system, sizeof system, "%llu", (unsigned long long)r->archive->info.system_identifier);
    add(out, "MAJOR", profile->major);
    add(out, "CONF_FILE", profile->recovery.conf_file);
    add(out, "SIGNAL_FILE", profile->recovery.has_signal_file ? "recovery.signal" : "");
    add(out, "SYSTEM_IDENTIFIER", system);
}

void render_shell(const report *r, text *out)
{
    char timeline[16], action[32];
    snprintf(timeline, sizeof timeline, "%u", r->timeline);
    add_kinds(r, out);
    add(out, "TARGET_INCLUSIVE", r->target.inclusive ? "true" : "false");
    add(out, "TARGET_TIMELINE", timeline);
    add(out, "TARGET_ACTION", render_action(r, action));
    add(out, "TARGET_EXACT", r->target.exact ? "true" : "false");
    add(out, "RESTORE_COMMAND", r->restore_command);
    add_event(r, out);
    add_source(r, out);
}
