/*
 * fuzz_time.c - any bytes as a time: of an option, and as recovery_target_time.
 *
 * Input: a byte that chooses the major and (bit 7) whether the server's zone is known, then the text.
 */
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "recovery/server_time.h"
#include "base/time_text.h"

#define TEXT_BYTES_MAX 256

/* Written down and read again it is the same moment. */
static void check_time(wp_time time)
{
    char chars[WP_TIME_TEXT_BYTES], local[TIMEPARSE_TEXT_BYTES], message[512];
    wp_time again = 0;
    bool is_local = false;
    wp_time_format(time, chars);
    if (strcmp(chars, "unknown") == 0)
        return; /* an offset took it out of the calendar */
    if (!timeparse(chars, &again, &is_local, message) || again != time || is_local)
        abort();
    if (strlen(time_text_local(time, local)) >= sizeof local
        || strlen(time_text_zone(time, local)) >= sizeof local)
        abort();
}

static void as_option(const char *chars)
{
    char message[512] = "";
    wp_time time = 0;
    bool is_local = false;
    if (timeparse(chars, &time, &is_local, message))
        check_time(time);
    else if (message[0] == '\0')
        abort();
}

static void as_setting(const char *chars, uint8_t choice)
{
    const wp_profile *profile = fuzz_choose_server(choice & 0x7F).profile;
    const servertime got =
        servertime_read(&profile->recovery, chars, choice & 0x80 ? "Europe/Madrid" : NULL);
    if (strlen(got.zone) >= sizeof got.zone)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0 || size > TEXT_BYTES_MAX)
        return 0;
    char *chars = malloc(size);
    if (!chars)
        return 0;
    memcpy(chars, data + 1, size - 1);
    chars[size - 1] = '\0';
    as_option(chars);
    as_setting(chars, data[0]);
    free(chars);
    return 0;
}
