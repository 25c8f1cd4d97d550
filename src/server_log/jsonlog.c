/* jsonlog.c - see jsonlog.h. Strings are unescaped where they lie: no escape is shorter than what it stands for. */
#include "server_log/jsonlog.h"

/* No server nests at all; what nests deeper is no entry. */
#define DEPTH_MAX 32

typedef struct json_in {
    uint8_t *bytes;
    size_t at, len;
    bool is_cut;
} json_in;

static void skip_blanks(json_in *in)
{
    while (in->at < in->len
           && (in->bytes[in->at] == ' ' || in->bytes[in->at] == '\t' || in->bytes[in->at] == '\n'
               || in->bytes[in->at] == '\r'))
        in->at++;
}

static bool take(json_in *in, char c)
{
    skip_blanks(in);
    if (in->at >= in->len || in->bytes[in->at] != (uint8_t)c)
        return false;
    in->at++;
    return true;
}

static int hex_digit(uint8_t c)
{
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : -1;
}

/* The four digits after \u; -1: they are none. */
static int32_t take_unit(json_in *in)
{
    int32_t value = 0;
    if (in->len - in->at < 4)
        return -1;
    for (int i = 0; i < 4; i++) {
        const int digit = hex_digit(in->bytes[in->at + (size_t)i]);
        if (digit < 0)
            return -1;
        value = value * 16 + digit;
    }
    in->at += 4;
    return value;
}

static uint8_t *put_utf8(uint8_t *to, uint32_t c)
{
    if (c < 0x80) {
        *to++ = (uint8_t)c;
    } else if (c < 0x800) {
        *to++ = (uint8_t)(0xC0 | c >> 6);
        *to++ = (uint8_t)(0x80 | (c & 0x3F));
    } else {
        *to++ = (uint8_t)(0xE0 | c >> 12);
        *to++ = (uint8_t)(0x80 | (c >> 6 & 0x3F));
        *to++ = (uint8_t)(0x80 | (c & 0x3F));
    }
    return to;
}

/* What follows a backslash. Servers write \u only for control characters. NULL: nothing that may. */
static uint8_t *take_escape(json_in *in, uint8_t *to)
{
    static const char from[] = "\"\\/bfnrt", into[] = "\"\\/\b\f\n\r\t";
    if (in->at >= in->len)
        return NULL;
    const uint8_t c = in->bytes[in->at++];
    if (c == 'u') {
        const int32_t unit = take_unit(in);
        return unit < 0 ? NULL : put_utf8(to, (uint32_t)unit);
    }
    for (size_t i = 0; i < sizeof from - 1; i++) {
        if (c == (uint8_t)from[i]) {
            *to++ = (uint8_t)into[i];
            return to;
        }
    }
    return NULL;
}

static bool take_string(json_in *in, wp_view *out)
{
    if (!take(in, '"'))
        return false;
    uint8_t *to = in->bytes + in->at;
    out->bytes = to;
    while (in->at < in->len) {
        const uint8_t c = in->bytes[in->at++];
        if (c == '"') {
            out->len = (size_t)(to - out->bytes);
            return true;
        }
        if (c == '\\')
            to = take_escape(in, to);
        else
            *to++ = c;
        if (to == NULL)
            return false;
    }
    out->len = (size_t)(to - out->bytes);
    return in->is_cut;
}

/* A number or a word, as it is written; or a string. What nests is passed over, and empty. */
static bool take_value(json_in *in, wp_view *out)
{
    wp_view ignored;
    *out = (wp_view){ NULL, 0 };
    skip_blanks(in);
    if (in->at >= in->len)
        return in->is_cut;
    if (in->bytes[in->at] == '"')
        return take_string(in, out);
    if (in->bytes[in->at] != '{' && in->bytes[in->at] != '[') {
        out->bytes = in->bytes + in->at;
        while (in->at < in->len && in->bytes[in->at] != ',' && in->bytes[in->at] != '}'
               && in->bytes[in->at] != ' ')
            in->at++;
        out->len = (size_t)(in->bytes + in->at - out->bytes);
        return out->len > 0;
    }
    for (int depth = 0; in->at < in->len;) {
        const uint8_t c = in->bytes[in->at];
        if (c == '"') {
            if (!take_string(in, &ignored))
                return false;
            continue;
        }
        in->at++;
        depth += (c == '{' || c == '[') - (c == '}' || c == ']');
        if (depth > DEPTH_MAX)
            return false;
        if (depth == 0)
            return true;
    }
    return in->is_cut;
}

static bool keep(log_clock *clock, wp_view key, wp_view value, log_entry *out)
{
    const struct {
        const char *key;
        wp_view *to;
    } texts[] = {
        { "user", &out->user },
        { "dbname", &out->database },
        { "application_name", &out->application },
        { "remote_host", &out->client },
        { "session_id", &out->session },
        { "vxid", &out->virtual_xid },
        { "error_severity", &out->severity },
        { "message", &out->message },
        { "statement", &out->query },
    };
    if (log_view_is(key, "timestamp"))
        return log_time_read(clock, value, &out->time, &out->resolution, &out->zone) == value.len;
    if (log_view_is(key, "pid"))
        return log_view_number(value, &out->pid);
    if (log_view_is(key, "txid"))
        return log_view_number(value, &out->xid);
    if (log_view_is(key, "backend_type"))
        out->is_helper = log_view_is(value, "parallel worker");
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        if (log_view_is(key, texts[i].key))
            *texts[i].to = value;
    }
    return true;
}

bool jsonlog_read(log_clock *clock, uint8_t *bytes, size_t len, bool is_cut, log_entry *out)
{
    json_in in = { bytes, 0, len, is_cut };
    *out = (log_entry){ .time = WP_TIME_UNKNOWN, .tells_xid = true };
    if (!take(&in, '{'))
        return false;
    do {
        wp_view key, value;
        if (is_cut && in.at >= in.len)
            break;
        if (!take_string(&in, &key) || !(take(&in, ':') || (is_cut && in.at >= in.len))
            || !take_value(&in, &value) || !keep(clock, key, value, out))
            return false;
    } while (take(&in, ','));
    return (take(&in, '}') || is_cut) && out->resolution != 0 && out->pid != 0;
}
