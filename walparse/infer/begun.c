/* begun.c - see begun.h. */
#include "infer/begun.h"

#include <walparse/types.h>

static void tell_first_new(wpi_begun *begun, wp_xid xid, wp_lsn lsn)
{
    begun->first_new = xid;
    begun->told_at = lsn;
}

void wpi_begun_running(wpi_begun *begun, const wp_fact_running *fact)
{
    if (begun->first_new == 0) {
        tell_first_new(begun, fact->next_xid, fact->fact.lsn);
    } else if (wp_xid_precedes(begun->first_new, fact->oldest_running)) {
        begun->first_new = fact->oldest_running; /* ids wrap around */
        begun->nsteps = 0;
    }
}

void wpi_begun_shutdown(wpi_begun *begun, const wp_fact_checkpoint *fact)
{
    if (begun->first_new == 0)
        tell_first_new(begun, fact->next_xid, fact->fact.lsn);
}

/* Keeps one of two: whoever began between the two is then taken to have begun before. */
static void thin_out(wpi_begun *begun)
{
    for (size_t i = 0; i < WPI_BEGUN_STEPS / 2; i++)
        begun->steps[i] =
            (struct wpi_begun_step){ begun->steps[2 * i].lsn, begun->steps[2 * i + 1].youngest };
    begun->nsteps = WPI_BEGUN_STEPS / 2;
}

void wpi_begun_committed(wpi_begun *begun, wp_xid xid, wp_lsn lsn)
{
    if (wpi_begun_is_new(begun, xid))
        return; /* nobody asks any more */
    if (begun->nsteps && !wp_xid_precedes(begun->steps[begun->nsteps - 1].youngest, xid))
        return;
    if (begun->nsteps == WPI_BEGUN_STEPS)
        thin_out(begun);
    begun->steps[begun->nsteps++] = (struct wpi_begun_step){ lsn, xid };
}

void wpi_begun_after_gap(wpi_begun *begun)
{
    begun->first_new = 0;
    begun->nsteps = 0;
}

bool wpi_begun_is_new(const wpi_begun *begun, wp_xid xid)
{
    return begun->first_new && !wp_xid_precedes(xid, begun->first_new);
}

wpi_beginning wpi_begun_where(const wpi_begun *begun, wp_xid xid, wp_lsn first)
{
    if (wpi_begun_is_new(begun, xid))
        return WPI_BEGAN_HERE;
    if (begun->first_new && first > begun->told_at)
        return WPI_BEGAN_BEFORE;
    size_t n = 0;
    while (n < begun->nsteps && begun->steps[n].lsn < first)
        n++;
    if (n == 0)
        return WPI_MAY_HAVE_BEGUN_BEFORE;
    return wp_xid_precedes(xid, begun->steps[n - 1].youngest) ? WPI_BEGAN_BEFORE : WPI_BEGAN_HERE;
}
