/*
 * xid_setting.c - a transaction id as recovery_target_xid takes it: as strtoul(3) with base 0 does.
 */
#include <walparse/stop.h>

static bool is_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

/* Value of a digit of any base; 99: none. */
static unsigned digit_of(char c)
{
    if (c >= '0' && c <= '9')
        return (unsigned)(c - '0');
    if (c >= 'a' && c <= 'f')
        return (unsigned)(c - 'a') + 10;
    if (c >= 'A' && c <= 'F')
        return (unsigned)(c - 'A') + 10;
    return 99;
}

bool wp_xid_setting_parse(const char *text, wp_xid_setting *out)
{
    const char *at = text;
    wp_xid_setting got = { .form = WP_NUMBER_DECIMAL };
    while (is_space(*at))
        at++;
    got.is_negative = *at == '-';
    if (*at == '-' || *at == '+')
        at++;
    unsigned base = 10;
    if (at[0] == '0' && (at[1] == 'x' || at[1] == 'X') && digit_of(at[2]) < 16) {
        base = 16;
        got.form = WP_NUMBER_HEX;
        at += 2;
    } else if (at[0] == '0' && digit_of(at[1]) < 10) {
        base = 8;
        got.form = WP_NUMBER_OCTAL;
    } else if (digit_of(at[0]) >= 10) {
        *out = (wp_xid_setting){ .form = WP_NUMBER_NONE, .rest = text };
        return true;
    }
    for (; digit_of(*at) < base; at++) {
        const unsigned digit = digit_of(*at);
        if (got.number > (UINT64_MAX - digit) / base)
            return false;
        got.number = got.number * base + digit;
    }
    if (got.is_negative)
        got.number = 0 - got.number;
    got.xid = (wp_xid)got.number;
    got.rest = at;
    *out = got;
    return true;
}
