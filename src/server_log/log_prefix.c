/*
 * log_prefix.c - see log_prefix.h.
 *
 * Values stand in a line as they are, so one that holds what follows it in the prefix can be read in more than one
 * way: all ways are tried, and a line that has two is told as doubtful. A client chooses its application_name.
 */
#include "server_log/log_prefix.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/message.h"

/* %u, %d and %a are names; %h is at most a host's. */
#define NAME_BYTES_MAX 63
#define HOST_BYTES_MAX 255
/* A line for which more than this had to be tried is no entry. */
#define TRIES_MAX 5000

/* What a server knows, and the characters that a value of it is made of; NULL: all. */
static const struct {
    char what;
    const char *of;
} escapes[] = {
    { 'a', NULL },
    { 'u', NULL },
    { 'd', NULL },
    { 'r', NULL },
    { 'h', NULL },
    { 'b', NULL },
    { 'i', NULL },
    { 'p', "0123456789" },
    { 'P', "0123456789" },
    { 'l', "0123456789" },
    { 'x', "0123456789" },
    { 'Q', "-0123456789" },
    { 'e', "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ" },
    { 'c', "0123456789abcdef." },
    { 'v', "0123456789/" },
    { 't', NULL },
    { 'm', NULL },
    { 's', NULL },
    { 'n', NULL },
    { 'q', NULL },
    { 'L', NULL }, /* from 18 on: the local address */
};

/* ---- the prefix ------------------------------------------------------------------------------ */

static bool is_escape(char what)
{
    for (size_t i = 0; i < sizeof escapes / sizeof *escapes; i++) {
        if (escapes[i].what == what)
            return true;
    }
    return false;
}

static const char *chars_of(char what)
{
    for (size_t i = 0; i < sizeof escapes / sizeof *escapes; i++) {
        if (escapes[i].what == what)
            return escapes[i].of;
    }
    return NULL;
}

static log_prefix_item *new_item(log_prefix *out)
{
    if (out->count == LOG_PREFIX_ITEMS_MAX)
        return NULL;
    out->items[out->count] = (log_prefix_item){ 0 };
    return &out->items[out->count++];
}

static void note_escape(log_prefix *out, char what)
{
    out->has_time |= what == 't' || what == 'm' || what == 'n';
    out->has_xid |= what == 'x';
    out->has_database |= what == 'd';
    out->has_user |= what == 'u';
    out->has_session |= what == 'c' || what == 'p';
}

/* One escape or one character, as a server reads it: what is no escape is passed over. NULL: there is no room. */
static const char *parse_one(const char *at, log_prefix *out)
{
    log_prefix_item *last = out->count > 0 ? &out->items[out->count - 1] : NULL;
    int padding = 0;
    const bool is_escaped = *at == '%';
    if (is_escaped && *++at != '%') {
        char *end;
        padding = (int)strtol(at, &end, 10);
        at = end;
        if (*at == '\0')
            return at;
        if (!is_escape(*at))
            return at + 1;
        log_prefix_item *item = new_item(out);
        if (item == NULL)
            return NULL;
        item->what = *at;
        item->padding = padding;
        note_escape(out, *at);
        return at + 1;
    }
    if (last == NULL || last->what != '\0') {
        last = new_item(out);
        if (last == NULL)
            return NULL;
        last->at = (uint16_t)strlen(out->literals);
    }
    out->literals[last->at + last->len++] = *at;
    return at + 1;
}

bool log_prefix_parse(const char *text, log_prefix *out, char message[MESSAGE_BYTES])
{
    *out = (log_prefix){ 0 };
    if (strlen(text) >= LOG_PREFIX_BYTES)
        return message_fail(message, "--log-line-prefix: it is too long: %d characters at most",
                            LOG_PREFIX_BYTES - 1);
    (void)snprintf(out->text, sizeof out->text, "%s", text);
    for (const char *at = text; at != NULL && *at != '\0';) {
        at = parse_one(at, out);
        if (at == NULL)
            return message_fail(message, "--log-line-prefix: it has more than %d parts",
                                LOG_PREFIX_ITEMS_MAX);
    }
    if (!out->has_time)
        return message_fail(message,
                            "--log-line-prefix \"%.100s\" has none of %%m, %%t and %%n: entries "
                            "without a time say nothing of a transaction",
                            text);
    return true;
}

/* ---- a line ---------------------------------------------------------------------------------- */

typedef struct line_match {
    const log_prefix *prefix;
    log_clock *clock;
    wp_view line;
    log_entry now, found;
    unsigned ways, tries;
    bool is_short; /* of a process that is no session: ended at %q */
} line_match;

/* "LOG:  ": a word, a colon and two blanks. Its length; 0: it is not there. */
static size_t severity_len(wp_view rest)
{
    size_t n = 0;
    while (n < rest.len && n < 40
           && ((rest.bytes[n] >= 'A' && rest.bytes[n] <= 'Z') || rest.bytes[n] >= 0x80
               || (n > 0 && rest.bytes[n] >= '0' && rest.bytes[n] <= '9')))
        n++;
    return n >= 3 && n + 3 <= rest.len && memcmp(rest.bytes + n, ":  ", 3) == 0 ? n : 0;
}

static wp_view rest_of(const line_match *m, size_t at)
{
    return (wp_view){ m->line.bytes + at, m->line.len - at };
}

/* The prefix ends here: what follows must be a severity. */
static void end_match(line_match *m, size_t at, bool is_short)
{
    const wp_view rest = rest_of(m, at);
    const size_t n = severity_len(rest);
    if (n == 0)
        return;
    m->now.severity = (wp_view){ rest.bytes, n };
    m->now.message = (wp_view){ rest.bytes + n + 3, rest.len - n - 3 };
    if (m->ways++ == 0) {
        m->found = m->now;
        m->is_short = is_short;
    }
}

/* "10.0.0.7(5432)" without its port. */
static wp_view host_of(wp_view from)
{
    size_t n = from.len;
    if (n == 0 || from.bytes[n - 1] != ')')
        return from;
    while (n > 0 && from.bytes[n - 1] != '(')
        n--;
    return n > 1 ? (wp_view){ from.bytes, n - 1 } : from;
}

static wp_view without_padding(wp_view value)
{
    while (value.len > 0 && value.bytes[value.len - 1] == ' ')
        value.len--;
    while (value.len > 0 && value.bytes[0] == ' ') {
        value.bytes++;
        value.len--;
    }
    return value;
}

/* Background processes have no user: servers from 9.5 on write "[unknown]" for what a session does not know yet. */
static wp_view known(wp_view value)
{
    return log_view_is(value, "[unknown]") ? (wp_view){ NULL, 0 } : value;
}

static bool keep_value(log_entry *e, char what, wp_view value)
{
    switch (what) {
    case 'a':
        e->application = known(value);
        return true;
    case 'u':
        e->user = known(value);
        return true;
    case 'd':
        e->database = known(value);
        return true;
    case 'r':
        e->client = host_of(known(value));
        return true;
    case 'h':
        e->client = known(value);
        return true;
    case 'c':
        e->session = value;
        return true;
    case 'v':
        e->virtual_xid = value;
        return true;
    case 'b':
        e->is_helper = log_view_is(value, "parallel worker");
        return true;
    case 'p':
        return log_view_number(value, &e->pid);
    case 'x':
        e->tells_xid = true;
        return log_view_number(value, &e->xid);
    default:
        return true;
    }
}

static void match_from(line_match *m, size_t item, size_t at);

static void match_time(line_match *m, size_t item, size_t at)
{
    const char what = m->prefix->items[item].what;
    const log_entry before = m->now;
    wp_time time, resolution;
    wp_view zone = { NULL, 0 };
    const wp_view rest = rest_of(m, at);
    const size_t n = what == 'n' ? log_time_read_epoch(rest, &time, &resolution)
                                 : log_time_read(m->clock, rest, &time, &resolution, &zone);
    if (n == 0 || (what != 'n' && (what == 'm') != (resolution < 1000000)))
        return;
    if (what != 's') {
        m->now.time = time;
        m->now.resolution = resolution;
        m->now.zone = zone;
    }
    match_from(m, item + 1, at + n);
    m->now = before;
}

/* How long a value may be there: no longer than the line. */
static size_t line_end(wp_view rest, size_t most)
{
    const size_t room = rest.len < most ? rest.len : most;
    const uint8_t *newline = memchr(rest.bytes, '\n', room);
    return newline != NULL ? (size_t)(newline - rest.bytes) : room;
}

/* Every length that the value may have, the shortest first. */
static void match_value(line_match *m, size_t item, size_t at)
{
    const log_prefix_item *one = &m->prefix->items[item];
    const char *of = chars_of(one->what);
    const log_entry before = m->now;
    const wp_view rest = rest_of(m, at);
    const size_t pad = (size_t)abs(one->padding);
    const size_t most =
        (one->what == 'r' || one->what == 'h' || one->what == 'L' ? HOST_BYTES_MAX : NAME_BYTES_MAX)
        + (pad < LOG_PREFIX_BYTES ? pad : LOG_PREFIX_BYTES);
    const bool is_last_of_digits = of != NULL && pad == 0;
    size_t n = 0;
    if (is_last_of_digits) { /* takes all that it can: no other character may follow in its place */
        while (n < rest.len && n < most && rest.bytes[n] != '\0'
               && strchr(of, rest.bytes[n]) != NULL)
            n++;
        if (keep_value(&m->now, one->what, (wp_view){ rest.bytes, n }) || n == 0)
            match_from(m, item + 1, at + n);
        m->now = before;
        return;
    }
    const log_prefix_item *next = item + 1 < m->prefix->count ? one + 1 : NULL;
    const bool is_followed = next != NULL && next->what == '\0';
    const size_t end = line_end(rest, most);
    for (n = pad; n <= end && m->ways < 2; n++) {
        if (is_followed) { /* the next place where what follows stands */
            const uint8_t *found =
                memmem(rest.bytes + n, rest.len - n, m->prefix->literals + next->at, next->len);
            n = found != NULL ? (size_t)(found - rest.bytes) : end + 1;
            if (n > end)
                break;
        }
        const wp_view value = { rest.bytes, n };
        if (keep_value(&m->now, one->what, pad > 0 ? without_padding(value) : value) || n == 0)
            match_from(m, item + 1, at + n);
        m->now = before;
    }
}

static void match_from(line_match *m, size_t item, size_t at)
{
    if (m->ways >= 2 || m->tries++ > TRIES_MAX)
        return;
    if (item == m->prefix->count) {
        end_match(m, at, false);
        return;
    }
    const log_prefix_item *one = &m->prefix->items[item];
    switch (one->what) {
    case '\0':
        if (m->line.len - at >= one->len
            && memcmp(m->line.bytes + at, m->prefix->literals + one->at, one->len) == 0)
            match_from(m, item + 1, at + one->len);
        break;
    case 'q':
        if (severity_len(rest_of(m, at)) > 0)
            end_match(m, at, true);
        else
            match_from(m, item + 1, at);
        break;
    case 't':
    case 'm':
    case 's':
    case 'n':
        match_time(m, item, at);
        break;
    default:
        match_value(m, item, at);
        break;
    }
}

/* Takes the tab away that the server puts before each further line. Returns how many bytes are left. */
static size_t join_lines(uint8_t *bytes, size_t len)
{
    size_t to = 0;
    for (size_t at = 0; at < len; at++) {
        bytes[to++] = bytes[at];
        at += bytes[at] == '\n' && at + 1 < len && bytes[at + 1] == '\t';
    }
    while (to > 0 && (bytes[to - 1] == '\n' || bytes[to - 1] == '\r'))
        to--;
    return to;
}

bool log_prefix_read(const log_prefix *prefix, log_clock *clock, uint8_t *bytes, size_t len,
                     log_entry *out)
{
    line_match m = { .prefix = prefix, .clock = clock };
    m.line = (wp_view){ bytes, join_lines(bytes, len) };
    m.now.time = WP_TIME_UNKNOWN;
    match_from(&m, 0, 0);
    if (m.ways == 0)
        return false;
    *out = m.found;
    out->is_doubtful = m.ways > 1 || m.tries > TRIES_MAX;
    out->tells_xid = prefix->has_xid;
    return true;
}

/* ---- guessing -------------------------------------------------------------------------------- */

/*
 * Nothing here has a number without a name beside it but the process: [%x] and [%l] look the same. Where several fit, the
 * first one is taken.
 */
static const char *const common[] = {
    "%m [%p] %q%u@%d %a ",
    "%m [%p] %q%u@%d/%a ",
    "%m [%p] %q%u@%d,app=%a ",
    "%m [%p] %q%u@%d,app=%a,client=%h,xid=%x,session=%c ",
    "%m [%p] user=%u,db=%d,app=%a,client=%h,xid=%x ",
    "%m [%p] %q%u@%d ",
    "%m [%p] %q[user=%u,db=%d,app=%a] ",
    "%m [%p] %q[user=%u,db=%d,app=%a,client=%h] ",
    "%m [%p]: user=%u,db=%d,app=%a,client=%h ",
    "%m [%p]: [%l-1] user=%u,db=%d,app=%a,client=%h ",
    "%m [%p]: [%l-1] user=%u,db=%d ",
    "%m [%p] user=%u,db=%d,app=%a,client=%h ",
    "%t [%p]: user=%u,db=%d,app=%a,client=%h ",
    "%t [%p]: [%l-1] user=%u,db=%d,app=%a,client=%h ",
    "%t [%p]: [%l-1] user=%u,db=%d ",
    "%t [%p]: user=%u,db=%d ",
    "%t [%p] %q%u@%d ",
    "%t:%r:%u@%d:[%p]:",
    "%m:%r:%u@%d:[%p]:%l:%e:%s:%v:%x:%c:%q%a:",
    "%m [%p] ",
    "%t [%p]: [%l-1] ",
    "%t [%p]: ",
    "%t [%p] ",
    "%m [%p]: ",
    "%t ",
    "%m ",
};

#define GUESS_LINES_MAX 500
#define GUESS_LINE_BYTES ((size_t)4 << 10)

/* A name that needs no quotes: what stands in the place of another may hold anything. */
static bool is_plain(wp_view name)
{
    for (size_t i = 0; i < name.len; i++) {
        const uint8_t c = name.bytes[i];
        if (c < 0x80 && strchr(" ,=@/:[]()", c) != NULL)
            return false;
    }
    return true;
}

/* Of lines that are not continued ones: how many there are, and how many fit. */
static void count_fitting(const log_prefix *prefix, wp_view head, size_t *lines, size_t *fitting,
                          size_t *sessions)
{
    log_clock clock = { 0 };
    *lines = *fitting = *sessions = 0;
    for (size_t at = 0; at < head.len && *lines < GUESS_LINES_MAX;) {
        const uint8_t *start = head.bytes + at;
        const uint8_t *newline = memchr(start, '\n', head.len - at);
        if (newline == NULL)
            break;
        const size_t len = (size_t)(newline - start);
        at += len + 1;
        if (len == 0 || *start == '\t')
            continue;
        line_match m = { .prefix = prefix, .clock = &clock };
        m.line = (wp_view){ start, len < GUESS_LINE_BYTES ? len : GUESS_LINE_BYTES };
        match_from(&m, 0, 0);
        ++*lines;
        const bool fits = m.ways > 0 && is_plain(m.found.user) && is_plain(m.found.database);
        *fitting += fits;
        *sessions += fits && !m.is_short;
    }
}

bool log_prefix_guess(wp_view head, log_prefix *out, size_t *lines)
{
    char message[MESSAGE_BYTES];
    size_t best_fitting = 0, best_sessions = 0;
    *lines = 0;
    for (size_t i = 0; i < sizeof common / sizeof *common; i++) {
        log_prefix one;
        size_t fitting, sessions;
        if (!log_prefix_parse(common[i], &one, message))
            continue;
        count_fitting(&one, head, lines, &fitting, &sessions);
        if (fitting < best_fitting || (fitting == best_fitting && sessions <= best_sessions))
            continue;
        best_fitting = fitting;
        best_sessions = sessions;
        *out = one;
    }
    return *lines > 0 && best_fitting * 20 >= *lines * 19;
}
