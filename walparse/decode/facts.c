/*
 * facts.c - the buffer facts live in, and the arrays behind a wp_fact_xact.
 */
#include "decode/facts.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_ROOM ((size_t)64 << 10)

static bool facts_reserve(wp_facts *facts, size_t bytes)
{
    if (facts->room - facts->len >= bytes)
        return true;
    if (bytes > SIZE_MAX / 4 || facts->room > SIZE_MAX / 4)
        return false;
    size_t room = facts->room ? facts->room * 2 : FIRST_ROOM;
    while (room - facts->len < bytes)
        room *= 2;
    uint8_t *grown = realloc(facts->bytes, room);
    if (!grown)
        return false;
    facts->bytes = grown;
    facts->room = room;
    return true;
}

void *wpi_fact_add(wpi_builder *out, wp_fact_kind kind, size_t bytes, wp_lsn lsn, wp_xid xid)
{
    assert(bytes >= sizeof(wp_fact));
    const size_t size = (bytes + 7) & ~(size_t)7;
    if (out->out_of_memory || size < bytes || size > UINT32_MAX
        || !facts_reserve(out->facts, size)) {
        out->out_of_memory = true;
        return NULL;
    }
    wp_fact *fact = (wp_fact *)(void *)(out->facts->bytes + out->facts->len);
    memset(fact, 0, size);
    *fact = (wp_fact){ .size = (uint32_t)size, .kind = (uint8_t)kind, .xid = xid, .lsn = lsn };
    out->facts->len += size;
    return fact;
}

wp_fact *wpi_fact_open(const wp_facts *facts, wp_fact_kind kind)
{
    if (facts->len == 0)
        return NULL;
    wp_fact *fact = (wp_fact *)(void *)(facts->bytes + facts->open_at);
    return fact->kind == kind && facts->open_at + fact->size == facts->len ? fact : NULL;
}

void wpi_note_rest(wpi_builder *out, size_t bytes)
{
    if (bytes > 0)
        out->odd = (wpi_oddity){ .what = WP_ODD_REST, .value = (uint32_t)bytes };
}

const wp_fact *wp_facts_next(const wp_facts *facts, size_t *pos)
{
    if (*pos >= facts->len)
        return NULL;
    const wp_fact *fact = (const wp_fact *)(const void *)(facts->bytes + *pos);
    *pos += fact->size;
    return fact;
}

void wp_facts_clear(wp_facts *facts)
{
    facts->len = facts->open_at = 0;
}

void wp_facts_free(wp_facts *facts)
{
    free(facts->bytes);
    *facts = (wp_facts){ 0 };
}

const wp_locator *wp_fact_xact_rels(const wp_fact_xact *fact)
{
    return (const wp_locator *)(const void *)(fact + 1);
}

const wp_xid *wp_fact_xact_subxids(const wp_fact_xact *fact)
{
    return (const wp_xid *)(const void *)(wp_fact_xact_rels(fact) + fact->nrels);
}

const wp_oid *wp_fact_xact_stats(const wp_fact_xact *fact)
{
    return wp_fact_xact_subxids(fact) + fact->nsubxacts;
}

const wp_oid *wp_fact_xact_relcache(const wp_fact_xact *fact)
{
    return wp_fact_xact_stats(fact) + fact->nstats;
}

const char *wp_fact_xact_gid(const wp_fact_xact *fact)
{
    if (fact->gid_bytes == 0)
        return NULL;
    return (const char *)(const void *)(wp_fact_xact_relcache(fact) + fact->nrelcache);
}

void wpi_damage_add(wpi_builder *out, wpi_damage damage)
{
    wp_fact_damage *fact = wpi_fact_add(out, WP_FACT_DAMAGE, sizeof *fact, damage.lsn, 0);
    if (!fact)
        return;
    fact->fact.op = (uint8_t)damage.what;
    fact->until = damage.until;
    fact->expected = damage.expected;
    fact->found = damage.found;
}
