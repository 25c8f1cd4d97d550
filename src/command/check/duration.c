/* duration.c - see duration.h. */
#include "command/check/duration.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static const struct {
    const char *name;
    int64_t seconds;
} units[] = { { "d", 86400 }, { "h", 3600 }, { "min", 60 }, { "s", 1 } };
#define UNITS (sizeof units / sizeof *units)

#define SECONDS_MAX (INT64_C(86400) * 36525)

bool duration_parse(const char *chars, int64_t *seconds)
{
    int64_t number = 0;
    const char *at = chars;
    for (; *at >= '0' && *at <= '9' && number <= SECONDS_MAX; at++)
        number = number * 10 + (*at - '0');
    if (at == chars)
        return false;
    at += strspn(at, " ");
    for (size_t i = 0; i < UNITS; i++) {
        if (strcmp(at, units[i].name) != 0 || number == 0
            || number > SECONDS_MAX / units[i].seconds)
            continue;
        *seconds = number * units[i].seconds;
        return true;
    }
    return false;
}

char *duration_text(int64_t seconds, char buf[DURATION_TEXT_BYTES])
{
    size_t i = 0;
    while (i + 1 < UNITS && seconds < units[i].seconds)
        i++;
    const int64_t rest = seconds % units[i].seconds;
    int len = snprintf(buf, DURATION_TEXT_BYTES, "%" PRId64 " %s", seconds / units[i].seconds,
                       units[i].name);
    if (i + 1 < UNITS && rest / units[i + 1].seconds > 0)
        (void)snprintf(buf + len, DURATION_TEXT_BYTES - (size_t)len, " %" PRId64 " %s",
                       rest / units[i + 1].seconds, units[i + 1].name);
    return buf;
}
