/* trial.c - see trial.h. */
#include "target/trial.h"

#include <string.h>

#include "target/archiver.h"

static void add_archiving(const report *r, text_list *out)
{
    const wp_recovery_traits *recovery = &r->archive->info.profile->recovery;
    static const char why[] = "once promoted, it would write its new timeline into production's "
                              "archive";
    const bool is_command = archiver_has_format((target_format)r->options->format);
    const char *quiets = archiver_quiets(r);
    if (is_command)
        text_list_addf(out, "archive_mode = off, %s: %s",
                       quiets != NULL ? quiets : "in postgresql.conf", why);
    else if (recovery->has_signal_file)
        text_list_addf(out,
                       "archive_mode = off, as these settings have it: %s (take the line out only "
                       "where it becomes production itself)",
                       why);
    else
        text_list_addf(out, "archive_mode = off, in postgresql.conf (%s does not take it): %s",
                       recovery->conf_file, why);
}

static void add_needs(const report *r, text_list *out)
{
    text line = { 0 };
    for (int i = 0; i < WP_LIMITS; i++)
        if (r->needs[i] > 0)
            text_addf(&line, "%s%s = %d", line.len > 0 ? ", " : "",
                      wp_stop_limit_name((wp_stop_limit)i), (int)r->needs[i]);
    if (line.len > 0) {
        text_list_addf(out, "%s, or more: with less, recovery does not get to the target",
                       text_chars(&line));
    } else {
        for (int i = 0; i < WP_LIMITS; i++)
            text_addf(&line, "%s%s", i > 0 ? ", " : "", wp_stop_limit_name((wp_stop_limit)i));
        text_list_addf(out, "%s: no lower than in production (this WAL does not tell its values)",
                       text_chars(&line));
    }
    text_free(&line);
}

static void add_end(const report *r, text_list *out)
{
    const wp_recovery_traits *recovery = &r->archive->info.profile->recovery;
    char action[32];
    render_action(r, action);
    if (strcmp(action, "pause") == 0)
        text_list_addf(
            out,
            "do not call %s_replay_resume() until you are sure. It ends recovery for good. For a "
            "later target: stop the server, change the target, start it. For an earlier target: "
            "restore the backup again",
            recovery->wal_directory);
    else if (strcmp(action, "promote") == 0)
        text_list_addf(out, "it promotes by itself at the target: what comes later in the WAL can "
                            "then be had only by another restore");
}

void trial_steps(const report *r, text_list *out)
{
    text_list_addf(out, "its own folder, port and unix_socket_directories, "
                        "no listen_addresses: so nobody takes it for production");
    add_archiving(r, out);
    add_needs(r, out);
    if (!r->archive->info.profile->recovery.lacks_subscriptions)
        text_list_addf(out, "max_logical_replication_workers = 0: else, once promoted, its "
                            "subscriptions take changes that production then misses");
    add_end(r, out);
}
