/*
 * status.c - names of statuses.
 */
#include <walparse/status.h>

const char *wp_status_name(wp_status status)
{
    switch (status) {
    case WP_OK:
        return "ok";
    case WP_END:
        return "end";
    case WP_ERR_NOMEM:
        return "out of memory";
    case WP_ERR_NOT_WAL:
        return "not WAL";
    case WP_ERR_VERSION:
        return "unknown version";
    case WP_ERR_BYTEORDER:
        return "other byte order";
    case WP_ERR_GEOMETRY:
        return "impossible geometry";
    case WP_ERR_DAMAGE:
        return "damage";
    case WP_ERR_LIMIT:
        return "limit reached";
    case WP_ERR_USAGE:
        return "wrong usage";
    }
    return "unknown status";
}
