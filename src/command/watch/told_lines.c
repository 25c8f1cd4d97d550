/* told_lines.c - see told_lines.h. */
#include "command/watch/told_lines.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "base/time_text.h"

/* Of the columns of a table whose rows come one after the other: wide enough for most. */
#define TIME_WIDTH 27
#define LOCAL_WIDTH 24
#define XID_WIDTH 8
#define DATABASE_WIDTH 10
#define ROWS_WIDTH 6
#define LSN_WIDTH 10

static bool fail_write(const told_lines *l, char message[MESSAGE_BYTES])
{
    const char *why = strerror(errno);
    if (l->path != NULL)
        return message_fail(message, "cannot write \"%.300s\": %s", l->path, why);
    return message_fail(message, "cannot write the result: %s", why);
}

bool told_lines_write(told_lines *l, const char *chars, size_t len, char message[MESSAGE_BYTES])
{
    while (len > 0) {
        const ssize_t n = write(l->fd, chars, len);
        struct pollfd room = { .fd = l->fd, .events = POLLOUT };
        if (n < 0 && errno == EAGAIN)
            (void)poll(&room, 1, -1);
        else if (n < 0 && errno != EINTR)
            return fail_write(l, message);
        if (n <= 0)
            continue;
        chars += n;
        len -= (size_t)n;
        l->bytes += (uint64_t)n;
    }
    return true;
}

/* ---- opening -------------------------------------------------------------------------------- */

/* What was written after the state was saved is told again. */
static bool take_back(told_lines *l, uint64_t bytes, char message[MESSAGE_BYTES])
{
    struct stat st;
    if (fstat(l->fd, &st) != 0)
        return fail_write(l, message);
    l->bytes = (uint64_t)st.st_size;
    if (bytes == UINT64_MAX || bytes == l->bytes || !S_ISREG(st.st_mode))
        return true;
    if (bytes > l->bytes) {
        log_warning("\"%.300s\" is shorter than it was: lines are missing at its end", l->path);
        return true;
    }
    l->bytes = bytes;
    return ftruncate(l->fd, (off_t)bytes) == 0 || fail_write(l, message);
}

static void begin_table(told_lines *l)
{
    char zone[TIMEPARSE_TEXT_BYTES];
    static const size_t widths[EVENT_TABLE_COLUMNS] = {
        [EVENT_TABLE_TIME] = TIME_WIDTH,         [EVENT_TABLE_XID] = XID_WIDTH,
        [EVENT_TABLE_DATABASE] = DATABASE_WIDTH, [EVENT_TABLE_ROWS] = ROWS_WIDTH,
        [EVENT_TABLE_LSN] = LSN_WIDTH,
    };
    if (l->path == NULL)
        l->table.width = event_table_terminal_width();
    memcpy(l->table.widths, widths, sizeof widths);
    const char *named = strrchr(time_text_local(0, zone), ' ');
    if (named != NULL && strcmp(named, " UTC") != 0)
        l->table.widths[EVENT_TABLE_LOCAL] = LOCAL_WIDTH;
}

bool told_lines_open(told_lines *l, watch_format format, const char *path, uint64_t bytes,
                     char message[MESSAGE_BYTES])
{
    *l = (told_lines){ .format = format, .path = path, .fd = STDOUT_FILENO };
    if (path != NULL) {
        l->fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOCTTY, 0644);
        if (l->fd < 0)
            return message_fail(message, "cannot open \"%.300s\": %s", path, strerror(errno));
        if (!take_back(l, bytes, message))
            return false;
    }
    if (format != WATCH_TABLE)
        return true;
    begin_table(l);
    event_table_head(&l->table, &l->out);
    const bool is_begun = path != NULL && l->bytes > 0;
    return is_begun || told_lines_write(l, l->out.bytes, l->out.len, message);
}

void told_lines_close(told_lines *l)
{
    if (l->path != NULL && l->fd >= 0)
        (void)close(l->fd);
    text_free(&l->fields);
    text_free(&l->out);
}

/* ---- events --------------------------------------------------------------------------------- */

static void add_rows(told_lines *l, const live_event *event)
{
    text_clear(&l->fields);
    event_table_fields(&event->view, &l->fields);
    if (l->fields.failed)
        return;
    event_table_row(&l->table, l->fields.bytes, &l->out);
    if (event->is_maybe)
        text_add(&l->out, "    (not all names are known: this may not be what was asked for)\n");
    told_target_lines(event, &l->out);
}

bool told_lines_event(told_lines *l, uint32_t segment_size, const live_event *event,
                      char message[MESSAGE_BYTES])
{
    text_clear(&l->out);
    if (l->format == WATCH_JSON) {
        told_json(segment_size, event, &l->out);
        text_add(&l->out, "\n");
    } else {
        add_rows(l, event);
    }
    if (l->out.failed || l->fields.failed)
        return message_no_memory(message);
    return told_lines_write(l, l->out.bytes, l->out.len, message);
}

bool told_lines_sync(told_lines *l, char message[MESSAGE_BYTES])
{
    return l->path == NULL || fdatasync(l->fd) == 0 || errno == EINVAL || errno == EROFS
           || fail_write(l, message);
}
