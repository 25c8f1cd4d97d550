/*
 * backup_tars.c - see backup_tars.h.
 */
#include "backup/backup_tars.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/grow.h"
#include "base/message.h"
#include "file/filename.h"

wp_oid backup_tars_tablespace(const char *path)
{
    const char *name = filename_base(path);
    wp_oid spc = 0;
    if (!place_skip_number(&name, &spc))
        return 0;
    if (*name == '_')
        name += 1 + strspn(name + 1, "0123456789");
    return strncmp(name, ".tar", 4) == 0 ? spc : 0;
}

/* ---- which there are ------------------------------------------------------------------------ */

bool backup_tars_add(backup_tars *t, char *path, char message[MESSAGE_BYTES])
{
    char **slot = path ? GROW(t->paths, t->n, t->room) : NULL;
    if (!slot) {
        free(path);
        return message_no_memory(message);
    }
    *slot = path;
    return true;
}

static bool is_base_tar(const char *name)
{
    return strncmp(name, "base.tar", 8) == 0;
}

/* base.tar* (unless one is known) and OID.tar* of a folder. */
static bool add_folder(backup_tars *t, const char *folder, char message[MESSAGE_BYTES])
{
    DIR *dir = opendir(folder);
    if (!dir)
        return message_fail(message, "cannot open \"%s\": %s", folder, strerror(errno));
    bool is_good = true, has_base = t->n > 0;
    for (const struct dirent *entry; is_good && (entry = readdir(dir));) {
        const bool is_base = !has_base && is_base_tar(entry->d_name);
        char *path = NULL;
        if (!is_base && backup_tars_tablespace(entry->d_name) == 0)
            continue;
        if (asprintf(&path, "%s/%s", folder, entry->d_name) < 0)
            path = NULL;
        is_good = backup_tars_add(t, path, message);
        has_base |= is_base;
        if (is_good && is_base) { /* a folder has no order: it goes first */
            t->paths[t->n - 1] = t->paths[0];
            t->paths[0] = path;
        }
    }
    (void)closedir(dir);
    return is_good;
}

bool backup_tars_add_tablespaces(backup_tars *t, const char *folder, char message[MESSAGE_BYTES])
{
    const size_t before = t->n;
    if (!add_folder(t, folder, message))
        return false;
    size_t kept = before;
    for (size_t i = before; i < t->n; i++)
        if (backup_tars_tablespace(t->paths[i]))
            t->paths[kept++] = t->paths[i];
        else
            free(t->paths[i]);
    t->n = kept;
    return true;
}

static bool exists(const char *folder, const char *name)
{
    char *path = NULL;
    if (asprintf(&path, "%s/%s", folder, name) < 0)
        return false;
    struct stat st;
    const bool is_there = stat(path, &st) == 0;
    free(path);
    return is_there;
}

bool backup_tars_find(const char *path, backup_tars *out, char message[MESSAGE_BYTES])
{
    *out = (backup_tars){ 0 };
    struct stat st;
    if (stat(path, &st) != 0)
        return message_fail(message, "cannot open backup \"%s\": %s", path, strerror(errno));
    if (S_ISDIR(st.st_mode))
        return exists(path, "PG_VERSION") || add_folder(out, path, message);
    if (!backup_tars_add(out, strdup(path), message))
        return false;
    if (!is_base_tar(filename_base(path)))
        return true;
    char *folder = backup_tars_folder(out);
    const bool is_good = folder ? add_folder(out, folder, message) : message_no_memory(message);
    free(folder);
    return is_good;
}

char *backup_tars_folder(const backup_tars *tars)
{
    const char *path = tars->paths[0];
    const char *slash = strrchr(path, '/');
    return !slash          ? strdup(".")
           : slash == path ? strdup("/")
                           : strndup(path, (size_t)(slash - path));
}

void backup_tars_free(backup_tars *tars)
{
    for (size_t i = 0; i < tars->n; i++)
        free(tars->paths[i]);
    free(tars->paths);
}

/* ---- whether they are all there --------------------------------------------------------------- */

/* "16385 /srv/fast" a line: each of them has an archive of its own. */
bool backup_tars_check_tablespaces(const backup_tars *tars, const backup_files *files)
{
    const backup_file *got =
        tars->n > 0 ? backup_files_find(files, (place){ .kind = PLACE_TABLESPACES }) : NULL;
    char text[SMALL_FILE_BYTES_MAX + 1] = "";
    if (got)
        memcpy(text, got->bytes, got->len);
    for (const char *line = text; *line; line += strcspn(line, "\n"), line += *line == '\n') {
        const char *at = line;
        wp_oid spc = 0;
        bool is_there = !place_skip_number(&at, &spc) || *at != ' ';
        for (size_t i = 1; i < tars->n; i++)
            is_there |= backup_tars_tablespace(tars->paths[i]) == spc;
        for (size_t i = 0; i < files->nfiles; i++)
            is_there |= files->files[i].at.spc == spc;
        if (!is_there)
            return message_fail(
                files->message,
                "backup \"%s\" has a tablespace %u, and there is no %u.tar beside it", files->path,
                spc, spc);
    }
    return true;
}
