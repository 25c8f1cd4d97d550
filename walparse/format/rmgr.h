/*
 * rmgr.h - names of resource managers, where their lengths are wanted, too.
 */
#ifndef WPI_RMGR_H
#define WPI_RMGR_H

#include <walparse/rmgr.h>

typedef struct wpi_rmgr_name {
    char chars[WP_RMGR_NAME_BYTES]; /* NUL up to its end */
    uint8_t len;
} wpi_rmgr_name;

/* NULL: no manager of the server itself has that id. */
const wpi_rmgr_name *wpi_rmgr_builtin(uint8_t rmid);

#endif
