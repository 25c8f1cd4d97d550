/*
 * status.h - how library calls end.
 *
 * 0 is success, positive values are normal ends, negative ones are failures: test with `< 0`.
 * The text of a failure is built where the fact is known and says position, expected and found value.
 */
#ifndef WALPARSE_STATUS_H
#define WALPARSE_STATUS_H

#include <walparse/types.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef enum wp_status {
    WP_OK = 0,
    WP_END = 1,            /* nothing more to come */
    WP_ERR_NOMEM = -1,     /* an allocation failed */
    WP_ERR_NOT_WAL = -2,   /* the bytes are no WAL segment */
    WP_ERR_VERSION = -3,   /* page magic of a version this library does not know */
    WP_ERR_BYTEORDER = -4, /* WAL of a server with the other byte order */
    WP_ERR_GEOMETRY = -5,  /* impossible or changed segment size, page size or alignment */
    WP_ERR_DAMAGE = -6,    /* bytes that contradict themselves */
    WP_ERR_LIMIT = -7,     /* a limit of this library was reached */
    WP_ERR_USAGE = -8      /* an argument nobody can work with */
} wp_status;

/* What went wrong, in words. Valid until the next call that is handed the same object. */
typedef struct wp_error {
    wp_status status;
    wp_lsn lsn; /* position, 0 where none applies */
    char text[320];
} wp_error;

/** A short fixed name of a status ("damage"). Never NULL. */
WP_API const char *wp_status_name(wp_status status);

#ifdef __cplusplus
}
#endif
#endif
