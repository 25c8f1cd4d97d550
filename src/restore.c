/*
 * restore.c - see restore.h.
 *
 * The server runs the command for segments and for .history files; a status other than 0 tells it that
 * there is no such file, which is how it learns that the archive ends.
 */
#include "restore.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "filename.h"

/* The inside of a shell's double quotes; % is the server's own and stands for itself when doubled. */
static void add_directory(text *out, const char *directory)
{
    for (const char *at = directory; *at != '\0'; at++) {
        if (strchr("\"$`\\", *at) != NULL)
            text_add(out, "\\");
        text_add_bytes(out, at, 1);
        if (*at == '%')
            text_add(out, "%");
    }
}

/* Writes a form, with the directory in place of each '@'. */
static void add_form(text *out, const char *form, const char *directory)
{
    for (const char *at = form; *at != '\0'; at++) {
        if (*at == '@')
            add_directory(out, directory);
        else
            text_add_bytes(out, at, 1);
    }
}

void restore_command_for(const char *directory, const restore_layout *layout, text *out)
{
    /* gzip -dcf hands on what is not packed as it is. */
    const char *plain =
        layout->has_packed_plain ? "gzip -dcf < \"@/%f\" > \"%p\"" : "cp \"@/%f\" \"%p\"";
    const char *gz = "gzip -dc < \"@/%f.gz\" > \"%p\"";
    if (!layout->has_gz) {
        add_form(out, plain, directory);
    } else if (!layout->has_plain) {
        add_form(out, gz, directory);
    } else {
        add_form(out, "if [ -f \"@/%f\" ]; then ", directory);
        add_form(out, plain, directory);
        add_form(out, "; else ", directory);
        add_form(out, gz, directory);
        add_form(out, "; fi", directory);
    }
}

/* Names a server asks for, with nothing behind them but perhaps ".gz". */
static void note_name(const char *name, restore_layout *layout)
{
    const filename parsed = filename_parse(name);
    if (parsed.kind != FILENAME_SEGMENT && parsed.kind != FILENAME_HISTORY)
        return;
    const size_t stem =
        parsed.kind == FILENAME_SEGMENT ? WP_SEGMENT_NAME_CHARS : strlen("00000001.history");
    if (strlen(name) == stem)
        layout->has_plain = true;
    else if (strlen(name) > stem && strcmp(name + stem, ".gz") == 0)
        layout->has_gz = true;
}

static void note_directory(const char *directory, restore_layout *layout)
{
    DIR *dir = opendir(directory);
    if (dir == NULL)
        return;
    for (const struct dirent *entry; (entry = readdir(dir)) != NULL;)
        note_name(entry->d_name, layout);
    closedir(dir);
}

static bool is_gzip(const char *path)
{
    FILE *file = fopen(path, "rb");
    if (file == NULL)
        return false;
    uint8_t head[2] = { 0 };
    const bool packed = fread(head, 1, 2, file) == 2 && head[0] == 0x1F && head[1] == 0x8B;
    fclose(file);
    return packed;
}

static bool has_packed_plain(const archive *wal)
{
    for (size_t i = 0; wal->is_compressed && i < wal->nsegments; i++) {
        const char *name = filename_base(wal->segments[i].path);
        if (strlen(name) == WP_SEGMENT_NAME_CHARS && is_gzip(wal->segments[i].path))
            return true;
    }
    return false;
}

void restore_command_derive(const archive *wal, text *out, text_list *warnings)
{
    const char *directory = wal->ndirectories > 0 ? wal->directories[0] : ".";
    restore_layout layout = { .has_packed_plain = has_packed_plain(wal) };
    note_directory(directory, &layout);
    char *absolute = realpath(directory, NULL);
    restore_command_for(absolute != NULL ? absolute : directory, &layout, out);
    if (wal->ndirectories > 1)
        text_list_addf(warnings,
                       "WAL was found in %zu directories, but restore_command reads only %s: give "
                       "--restore-command, or put the files together",
                       wal->ndirectories, directory);
    free(absolute);
}
