/* ending.c - see ending.h. */
#include "scan/ending.h"

#include "base/time_text.h"

bool ending_words(const scan_result *result, wp_time last, bool is_local, text *out)
{
    if (result->ends_inside[0] == '\0')
        return false;
    text_addf(out, "the WAL here ends inside segment %s", result->ends_inside);
    if (last == WP_TIME_UNKNOWN)
        return true;
    char utc[WP_TIME_TEXT_BYTES];
    text_add(out, ", at ");
    if (is_local)
        time_text_add(out, last);
    else
        text_add(out, wp_time_format(last, utc));
    return true;
}
