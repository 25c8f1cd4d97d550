/* log_seek.c - see log_seek.h. */
#include "server_log/log_seek.h"

#include <sys/stat.h>

/* So near is near enough. */
#define SEEK_STEP ((uint64_t)1 << 20)
/* So many entries are looked at for a time: the first lines may be the rest of one. */
#define ENTRIES_LOOKED_AT 1000

/* Of the first entry after an offset that has one; WP_TIME_UNKNOWN: none has. */
static bool time_after(log_reader *r, uint64_t at, wp_time *out, bool *is_there, char message[512])
{
    log_entry entry;
    log_status status = LOG_NO_ENTRY;
    *out = WP_TIME_UNKNOWN;
    if (!log_reader_go_to(r, at, is_there, message) || !*is_there)
        return *is_there;
    for (int i = 0; i < ENTRIES_LOOKED_AT && *out == WP_TIME_UNKNOWN; i++) {
        status = log_reader_next(r, &entry, message);
        if (status == LOG_FAILED || status == LOG_END)
            break;
        if (status == LOG_ENTRY)
            *out = entry.time;
    }
    return status != LOG_FAILED;
}

bool log_seek(log_reader *r, const log_file *file, wp_time from, uint64_t *start, char message[512])
{
    struct stat st;
    bool is_there = true;
    *start = 0;
    if (file->layout.first_time == WP_TIME_UNKNOWN || file->layout.first_time >= from
        || stat(file->path, &st) != 0 || (uint64_t)st.st_size < LOG_SEEK_BYTES_MIN)
        return true;
    uint64_t before = 0, after = (uint64_t)st.st_size;
    while (after - before > SEEK_STEP) {
        const uint64_t middle = before + (after - before) / 2;
        wp_time time;
        if (!time_after(r, middle, &time, &is_there, message))
            return is_there ? false : true;
        if (time != WP_TIME_UNKNOWN && time < from)
            before = middle;
        else
            after = middle;
    }
    *start = before;
    return log_reader_go_to(r, before, &is_there, message);
}
