/* clusters.c - see clusters.h. */
#include "archive/clusters.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/message.h"

bool clusters_are_same(const wp_segment_info *a, const wp_segment_info *b)
{
    return a->system_identifier == b->system_identifier && a->profile == b->profile
           && a->segment_size == b->segment_size && a->page_size == b->page_size
           && a->max_align == b->max_align;
}

static cluster *find(clusters *c, const wp_segment_info *info)
{
    for (size_t i = 0; i < c->n; i++)
        if (clusters_are_same(&c->list[i].info, info))
            return &c->list[i];
    return NULL;
}

void clusters_add(clusters *c, wp_tli tli, const wp_segment_info *info)
{
    char name[WP_SEGMENT_NAME_BYTES];
    (void)wp_segment_name_format(tli, info->start_lsn, info->segment_size, name);
    cluster *found = find(c, info);
    if (!found && c->n == CLUSTERS_MAX) {
        c->has_others = true;
        return;
    }
    if (!found) {
        found = &c->list[c->n++];
        *found = (cluster){ .info = *info };
        memcpy(found->first, name, sizeof name);
        memcpy(found->last, name, sizeof name);
    }
    found->segments++;
    if (strcmp(name, found->first) < 0)
        memcpy(found->first, name, sizeof name);
    if (strcmp(name, found->last) > 0)
        memcpy(found->last, name, sizeof name);
}

static void list_all(const clusters *c, char list[MESSAGE_BYTES])
{
    size_t len = 0;
    list[0] = '\0';
    for (size_t i = 0; i < c->n && len < MESSAGE_BYTES; i++) {
        const cluster *one = &c->list[i];
        const int n = snprintf(list + len, MESSAGE_BYTES - len,
                               "%s%" PRIu64 " (PostgreSQL %s, %zu segment%s, %s to %s)",
                               i ? ", " : "", one->info.system_identifier, one->info.profile->major,
                               one->segments, one->segments == 1 ? "" : "s", one->first, one->last);
        len += n > 0 ? (size_t)n : 0;
    }
}

bool clusters_fail(const clusters *c, char message[MESSAGE_BYTES])
{
    char list[MESSAGE_BYTES];
    list_all(c, list);
    return message_fail(
        message, "WAL of several clusters; choose with --system-id. System identifiers: %s%s", list,
        c->has_others ? " and others" : "");
}

bool clusters_fail_missing(const clusters *c, uint64_t system_id, char message[MESSAGE_BYTES])
{
    char list[MESSAGE_BYTES];
    list_all(c, list);
    return message_fail(message, "no WAL of system identifier %" PRIu64 ". There is: %s%s",
                        system_id, list, c->has_others ? " and others" : "");
}
