/*
 * multixact.h - the logs of multixacts: where things lie on their pages, and which member of one updates its row. Mirrors
 * access/transam/multixact.c and access/multixact.h.
 *
 * A page of offsets has the first member of each multixact, u32 and from 19 on u64; 0: there is no such multixact. The members lie in
 * groups of four:
 *
 *     u8 status of four members | u32 xid of four members              20 bytes
 */
#ifndef WPI_REDO_MULTIXACT_H
#define WPI_REDO_MULTIXACT_H

#include <walparse/redo.h>

typedef struct wpi_member_place {
    uint64_t page;
    size_t status_at, xid_at;
} wpi_member_place;

#define WPI_GROUP_MEMBERS 4
#define WPI_GROUP_BYTES 20

static inline wpi_member_place wpi_member_place_of(uint64_t member, uint32_t block_bytes)
{
    const uint32_t groups = block_bytes / WPI_GROUP_BYTES;
    const uint64_t group = member / WPI_GROUP_MEMBERS;
    const size_t in_group = member % WPI_GROUP_MEMBERS;
    const size_t at = group % groups * WPI_GROUP_BYTES;
    return (wpi_member_place){ .page = group / groups,
                               .status_at = at + in_group,
                               .xid_at = at + WPI_GROUP_MEMBERS + in_group * 4 };
}

/* A page that was asked for last. */
typedef struct wpi_log_copy {
    bool is_held;
    uint32_t block;
    wp_page_state state;
    uint8_t *bytes; /* NULL: none was known yet */
} wpi_log_copy;

/* Start with all zero but for the first two. */
typedef struct wpi_multixacts {
    const struct wp_profile *profile;
    uint32_t block_bytes;
    wpi_log_copy offsets, members;
} wpi_multixacts;

/* A record has changed the logs. */
void wpi_multixacts_forget(wpi_multixacts *m);
void wpi_multixacts_free(wpi_multixacts *m);

/* The member that updates or deletes the row; 0: all of them lock it. is_known false: the logs do not tell. Fails as wp_redo_page(). */
wp_status wpi_multixacts_updater(wpi_multixacts *m, wp_redo *redo, wp_xid multi, bool *is_known,
                                 wp_xid *updater, wp_error *err);

#endif
