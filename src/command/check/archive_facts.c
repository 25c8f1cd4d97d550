/* archive_facts.c - see archive_facts.h. */
#include "command/check/archive_facts.h"

#include <string.h>

#include "backup/manifest.h"
#include "base/message.h"

/* A backup without one of its files does not start, or has lost a table. */
static bool is_whole(const char *path, char why[MESSAGE_BYTES])
{
    manifest_check found;
    if (!manifest_check_sizes(path, &found, why))
        return false;
    if (found.differing == 0)
        return true;
    return message_fail(why,
                        "the base backup %s is not whole: %s is not there with the size that "
                        "backup_manifest has, and of such files there %s %llu",
                        path, found.first, found.differing == 1 ? "is" : "are",
                        (unsigned long long)found.differing);
}

static void read_backup(const char *path, lone_backup *out)
{
    backup base;
    *out = (lone_backup){ .path = path };
    /* Pages from before the WAL are of no interest here: no names are wanted. */
    out->is_read = backup_open(path, 0, &base, out->why) && is_whole(path, out->why);
    if (out->is_read) {
        out->label = base.label;
        out->label.stop_lsn = out->label.stop_lsn != 0 ? out->label.stop_lsn : base.stop_lsn;
        out->system_identifier = base.system_identifier;
    }
    backup_free(&base);
}

void archive_facts_gather(const archive_order *order, archive_facts *out)
{
    const char *readable[LONE_BACKUPS_MAX];
    size_t nreadable = 0;
    *out = (archive_facts){ .is_asked = order->narchives > 0 };
    for (size_t i = 0; i < order->nbackups && i < LONE_BACKUPS_MAX; i++) {
        lone_backup *one = &out->backups[out->nbackups++];
        read_backup(order->backups[i], one);
        /* One of another cluster is told of by itself. */
        if (one->is_read && (order->system_id == 0 || one->system_identifier == order->system_id))
            readable[nreadable++] = one->path;
    }
    if (!out->is_asked)
        return;
    verify_input input = { .nsources = order->narchives,
                           .backups = readable,
                           .nbackups = nreadable,
                           .system_id = order->system_id,
                           .jobs = order->jobs };
    memcpy(&input.sources, &order->archives, sizeof input.sources);
    out->is_read = verify(&input, &out->seen, out->why);
}

void archive_facts_free(archive_facts *f)
{
    if (f->is_asked)
        verification_free(&f->seen);
}
