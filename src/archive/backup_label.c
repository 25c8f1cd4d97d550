/*
 * backup_label.c - see backup_label.h.
 */
#include "archive/backup_label.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <walparse/walparse.h>

#include "file/filename.h"
#include "base/grow.h"
#include "base/message.h"
#include "file/probe.h"

#define LABEL_BYTES_MAX ((size_t)64 << 10)

bool backup_label_parse(wp_view text, wp_backup_label *out)
{
    wp_error err;
    return wp_backup_label_parse(text, out, &err) >= 0 && out->timeline != 0;
}

static bool read_file(prober *p, const char *path, label_file *out, bool *is_label,
                      char message[MESSAGE_BYTES])
{
    size_t len = 0;
    bool is_damaged = false;
    uint8_t *text = malloc(LABEL_BYTES_MAX);
    if (text == NULL)
        return message_no_memory(message);
    const bool is_read = probe_bytes(p, path, text, LABEL_BYTES_MAX, &len, &is_damaged, message);
    *is_label = is_read && backup_label_parse((wp_view){ text, len }, &out->label);
    free(text);
    if (*is_label)
        (void)snprintf(out->path, sizeof out->path, "%s", path);
    return is_read;
}

bool backup_label_read(const char *path, label_file *out, char message[MESSAGE_BYTES])
{
    char file[sizeof out->path];
    struct stat st;
    bool is_label = false;
    if (stat(path, &st) != 0)
        return message_fail(message, "cannot open \"%s\": %s", path, strerror(errno));
    const int len =
        snprintf(file, sizeof file, S_ISDIR(st.st_mode) ? "%s/backup_label" : "%s", path);
    if (len < 0 || (size_t)len >= sizeof file)
        return message_fail(message, "the path of --backup is too long");
    if (stat(file, &st) != 0)
        return message_fail(message,
                            "no backup_label in \"%s\": is it a base backup that no server was "
                            "started from yet?",
                            path);
    prober p = { 0 };
    const bool is_read = read_file(&p, file, out, &is_label, message);
    probe_free(&p);
    return is_read
           && (is_label
               || message_fail(message,
                               "\"%s\" is not a backup_label: it has no START WAL "
                               "LOCATION",
                               file));
}

static bool add_file(label_files *out, prober *p, const char *folder, const char *name,
                     char message[MESSAGE_BYTES])
{
    label_file got;
    bool is_label = false;
    char path[sizeof got.path];
    const int len = snprintf(path, sizeof path, "%s/%s", folder, name);
    if (len < 0 || (size_t)len >= sizeof path)
        return true;
    if (!read_file(p, path, &got, &is_label, message))
        return false;
    if (!is_label)
        return true;
    label_file *slot = GROW(out->items, out->count, out->room);
    if (slot == NULL)
        return message_no_memory(message);
    *slot = got;
    return true;
}

static bool add_folder(label_files *out, prober *p, const char *folder, char message[MESSAGE_BYTES])
{
    DIR *dir = opendir(folder);
    bool is_good = dir != NULL;
    if (!is_good)
        return message_fail(message, "cannot open \"%s\": %s", folder, strerror(errno));
    for (const struct dirent *entry; is_good && (entry = readdir(dir)) != NULL;)
        if (filename_parse(entry->d_name).kind == FILENAME_BACKUP)
            is_good = add_file(out, p, folder, entry->d_name, message);
    closedir(dir);
    return is_good;
}

static int compare(const void *x, const void *y)
{
    const label_file *a = x, *b = y;
    return (a->label.start_lsn > b->label.start_lsn) - (a->label.start_lsn < b->label.start_lsn);
}

bool backup_labels_read(char *const *directories, size_t ndirectories, label_files *out,
                        char message[MESSAGE_BYTES])
{
    prober p = { 0 };
    bool is_good = true;
    *out = (label_files){ 0 };
    for (size_t i = 0; is_good && i < ndirectories; i++)
        is_good = add_folder(out, &p, directories[i], message);
    probe_free(&p);
    if (out->count > 1)
        qsort(out->items, out->count, sizeof *out->items, compare);
    return is_good;
}

void backup_labels_free(label_files *files)
{
    free(files->items);
    *files = (label_files){ 0 };
}
