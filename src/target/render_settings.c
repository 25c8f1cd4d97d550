/*
 * render_settings.c - what all forms of a target have in common.
 */
#include "target/render.h"

#include <string.h>

static void set(render_setting *setting, const char *name, const char *value)
{
    setting->name = name;
    setting->long_value = NULL;
    snprintf(setting->value, sizeof setting->value, "%s", value);
}

const char *render_action(const report *r, char buf[32])
{
    return options_word(option_table[OPT_ACTION].words, r->options->action, buf);
}

size_t render_settings(const report *r, const target *t, render_setting out[RENDER_SETTINGS_MAX])
{
    static const char *const names[TARGET_KINDS] = {
        [TARGET_LSN] = "recovery_target_lsn",
        [TARGET_XID] = "recovery_target_xid",
        [TARGET_TIME] = "recovery_target_time",
        [TARGET_NAME] = "recovery_target_name",
    };
    char timeline[16], action[32];
    size_t n = 0;
    snprintf(timeline, sizeof timeline, "%u", r->timeline);
    set(&out[n++], names[t->kind], t->value);
    if (t->kind != TARGET_NAME) /* a name is always inclusive */
        set(&out[n++], "recovery_target_inclusive", t->inclusive ? "true" : "false");
    set(&out[n++], "recovery_target_timeline", timeline);
    set(&out[n++], "recovery_target_action", render_action(r, action));
    set(&out[n], "restore_command", "");
    out[n++].long_value = r->restore_command;
    /* recovery.conf takes nothing but recovery settings. */
    if (r->archive->info.profile->recovery.has_signal_file)
        set(&out[n++], "archive_mode", "off");
    return n;
}

const char *render_value(const render_setting *setting)
{
    return setting->long_value != NULL ? setting->long_value : setting->value;
}
