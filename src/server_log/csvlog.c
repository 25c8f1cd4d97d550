/* csvlog.c - see csvlog.h. */
#include "server_log/csvlog.h"

#include <string.h>

/* Columns; those that are not read have no name. */
enum {
    COLUMN_TIME,
    COLUMN_USER,
    COLUMN_DATABASE,
    COLUMN_PID,
    COLUMN_CLIENT,
    COLUMN_SESSION,
    COLUMN_VIRTUAL_XID = 9,
    COLUMN_XID,
    COLUMN_SEVERITY,
    COLUMN_MESSAGE = 13,
    COLUMN_QUERY = 19,
    COLUMN_APPLICATION = 22,
    COLUMN_BACKEND_TYPE,
    COLUMNS_MAX = 26
};

bool csvlog_is_open(wp_view line, bool is_open)
{
    const uint8_t *at = line.bytes, *end = line.bytes + line.len;
    while (at < end && (at = memchr(at, '"', (size_t)(end - at))) != NULL) {
        is_open = !is_open;
        at++;
    }
    return is_open;
}

bool csvlog_begins_anew(wp_view line)
{
    log_clock clock = { 0 };
    wp_time time, resolution;
    wp_view zone;
    if (line.len < 24 || line.bytes[4] != '-')
        return false;
    const size_t n = log_time_read(&clock, line, &time, &resolution, &zone);
    return n != 0 && n + 2 < line.len && line.bytes[n] == ',' && line.bytes[n + 1] == '"'
           && line.bytes[n + 2] != '"' && line.bytes[n + 2] != ',';
}

/* Splits and unquotes in place. False: it is no CSV. count: COLUMNS_MAX + 1 where there are more. */
static bool split(uint8_t *bytes, size_t len, bool is_cut, wp_view *out, size_t *count)
{
    size_t at = 0;
    for (*count = 0; *count <= COLUMNS_MAX; (*count)++) {
        uint8_t *to = bytes + at;
        out[*count].bytes = to;
        if (at < len && bytes[at] == '"') {
            bool is_closed = false;
            for (at++; at < len && !is_closed; at++) {
                is_closed = bytes[at] == '"' && (at + 1 >= len || bytes[at + 1] != '"');
                if (!is_closed)
                    *to++ = bytes[at];
                at += !is_closed && bytes[at] == '"';
            }
            if (!is_closed && !is_cut)
                return false;
        } else {
            const uint8_t *comma = memchr(bytes + at, ',', len - at);
            to = comma != NULL ? bytes + (comma - bytes) : bytes + len;
            at = (size_t)(to - bytes);
        }
        out[*count].len = (size_t)(to - out[*count].bytes);
        if (at >= len) {
            (*count)++;
            return true;
        }
        if (bytes[at++] != ',')
            return false;
    }
    return true;
}

/* "10.0.0.7:5432" without its port; "[local]". */
static wp_view client_of(wp_view from)
{
    size_t n = from.len;
    while (n > 0 && from.bytes[n - 1] >= '0' && from.bytes[n - 1] <= '9')
        n--;
    return n > 1 && n < from.len && from.bytes[n - 1] == ':' ? (wp_view){ from.bytes, n - 1 }
                                                             : from;
}

bool csvlog_read(log_clock *clock, uint8_t *bytes, size_t len, bool is_cut, log_entry *out)
{
    wp_view column[COLUMNS_MAX + 1] = { { 0 } };
    size_t n = 0;
    while (len > 0 && (bytes[len - 1] == '\n' || bytes[len - 1] == '\r'))
        len--;
    *out = (log_entry){ .tells_xid = true };
    if (len == 0 || !split(bytes, len, is_cut, column, &n))
        return false;
    const bool is_whole = n == 23 || n == 24 || n == 26;
    if (!is_whole && !(is_cut && n > COLUMN_MESSAGE && n <= COLUMNS_MAX))
        return false;
    if (log_time_read(clock, column[COLUMN_TIME], &out->time, &out->resolution, &out->zone)
            != column[COLUMN_TIME].len
        || !log_view_number(column[COLUMN_PID], &out->pid)
        || !log_view_number(column[COLUMN_XID], &out->xid))
        return false;
    out->user = column[COLUMN_USER];
    out->database = column[COLUMN_DATABASE];
    out->client = client_of(column[COLUMN_CLIENT]);
    out->session = column[COLUMN_SESSION];
    out->virtual_xid = column[COLUMN_VIRTUAL_XID];
    out->severity = column[COLUMN_SEVERITY];
    out->message = column[COLUMN_MESSAGE];
    out->query = column[COLUMN_QUERY];
    out->application = column[COLUMN_APPLICATION];
    out->is_helper = log_view_is(column[COLUMN_BACKEND_TYPE], "parallel worker");
    return true;
}
