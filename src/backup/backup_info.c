/*
 * backup_info.c - see backup_info.h. Mirrors Barman's infofile.py and pgmoneta's info.c.
 */
#include "backup/backup_info.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "archive/archiver_catalog_text.h"
#include "file/filename.h"
#include "base/opened.h"

#define INFO_BYTES ((size_t)64 << 10)

static void copy_text(wp_view from, char *out, size_t room)
{
    const size_t len = from.len < room ? from.len : room - 1;
    memcpy(out, from.bytes, len);
    out[len] = '\0';
}

/* Barman has it as a literal of Python: line ends are \n. */
static void copy_label(wp_view from, char *out, size_t room)
{
    size_t n = 0;
    for (size_t i = 0; i < from.len && n + 1 < room; i++) {
        const bool is_escape = from.bytes[i] == '\\' && i + 1 < from.len;
        i += is_escape;
        out[n++] = (char)(is_escape && from.bytes[i] == 'n' ? '\n' : from.bytes[i]);
    }
    out[n] = '\0';
}

void backup_info_parse(wp_view text, backup_info *out)
{
    archiver_catalog_lines lines = { .rest = text };
    char lsn[WP_LSN_TEXT_BYTES];
    *out = (backup_info){ 0 };
    while (archiver_catalog_lines_next(&lines)) {
        if (strcmp(lines.key, "status") == 0 || strcmp(lines.key, "STATUS") == 0)
            copy_text(lines.value, out->status, sizeof out->status);
        else if (strcmp(lines.key, "end_xlog") == 0 || strcmp(lines.key, "END_WALPOS") == 0) {
            copy_text(lines.value, lsn, sizeof lsn);
            if (!wp_lsn_parse(lsn, &out->stop_lsn))
                out->stop_lsn = 0;
        } else if (strcmp(lines.key, "backup_label") == 0 && lines.value.len > 6
                   && memcmp(lines.value.bytes, "START ", 6) == 0)
            copy_label(lines.value, out->label, sizeof out->label);
    }
}

void backup_info_read(const char *folder, backup_info *out)
{
    char *paths[2] = { NULL, NULL }, *id = strdup(folder);
    char *text = malloc(INFO_BYTES);
    *out = (backup_info){ 0 };
    for (size_t len = id ? strlen(id) : 0; len > 1 && id[len - 1] == '/'; len--)
        id[len - 1] = '\0';
    if (!id || asprintf(&paths[0], "%s/backup.info", folder) < 0)
        paths[0] = NULL;
    if (!id || asprintf(&paths[1], "%s/../../meta/%s-backup.info", folder, filename_base(id)) < 0)
        paths[1] = NULL;
    for (size_t i = 0; text && i < 2 && !out->status[0]; i++) {
        FILE *f = paths[i] ? fopen(paths[i], "r") : NULL;
        if (f) {
            opened_note(paths[i]);
            const size_t len = fread(text, 1, INFO_BYTES, f);
            backup_info_parse((wp_view){ (const uint8_t *)text, len }, out);
            (void)fclose(f);
        }
    }
    free(paths[0]);
    free(paths[1]);
    free(text);
    free(id);
}

bool backup_info_is_done(const backup_info *info)
{
    static const char *const done[] = { "", "DONE", "WAITING_FOR_WALS", "1" };
    for (size_t i = 0; i < sizeof done / sizeof *done; i++)
        if (strcmp(info->status, done[i]) == 0)
            return true;
    return false;
}
