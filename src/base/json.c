/* json.c - see json.h. */
#include "base/json.h"

#include <inttypes.h>

void json_number(text *out, const char *key, uint64_t value)
{
    if (value == 0)
        text_addf(out, "\"%s\":null", key);
    else
        text_addf(out, "\"%s\":%" PRIu64, key, value);
}

void json_lsn(text *out, const char *key, wp_lsn lsn)
{
    char buf[WP_LSN_TEXT_BYTES];
    text_add_json_member(out, key, lsn != 0 ? wp_lsn_format(lsn, buf) : NULL);
}

void json_time(text *out, const char *key, wp_time time)
{
    char buf[WP_TIME_TEXT_BYTES];
    wp_time_format(time, buf);
    text_add_json_member(out, key, buf[0] >= '0' && buf[0] <= '9' ? buf : NULL);
}

void json_string(text *out, const char *key, const char *value)
{
    text_add_json_member(out, key, value == NULL || *value == '\0' ? NULL : value);
}
