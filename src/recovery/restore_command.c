/*
 * restore_command.c - see restore_command.h.
 *
 * The server runs the command for segments and for .history files; a status other than 0 tells it that
 * there is no such file, which is how it learns that the archive ends.
 */
#include "recovery/restore_command.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "codec/codec.h"
#include "file/filename.h"

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

/* What the letters of a form stand for. */
typedef struct form_words {
    const char *directory, *name, *cipher; /* of @, # and ! */
} form_words;

static void add_form_of(text *out, const char *form, const form_words *words)
{
    for (const char *at = form; *at != '\0'; at++) {
        if (*at == '@')
            add_directory(out, words->directory);
        else if (*at == '#')
            add_directory(out, words->name);
        else if (*at == '!')
            text_add(out, words->cipher);
        else
            text_add_bytes(out, at, 1);
    }
}

/* Writes a form, with the directory in place of each '@'. */
static void add_form(text *out, const char *form, const char *directory)
{
    add_form_of(out, form, &(form_words){ directory, "", "" });
}

// clang-format off
static const struct {
    const char *suffix; /* NULL: none has it */
    const char *tool;   /* unpacks its input */
    const char *format; /* codec.h's name for it */
    bool passes_on;     /* with -f, hands on what is not packed as it is */
    bool is_rare;       /* a server's machine may not have it */
} packings[RESTORE_PACKINGS] = {
    [RESTORE_PLAIN]  = { "",        NULL,     NULL,                false, false },
    [RESTORE_GZ]     = { ".gz",     "gzip",   "gzip-compressed",   true,  false },
    [RESTORE_LZ4]    = { ".lz4",    "lz4",    "lz4-compressed",    true,  false },
    [RESTORE_ZST]    = { ".zst",    "zstd",   "zstd-compressed",   true,  false },
    [RESTORE_ZSTD]   = { ".zstd",   "zstd",   "zstd-compressed",   true,  false },
    [RESTORE_BZ2]    = { ".bz2",    "bzip2",  "bzip2-compressed",  true,  false },
    [RESTORE_XZ]     = { ".xz",     "xz",     "xz-compressed",     true,  false },
    [RESTORE_LZMA]   = { ".lzma",   "xz",     "lzma-compressed",   true,  false },
    [RESTORE_BR]     = { ".br",     "brotli", "brotli-compressed", false, true  },
    [RESTORE_SNAPPY] = { ".snappy", "snzip",  "snappy-compressed", false, true  },
    [RESTORE_ZLIB]   = { NULL,      "pigz",   "zlib-compressed",   false, true  },
};
// clang-format on

static bool has_name(const restore_layout *layout, restore_packing packing)
{
    return layout->names >> packing & 1;
}

/* Hands on one file to the server. */
static void add_copy(text *out, const char *directory, const char *suffix, restore_packing packing)
{
    if (packing == RESTORE_PLAIN) {
        add_form(out, "cp \"@/%f\" \"%p\"", directory);
        return;
    }
    const bool is_mixed = *suffix == '\0' && packings[packing].passes_on;
    text_addf(out, "%s -dc%s", packings[packing].tool, is_mixed ? "f" : "");
    add_form(out, " < \"@/%f", directory);
    text_addf(out, "%s\" > \"%%p\"", suffix);
}

static void add_copy_as_named(text *out, const char *directory, const restore_layout *layout,
                              restore_packing named)
{
    add_copy(out, directory, packings[named].suffix,
             named == RESTORE_PLAIN ? layout->inside : named);
}

/* One name after the other, each where the file is there; what the last one says counts. */
void restore_command_for(const char *directory, const restore_layout *layout, text *out)
{
    restore_packing last = RESTORE_PLAIN;
    const char *word = "if";
    bool has_one = false;
    for (restore_packing i = 0; i < RESTORE_PACKINGS; i++) {
        if (!has_name(layout, i))
            continue;
        if (has_one) {
            text_addf(out, "%s [ -f ", word);
            add_form(out, "\"@/%f", directory);
            text_addf(out, "%s\" ]; then ", packings[last].suffix);
            add_copy_as_named(out, directory, layout, last);
            text_add(out, "; ");
            word = "elif";
        }
        has_one = true;
        last = i;
    }
    const bool is_choice = strcmp(word, "elif") == 0;
    text_add(out, is_choice ? "else " : "");
    add_copy_as_named(out, directory, layout, last);
    text_add(out, is_choice ? "; fi" : "");
}

/* Names a server asks for, with nothing behind them but perhaps one suffix. */
static void note_name(const char *name, restore_layout *layout)
{
    const filename parsed = filename_parse(name);
    if (parsed.kind != FILENAME_SEGMENT && parsed.kind != FILENAME_HISTORY)
        return;
    const size_t stem =
        parsed.kind == FILENAME_SEGMENT ? WP_SEGMENT_NAME_CHARS : strlen("00000001.history");
    for (unsigned i = 0; i < RESTORE_PACKINGS && strlen(name) >= stem; i++)
        if (packings[i].suffix && strcmp(name + stem, packings[i].suffix) == 0)
            layout->names |= 1u << i;
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

static restore_packing packing_of(const char *path)
{
    FILE *file = fopen(path, "rb");
    if (file == NULL)
        return RESTORE_PLAIN;
    uint8_t head[CODEC_HEAD_BYTES];
    const size_t len = fread(head, 1, sizeof head, file);
    fclose(file);
    const codec_format *format = codec_detect((wp_view){ head, len }, path);
    for (restore_packing i = RESTORE_PLAIN + 1; format != NULL && i < RESTORE_PACKINGS; i++)
        if (strcmp(packings[i].format, format->name) == 0)
            return i;
    return RESTORE_PLAIN;
}

/* What is inside the files with plain names: of the first packed one. */
static restore_packing inside_plain_names(const archive *wal)
{
    restore_packing found = RESTORE_PLAIN;
    for (size_t i = 0; wal->is_compressed && found == RESTORE_PLAIN && i < wal->nsegments; i++)
        if (strlen(filename_base(wal->segments[i].path)) == WP_SEGMENT_NAME_CHARS)
            found = packing_of(wal->segments[i].path);
    return found;
}

static void warn_of_rare_tools(const restore_layout *layout, text_list *warnings)
{
    for (restore_packing i = 0; i < RESTORE_PACKINGS; i++)
        if (packings[i].is_rare && (has_name(layout, i) || layout->inside == i))
            text_list_addf(warnings,
                           "restore_command uses %s, which must be installed where the server is "
                           "restored (or give --restore-command)",
                           packings[i].tool);
}

bool restore_command_of_layout(const wal_layout *l, bool is_encrypted, text *out)
{
    const char *form = layout_restore_form(l->kind);
    const form_words words = { l->root, l->name != NULL ? l->name : "",
                               is_encrypted ? layout_cipher_words(l->kind) : "" };
    if (form != NULL)
        add_form_of(out, form, &words);
    return form != NULL;
}

/* ---- this program's own --------------------------------------------------------------------- */

/* Is the whole archive in one folder, every file under the name the server asks for and a suffix? */
static bool has_simple_names(const archive *wal)
{
    if (wal->ndirectories > 1)
        return false;
    for (size_t i = 0; i < wal->nsegments; i++) {
        const char *base = filename_base(wal->segments[i].path);
        const char *behind =
            strlen(base) > WP_SEGMENT_NAME_CHARS ? base + WP_SEGMENT_NAME_CHARS : "";
        bool is_simple = false;
        for (restore_packing k = 0; k < RESTORE_PACKINGS; k++)
            is_simple |= packings[k].suffix && strcmp(behind, packings[k].suffix) == 0;
        if (!is_simple)
            return false;
    }
    return true;
}

/* Folders by the high half of the position are many: fetch finds them in the one they are in. */
static char *folder_for_fetch(const char *directory)
{
    char *path = realpath(directory, NULL);
    if (path == NULL)
        path = strdup(directory);
    char *slash = path != NULL ? strrchr(path, '/') : NULL;
    if (slash != NULL && slash > path && strlen(slash + 1) == 16
        && strspn(slash + 1, "0123456789ABCDEF") == 16)
        *slash = '\0';
    return path;
}

static void add_source(text *out, const char *directory, text_list *added)
{
    char *path = folder_for_fetch(directory);
    bool is_new = path != NULL;
    for (size_t i = 0; is_new && i < added->count; i++)
        is_new = strcmp(added->items[i], path) != 0;
    if (is_new) {
        text_list_addf(added, "%s", path);
        add_form(out, " \"@\"", path);
    }
    out->failed |= path == NULL;
    free(path);
}

void restore_command_of_fetch(const archive *wal, text *out)
{
    text_list added = { 0 };
    text_add(out, "pitr-find fetch \"%f\" \"%p\"");
    if (wal->layout.kind != LAYOUT_PLAIN && wal->layout.home != NULL)
        add_source(out, wal->layout.home, &added);
    else if (wal->ndirectories == 0)
        add_source(out, ".", &added);
    else
        for (size_t i = 0; i < wal->ndirectories; i++)
            add_source(out, wal->directories[i], &added);
    text_list_free(&added);
}

static void warn_of_encryption(const archive *wal, text_list *warnings)
{
    if (wal->layout.kind == LAYOUT_PGBACKREST)
        text_list_addf(warnings,
                       "the WAL is encrypted: the server needs PGBACKREST_REPO1_CIPHER_PASS in its "
                       "environment, or repo1-cipher-pass in pgbackrest.conf");
    else
        text_list_addf(
            warnings, "the WAL is encrypted: the server needs PITR_CIPHER_PASS in its environment, "
                      "or --cipher-pass-file in restore_command");
}

bool restore_command_derive(const archive *wal, text *out, text_list *warnings)
{
    if (wal->is_encrypted)
        warn_of_encryption(wal, warnings);
    if (restore_command_of_layout(&wal->layout, wal->is_encrypted, out))
        return wal->layout.kind == LAYOUT_BARMAN;
    if (wal->is_encrypted || !has_simple_names(wal)) {
        restore_command_of_fetch(wal, out);
        text_list_addf(warnings, "restore_command uses pitr-find itself, which must be installed "
                                 "where the server is restored (or give --restore-command)");
        return true;
    }
    const char *directory = wal->ndirectories > 0 ? wal->directories[0] : ".";
    restore_layout layout = { .inside = inside_plain_names(wal) };
    note_directory(directory, &layout);
    warn_of_rare_tools(&layout, warnings);
    char *absolute = realpath(directory, NULL);
    restore_command_for(absolute != NULL ? absolute : directory, &layout, out);
    free(absolute);
    return false;
}
