/* begun.c - see begun.h. */
#include "begun.h"

#include <walparse/types.h>

void wpi_begun_running(wpi_begun *begun, wp_xid next_xid, wp_xid oldest)
{
    if (begun->first_new == 0) {
        begun->first_new = next_xid;
    } else if (wp_xid_precedes(begun->first_new, oldest)) {
        begun->first_new = oldest; /* ids wrap around */
        begun->nsteps = 0;
    }
}

/* Keeps one of two: whoever began between the two is then taken to have begun before. */
static void thin_out(wpi_begun *begun)
{
    for (size_t i = 0; i < WPI_BEGUN_STEPS / 2; i++)
        begun->steps[i] =
            (struct wpi_begun_step){ begun->steps[2 * i].lsn, begun->steps[2 * i + 1].youngest };
    begun->nsteps = WPI_BEGUN_STEPS / 2;
}

void wpi_begun_ended(wpi_begun *begun, wp_xid xid, wp_lsn lsn)
{
    if (begun->first_new && !wp_xid_precedes(xid, begun->first_new))
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

bool wpi_begun_before(const wpi_begun *begun, wp_xid xid, wp_lsn first)
{
    if (begun->first_new && !wp_xid_precedes(xid, begun->first_new))
        return false;
    size_t n = 0;
    while (n < begun->nsteps && begun->steps[n].lsn < first)
        n++;
    return n == 0 || wp_xid_precedes(xid, begun->steps[n - 1].youngest);
}
