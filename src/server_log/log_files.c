/* log_files.c - see log_files.h. */
#include "server_log/log_files.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/grow.h"
#include "base/message.h"

/* False with one line in message. */
static bool fail_layout(const char *path, const log_layout *layout, const log_prefix *prefix,
                        char message[MESSAGE_BYTES])
{
    if (layout->is_unclear && prefix != NULL)
        return message_fail(message,
                            "\"%.200s\": no line begins as --log-line-prefix \"%.100s\" says", path,
                            prefix->text);
    if (layout->is_unclear)
        return message_fail(
            message,
            "\"%.200s\": its lines fit no common log_line_prefix: say which it is by "
            "--log-line-prefix, as the server's configuration has it",
            path);
    return message_fail(
        message, "\"%.200s\" is no log of a server: neither csvlog, jsonlog nor stderr", path);
}

/* Looks at a file. is_named: what is no log is an error. */
static bool add_file(log_reader *reader, const char *path, bool is_named, const log_prefix *prefix,
                     log_files *out, text_list *warnings, char message[MESSAGE_BYTES])
{
    wp_view head;
    log_layout layout;
    if (!log_reader_head(reader, path, &head, message)) {
        if (!is_named)
            text_list_addf(warnings, "%s", message);
        return !is_named;
    }
    log_layout_of(head, prefix, &layout);
    if (layout.format == LOG_OTHER && head.len == 0) {
        if (is_named)
            text_list_addf(warnings, "\"%s\" is empty", path);
        return true;
    }
    if (layout.format == LOG_OTHER && is_named)
        return fail_layout(path, &layout, prefix, message);
    if (layout.format == LOG_OTHER) { /* other programs have logs, too */
        if (layout.is_unclear && !fail_layout(path, &layout, prefix, message))
            text_list_addf(warnings, "passed over: %s", message);
        return true;
    }
    if (out->count == LOG_FILES_MAX)
        return message_fail(message, "--log: more than %d files", LOG_FILES_MAX);
    log_file *file = GROW(out->items, out->count, out->room);
    if (file == NULL)
        return message_no_memory(message);
    *file = (log_file){ .path = strdup(path), .layout = layout };
    return file->path != NULL || message_no_memory(message);
}

static bool add_folder(log_reader *reader, const char *path, const log_prefix *prefix,
                       log_files *out, text_list *warnings, char message[MESSAGE_BYTES])
{
    const size_t before = out->count;
    bool is_good = true;
    DIR *folder = opendir(path);
    if (folder == NULL)
        return message_fail(message, "cannot read \"%.300s\": %s", path, strerror(errno));
    message[0] = '\0';
    for (const struct dirent *one; is_good && (one = readdir(folder)) != NULL;) {
        text file = { 0 };
        struct stat st;
        text_addf(&file, "%s/%s", path, one->d_name);
        if (one->d_name[0] != '.' && stat(text_chars(&file), &st) == 0 && S_ISREG(st.st_mode))
            is_good = add_file(reader, text_chars(&file), false, prefix, out, warnings, message);
        text_free(&file);
    }
    (void)closedir(folder);
    if (is_good && out->count == before && message[0] != '\0')
        return false; /* why the last one that may be a log is passed over */
    if (is_good && out->count == before)
        return message_fail(message, "\"%.300s\" has no log of a server in it", path);
    return is_good;
}

static int by_time(const void *a, const void *b)
{
    const log_file *one = a, *other = b;
    if (one->layout.first_time != other->layout.first_time)
        return one->layout.first_time < other->layout.first_time ? -1 : 1;
    return strcmp(one->path, other->path);
}

/* A file that was named twice, or is in a folder that was named too, is read once. */
static void drop_repeated(log_files *files)
{
    size_t kept = 0;
    for (size_t i = 0; i < files->count; i++) {
        if (kept > 0 && strcmp(files->items[kept - 1].path, files->items[i].path) == 0)
            free(files->items[i].path);
        else
            files->items[kept++] = files->items[i];
    }
    files->count = kept;
}

bool log_files_list(log_reader *reader, const char *const *paths, size_t npaths,
                    const log_prefix *prefix, log_files *out, text_list *warnings,
                    char message[MESSAGE_BYTES])
{
    *out = (log_files){ 0 };
    for (size_t i = 0; i < npaths; i++) {
        struct stat st;
        if (stat(paths[i], &st) != 0)
            return message_fail(message, "--log: cannot read \"%.300s\": %s", paths[i],
                                strerror(errno));
        const bool is_good = S_ISDIR(st.st_mode)
                                 ? add_folder(reader, paths[i], prefix, out, warnings, message)
                                 : add_file(reader, paths[i], true, prefix, out, warnings, message);
        if (!is_good)
            return false;
    }
    if (out->count > 0)
        qsort(out->items, out->count, sizeof *out->items, by_time);
    drop_repeated(out);
    return true;
}

log_file *log_files_of(log_files *files, const char *path)
{
    for (size_t i = 0; i < files->count; i++) {
        if (strcmp(files->items[i].path, path) == 0)
            return &files->items[i];
    }
    return NULL;
}

/* "postgresql-2026-11-22.csv" and "postgresql-2026-11-23.csv" */
static bool is_same_but_numbers(const char *a, const char *b)
{
    static const char digits[] = "0123456789";
    for (;; a++, b++) {
        a += strspn(a, digits);
        b += strspn(b, digits);
        if (*a != *b)
            return false;
        if (*a == '\0')
            return true;
    }
}

bool log_files_is_before(const log_files *files, size_t index, wp_time time)
{
    const log_file *one = &files->items[index];
    for (size_t i = index + 1; i < files->count && one->layout.first_time != WP_TIME_UNKNOWN; i++) {
        const log_file *next = &files->items[i];
        if (next->layout.first_time >= time)
            return false;
        if (next->layout.format == one->layout.format
            && next->layout.first_time > one->layout.first_time
            && is_same_but_numbers(one->path, next->path))
            return true;
    }
    return false;
}

void log_files_free(log_files *files)
{
    for (size_t i = 0; i < files->count; i++)
        free(files->items[i].path);
    free(files->items);
    *files = (log_files){ 0 };
}
