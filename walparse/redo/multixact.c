/*
 * multixact.c - see multixact.h. Mirrors GetMultiXactIdMembers() and MultiXactIdGetUpdateXid() of access/transam/multixact.c and
 * access/heap/heapam.c.
 */
#include "redo/multixact.h"

#include <stdlib.h>

#include <walparse/profile.h>

#include "base/cursor.h"
#include "base/fail.h"

#define FIRST_MULTIXACT 1

/* What a member does to the row. */
#define STATUS_NO_KEY_UPDATE 4
#define STATUS_UPDATE 5 /* or it deletes it */

void wpi_multixacts_forget(wpi_multixacts *m)
{
    m->offsets.is_held = m->members.is_held = false;
}

void wpi_multixacts_free(wpi_multixacts *m)
{
    free(m->offsets.bytes);
    free(m->members.bytes);
}

/* Has the copy that block of its log. */
static wp_status hold(const wpi_multixacts *m, wp_redo *redo, wp_redo_log log, uint32_t block,
                      wpi_log_copy *copy, wp_error *err)
{
    if (copy->is_held && copy->block == block)
        return WP_OK;
    const wp_locator file = { .spc = WP_REDO_LOG_TABLESPACE, .rel = log };
    wp_page page;
    const wp_status status = wp_redo_page(redo, &file, block, &page, err);
    if (status < 0)
        return status;
    if (page.state == WP_PAGE_KNOWN) {
        if (!copy->bytes)
            copy->bytes = malloc(m->block_bytes);
        if (!copy->bytes)
            return wpi_fail(err, WP_ERR_NOMEM, 0, "out of memory");
        memcpy(copy->bytes, page.bytes, m->block_bytes);
    }
    copy->is_held = true;
    copy->block = block;
    copy->state = page.state;
    return WP_OK;
}

/* Where the members of a multixact begin. 0: there is none, or (is_known false) nobody knows. */
static wp_status first_member(wpi_multixacts *m, wp_redo *redo, wp_xid multi, bool *is_known,
                              uint64_t *out, wp_error *err)
{
    const size_t bytes = m->profile->multixact_offset_bytes;
    const uint32_t per_page = (uint32_t)(m->block_bytes / bytes);
    const wp_status status =
        hold(m, redo, WP_REDO_MULTIXACT_OFFSETS, multi / per_page, &m->offsets, err);
    if (status < 0)
        return status;
    *is_known = m->offsets.state == WP_PAGE_KNOWN || m->offsets.state == WP_PAGE_ABSENT;
    *out = 0;
    if (m->offsets.state == WP_PAGE_KNOWN) {
        const uint8_t *p = m->offsets.bytes + multi % per_page * bytes;
        *out = bytes == 8 ? wpi_u64(p) : wpi_u32(p);
    }
    return WP_OK;
}

typedef struct member {
    bool is_known;
    uint8_t status;
    wp_xid xid; /* 0: the place is not used */
} member;

/* absent_is_unused: a page that is not there has no members yet. */
static wp_status member_at(wpi_multixacts *m, wp_redo *redo, uint64_t number, bool absent_is_unused,
                           member *out, wp_error *err)
{
    const wpi_member_place place = wpi_member_place_of(number, m->block_bytes);
    *out = (member){ 0 };
    if (place.page > UINT32_MAX)
        return WP_OK;
    const wp_status status =
        hold(m, redo, WP_REDO_MULTIXACT_MEMBERS, (uint32_t)place.page, &m->members, err);
    if (status < 0)
        return status;
    if (m->members.state == WP_PAGE_KNOWN)
        *out = (member){ true, m->members.bytes[place.status_at],
                         wpi_u32(m->members.bytes + place.xid_at) };
    else
        out->is_known = m->members.state == WP_PAGE_ABSENT && absent_is_unused;
    return WP_OK;
}

/* The members of a multixact. */
typedef struct member_range {
    uint64_t first, n;
    bool
        is_open; /* it is the last multixact: its members go up to the first place that is not used */
} member_range;

static wp_status range_of(wpi_multixacts *m, wp_redo *redo, wp_xid multi, bool *is_known,
                          member_range *out, wp_error *err)
{
    const bool is_wide = m->profile->multixact_offset_bytes == 8;
    const wp_xid next = multi == UINT32_MAX ? FIRST_MULTIXACT : multi + 1;
    uint64_t end = 0;
    *out = (member_range){ 0 };
    wp_status status = first_member(m, redo, multi, is_known, &out->first, err);
    if (status < 0)
        return status;
    *is_known = *is_known && out->first != 0;
    if (!*is_known)
        return WP_OK;
    status = first_member(m, redo, next, is_known, &end, err);
    if (status < 0 || !*is_known)
        return status;
    out->is_open = end == 0;
    out->n = is_wide ? end - out->first : (uint32_t)(end - out->first);
    *is_known = out->is_open || (out->n > 0 && (!is_wide || end > out->first));
    return WP_OK;
}

wp_status wpi_multixacts_updater(wpi_multixacts *m, wp_redo *redo, wp_xid multi, bool *is_known,
                                 wp_xid *updater, wp_error *err)
{
    const bool is_wide = m->profile->multixact_offset_bytes == 8;
    member_range range;
    *updater = 0;
    *is_known = true;
    if (multi < FIRST_MULTIXACT)
        return WP_OK;
    wp_status status = range_of(m, redo, multi, is_known, &range, err);
    for (uint64_t i = 0; status >= 0 && *is_known && (range.is_open || i < range.n); i++) {
        const uint64_t number = is_wide ? range.first + i : (uint32_t)(range.first + i);
        member found;
        status = member_at(m, redo, number, range.is_open && i > 0, &found, err);
        if (status < 0)
            return status;
        if (found.is_known && found.xid == 0 && range.is_open && i > 0)
            return WP_OK;
        /* Where numbers begin anew, place 0 is left out. */
        *is_known = found.is_known && found.status <= STATUS_UPDATE
                    && (found.xid != 0 || (number == 0 && i > 0));
        if (*is_known && found.xid != 0 && found.status >= STATUS_NO_KEY_UPDATE) {
            *updater = found.xid;
            return WP_OK;
        }
    }
    return status;
}
