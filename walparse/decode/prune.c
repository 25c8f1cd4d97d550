/* prune.c - see prune.h. */
#include "decode/prune.h"

wpi_offsets wpi_take_offsets(wpi_cursor *c, size_t n, size_t each)
{
    return (wpi_offsets){ wpi_take(c, n * each * 2), n };
}

unsigned wpi_prune_flags(const wpi_record *record)
{
    const uint8_t *main = record->main.bytes;
    const uint8_t at = record->profile->prune_flags_at;
    return at > 0 ? main[at] : wpi_u16(main);
}

static wpi_offsets take_list(wpi_cursor *c, bool is_there, size_t each)
{
    return is_there ? wpi_take_offsets(c, wpi_take_u16(c), each) : (wpi_offsets){ NULL, 0 };
}

bool wpi_take_prune_lists(wpi_cursor *c, unsigned flags, wpi_prune_lists *out)
{
    *out = (wpi_prune_lists){ .plans = NULL };
    if (flags & WPI_PRUNE_HAS_PLANS) {
        out->nplans = wpi_take_u16(c);
        wpi_align(c, 4);
        out->plans = wpi_take(c, out->nplans * WPI_PLAN_BYTES);
    }
    out->redirected = take_list(c, flags & WPI_PRUNE_HAS_REDIRECTED, 2);
    out->dead = take_list(c, flags & WPI_PRUNE_HAS_DEAD, 1);
    out->unused = take_list(c, flags & WPI_PRUNE_HAS_UNUSED, 1);
    return !c->overrun;
}
