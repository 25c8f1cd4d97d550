/*
 * follow_save.c - what a follow knows, as bytes: where it is, then the names it was given, and what its reducer knows.
 *
 * Where it is lies inside a segment, mostly. Of that segment the mapper's own knowledge is not written: it is a pure
 * function of the bytes, so they are read again from the segment's start, and what they say is dropped up to that place.
 */
#include <string.h>

#include "live/follow_tell.h"

/* Of what is written. Rises with every change of it. */
#define SAVED_FORMAT 3

typedef struct saved_head {
    uint32_t format, head_bytes;
    uint32_t page_magic, segment_size, page_size, max_align;
    uint64_t system_identifier;
    wp_lsn segment_start, position;
    wp_lsn told_lsn;
    uint32_t told_number;
    wp_tli told_tli, tli;
    uint32_t warnings;
    wp_lsn commit_lsn; /* of the last one; 0: none */
    wp_time commit_time;
    wp_xid commit_xid;
    uint32_t unused;
} saved_head;

bool follow_can_save(const follow *f)
{
    return f->reducer != NULL && !f->has_tail && !f->is_broken && f->position >= f->known_until
           && f->is_seeded;
}

bool follow_save(const follow *f, bool (*write)(void *context, const void *bytes, size_t n),
                 void *context)
{
    wp_error err;
    saved_head head;
    memset(&head, 0, sizeof head);
    head.format = SAVED_FORMAT;
    head.head_bytes = sizeof head;
    head.page_magic = f->info.profile->page_magic;
    head.segment_size = f->info.segment_size;
    head.page_size = f->info.page_size;
    head.max_align = f->info.max_align;
    head.system_identifier = f->info.system_identifier;
    head.segment_start = f->segment_start;
    head.position = f->position;
    head.told_lsn = f->told.lsn;
    head.told_number = f->told.number;
    head.told_tli = f->told.tli;
    head.tli = f->tli;
    head.commit_lsn = f->last_commit.lsn;
    head.commit_time = f->last_commit.time;
    head.commit_xid = f->last_commit.xid;
    head.warnings = f->warnings;
    return follow_can_save(f) && write(context, &head, sizeof head)
           && wp_external_names_save(f->names != NULL ? f->names : f->config.external_names, write,
                                     context, &err)
                  == WP_OK
           && wp_reducer_save(f->reducer, write, context, &err) == WP_OK;
}

/* False: no server writes such WAL. */
static bool set_info(follow *f, const saved_head *head)
{
    const wp_profile *profile = wp_profile_by_magic((uint16_t)head->page_magic);
    f->info = (wp_segment_info){ .profile = profile,
                                 .system_identifier = head->system_identifier,
                                 .start_lsn = head->segment_start,
                                 .page_tli = head->tli,
                                 .segment_size = head->segment_size,
                                 .page_size = head->page_size,
                                 .max_align = (uint8_t)head->max_align };
    return profile != NULL && head->segment_size >= WP_SEGMENT_SIZE_MIN
           && head->segment_size <= WP_SEGMENT_SIZE_MAX
           && (head->segment_size & (head->segment_size - 1)) == 0
           && head->segment_start % head->segment_size == 0
           && head->position - head->segment_start <= head->segment_size;
}

/* Names of then, of what was dropped since, too; and those there are now of what came since. */
static bool load_names(follow *f, wp_view *saved, char message[MESSAGE_BYTES])
{
    wp_error err;
    if (wp_external_names_new(&f->names, &err) < 0
        || wp_external_names_load(f->names, saved, &err) < 0
        || wp_external_names_add_all(f->names, f->config.external_names, &err) < 0)
        return message_fail(message, "%s", err.text);
    return true;
}

bool follow_load(follow *f, wp_view saved, char message[MESSAGE_BYTES])
{
    saved_head head;
    wp_error err;
    if (saved.len < sizeof head)
        return message_fail(message, "what was saved is cut short");
    memcpy(&head, saved.bytes, sizeof head);
    if (head.format != SAVED_FORMAT || head.head_bytes != sizeof head)
        return message_fail(message, "another version of this program has written it");
    if (!set_info(f, &head))
        return message_fail(message, "what was saved contradicts itself");
    if (f->config.system_identifier != 0 && f->config.system_identifier != head.system_identifier)
        return message_fail(message, "it is of another cluster: system identifier %llu, not %llu",
                            (unsigned long long)head.system_identifier,
                            (unsigned long long)f->config.system_identifier);
    wp_view rest = { saved.bytes + sizeof head, saved.len - sizeof head };
    if (!load_names(f, &rest, message) || !follow_make_reducer(f, message))
        return false;
    if (wp_reducer_load(f->reducer, rest, &err) < 0)
        return message_fail(message, "%s", err.text);
    f->began_at = f->position = f->segment_start = head.segment_start;
    f->known_until = head.position;
    f->tli = f->known_tli = head.tli;
    f->last_commit =
        (wp_xact_end){ .lsn = head.commit_lsn, .time = head.commit_time, .xid = head.commit_xid };
    f->warnings = head.warnings;
    const follow_told saved_told = { head.told_lsn, head.told_number, head.told_tli };
    if (follow_is_told(saved_told, f->told))
        f->told = saved_told;
    f->is_seeded = true;
    f->is_loaded = true;
    return true;
}
