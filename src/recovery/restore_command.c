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
#include <sys/stat.h>

#include "archive/copies.h"
#include "base/message.h"
#include "file/filename.h"
#include "file/input.h"

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

/* Is there a command for it that a server can be given? */
static bool has_command(packing_id id)
{
    return id == PACKING_PLAIN
           || (packing_at(id)->is_compressed && packing_at(id)->command != NULL);
}

static bool has_suffix(const restore_layout *layout, size_t i)
{
    return layout->suffixes >> i & 1;
}

/* Hands on one file to the server. */
static void add_copy(text *out, const char *directory, const char *suffix, packing_id of)
{
    if (of == PACKING_PLAIN) {
        add_form(out, "cp \"@/%f\" \"%p\"", directory);
        return;
    }
    const packing *row = packing_at(of);
    const bool is_mixed = *suffix == '\0' && row->hands_on;
    text_addf(out, "%sc%s", row->command, is_mixed ? "f" : "");
    add_form(out, " < \"@/%f", directory);
    text_addf(out, "%s\" > \"%%p\"", suffix);
}

static void add_copy_as_named(text *out, const char *directory, const restore_layout *layout,
                              size_t i)
{
    packing_id of;
    const char *suffix = packing_suffix(i, &of);
    add_copy(out, directory, suffix, of == PACKING_PLAIN ? layout->inside : of);
}

/* One name after the other, each where the file is there; what the last one says counts. */
void restore_command_for(const char *directory, const restore_layout *layout, text *out)
{
    size_t last = 0;
    const char *word = "if", *last_suffix = NULL, *suffix;
    packing_id of;
    for (size_t i = 0; (suffix = packing_suffix(i, &of)) != NULL; i++) {
        if (!has_suffix(layout, i))
            continue;
        if (last_suffix != NULL) {
            text_addf(out, "%s [ -f ", word);
            add_form(out, "\"@/%f", directory);
            text_addf(out, "%s\" ]; then ", last_suffix);
            add_copy_as_named(out, directory, layout, last);
            text_add(out, "; ");
            word = "elif";
        }
        last_suffix = suffix;
        last = i;
    }
    const bool is_choice = strcmp(word, "elif") == 0;
    text_add(out, is_choice ? "else " : "");
    add_copy_as_named(out, directory, layout, last);
    text_add(out, is_choice ? "; fi" : "");
}

/* The number of an ending that a server can be told to unpack. */
static bool find_suffix(const char *wanted, size_t *at)
{
    const char *suffix;
    packing_id of;
    for (size_t i = 0; (suffix = packing_suffix(i, &of)) != NULL; i++)
        if (has_command(of) && strcmp(suffix, wanted) == 0) {
            *at = i;
            return true;
        }
    return false;
}

/* How much of a file's name is what a server asks for; 0: nothing. */
static size_t stem_of(const char *name)
{
    const filename_kind kind = filename_parse(name).kind;
    return kind == FILENAME_SEGMENT   ? WP_SEGMENT_NAME_CHARS
           : kind == FILENAME_HISTORY ? strlen("00000001.history")
                                      : 0;
}

/* Names a server asks for, with nothing after them but perhaps one suffix. */
static void note_name(const char *name, restore_layout *layout)
{
    const size_t stem = stem_of(name);
    size_t i;
    if (stem > 0 && strlen(name) >= stem && find_suffix(name + stem, &i))
        layout->suffixes |= 1u << i;
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

static packing_id packing_of(const char *path)
{
    FILE *file = fopen(path, "rb");
    if (file == NULL)
        return PACKING_PLAIN;
    uint8_t head[PACKING_HEAD_BYTES];
    const size_t len = fread(head, 1, sizeof head, file);
    fclose(file);
    const packing_id found = packing_id_of(packing_detect((wp_view){ head, len }, path));
    return has_command(found) ? found : PACKING_PLAIN;
}

/* What is inside the files with plain names: of the first packed one. */
static packing_id inside_plain_names(const archive *wal)
{
    packing_id found = PACKING_PLAIN;
    for (size_t i = 0; wal->is_compressed && found == PACKING_PLAIN && i < wal->nsegments; i++)
        if (strlen(filename_base(wal->segments[i].path)) == WP_SEGMENT_NAME_CHARS)
            found = packing_of(wal->segments[i].path);
    return found;
}

static bool is_used(const restore_layout *layout, packing_id id)
{
    packing_id of;
    bool is_used = layout->inside == id;
    for (size_t i = 0; !is_used && packing_suffix(i, &of) != NULL; i++)
        is_used = of == id && has_suffix(layout, i);
    return is_used;
}

static void warn_of_rare_commands(const restore_layout *layout, text_list *warnings)
{
    const packing *row;
    for (packing_id i = PACKING_PLAIN; (row = packing_at(i)) != NULL; i++)
        if (row->is_rare_command && is_used(layout, i))
            text_list_addf(warnings,
                           "restore_command uses %.*s, which must be installed where the server is "
                           "restored (or give --restore-command)",
                           (int)strcspn(row->command, " "), row->command);
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
        const char *suffix =
            strlen(base) > WP_SEGMENT_NAME_CHARS ? base + WP_SEGMENT_NAME_CHARS : "";
        size_t ending;
        if (!find_suffix(suffix, &ending))
            return false;
    }
    return true;
}

/* What a copy or a pipeline takes for a file: the first name that is there, and unpacks as its ending has it. */
static char *path_served(const char *directory, const restore_layout *layout, const char *name,
                         packing_id *as)
{
    char *path = NULL;
    const char *suffix;
    packing_id of;
    struct stat st;
    for (size_t i = 0; (suffix = packing_suffix(i, &of)) != NULL; i++) {
        if (!has_suffix(layout, i))
            continue;
        free(path);
        if (asprintf(&path, "%s/%.*s%s", directory, (int)stem_of(name), name, suffix) < 0)
            return NULL;
        *as = of;
        if (stat(path, &st) == 0 && S_ISREG(st.st_mode))
            break;
    }
    return path;
}

/* Does the command for that packing make of the file what is in it? */
static bool is_unpacked(const restore_layout *layout, const char *path, packing_id as)
{
    const packing_id is = packing_of(path);
    if (as != PACKING_PLAIN)
        return is == as;
    return is == layout->inside || (is == PACKING_PLAIN && packing_at(layout->inside)->hands_on);
}

/* The files of a segment that are SOURCEs were compared; what else lies in the folder was not. */
static bool is_what_was_read(const archive *wal, const archive_segment *one, const char *path)
{
    if (copies_is_same_file(path, one->path))
        return true;
    if (one->has_lesser)
        return false;
    const copies_rules rules = { .segment_size = wal->info.segment_size };
    copies all = { 0 };
    copies_verdict verdict = COPIES_DIFFER;
    char ignored[MESSAGE_BYTES]; /* what cannot be read is not what was */
    const bool is_compared = copies_compare(&all, one->path, path, &rules, &verdict, ignored);
    copies_free(&all);
    return is_compared && verdict == COPIES_ALIKE;
}

/* Does a copy or a pipeline hand over what was read here? Of a .partial nothing is expected. */
static bool serves(const archive *wal, const char *directory, const restore_layout *layout,
                   const archive_segment *one)
{
    packing_id as = PACKING_PLAIN;
    if (one->is_partial)
        return true;
    char *path = path_served(directory, layout, filename_base(one->path), &as);
    const bool does =
        path != NULL && is_what_was_read(wal, one, path) && is_unpacked(layout, path, as);
    free(path);
    return does;
}

/* Does what unpacks it mind what follows its data? */
static bool has_rest(const char *path)
{
    char ignored[MESSAGE_BYTES];
    input *in = input_open(path, NULL, ignored);
    wp_view window = { 0 };
    while (in != NULL && input_read(in, &window, ignored) && window.len > 0)
        continue;
    const bool has = in != NULL && input_has_rest(in);
    input_free(in);
    return has;
}

static bool serves_history(const char *directory, const restore_layout *layout, const char *name)
{
    packing_id as = PACKING_PLAIN;
    char *path = path_served(directory, layout, name, &as);
    const bool does = path != NULL && is_unpacked(layout, path, as) && !has_rest(path);
    free(path);
    return does;
}

/* Which of two files of one timeline counts is told elsewhere. */
static bool serves_histories(const char *directory, const restore_layout *layout)
{
    DIR *dir = opendir(directory);
    bool does = true;
    for (const struct dirent *entry; dir != NULL && does && (entry = readdir(dir)) != NULL;)
        if (filename_parse(entry->d_name).kind == FILENAME_HISTORY)
            does = serves_history(directory, layout, entry->d_name);
    if (dir != NULL)
        closedir(dir);
    return does;
}

static bool is_in_range(const archive_segment *one, const restore_range *range)
{
    return one->path != NULL && one->end_lsn > range->from && one->start_lsn < range->until;
}

/* Nothing is known of copies before the range that was read. */
static bool has_unread_copies(const archive *wal, const restore_range *range)
{
    return wal->has_unread_copies && (range->from == 0 || range->from < wal->segments[0].start_lsn);
}

/* tar -xO hands over all members of a name, one after the other. */
static bool tar_serves_range(const archive *wal, const restore_range *range)
{
    bool does = !wal->layout.is_uneven && !has_unread_copies(wal, range);
    for (size_t i = 0; does && i < wal->nsegments; i++)
        does = !is_in_range(&wal->segments[i], range)
               || (!wal->segments[i].has_copies && !wal->segments[i].has_lesser);
    return does && (!is_in_range(&wal->following, range) || !wal->following.has_copies);
}

static bool serves_range(const archive *wal, const char *directory, const restore_layout *layout,
                         const restore_range *range)
{
    bool does = !range->has_rest && !has_unread_copies(wal, range);
    for (size_t i = 0; does && i < wal->nsegments; i++)
        if (is_in_range(&wal->segments[i], range))
            does = serves(wal, directory, layout, &wal->segments[i]);
    if (does && is_in_range(&wal->following, range))
        does = serves(wal, directory, layout, &wal->following);
    return does;
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

static void use_fetch(const archive *wal, text *out, text_list *warnings)
{
    restore_command_of_fetch(wal, out);
    text_list_addf(warnings, "restore_command uses pitr-find itself, which must be installed "
                             "where the server is restored (or give --restore-command)");
}

bool restore_command_derive(const archive *wal, const restore_range *range, text *out,
                            text_list *warnings)
{
    if (wal->is_encrypted)
        warn_of_encryption(wal, warnings);
    if (wal->layout.kind == LAYOUT_TAR && !tar_serves_range(wal, range)) {
        use_fetch(wal, out, warnings);
        return true;
    }
    if (restore_command_of_layout(&wal->layout, wal->is_encrypted, out))
        return wal->layout.kind == LAYOUT_BARMAN;
    if (wal->is_encrypted || !has_simple_names(wal)) {
        use_fetch(wal, out, warnings);
        return true;
    }
    const char *directory = wal->ndirectories > 0 ? wal->directories[0] : ".";
    restore_layout layout = { .inside = inside_plain_names(wal) };
    note_directory(directory, &layout);
    if (!serves_range(wal, directory, &layout, range) || !serves_histories(directory, &layout)) {
        use_fetch(wal, out, warnings);
        return true;
    }
    warn_of_rare_commands(&layout, warnings);
    char *absolute = realpath(directory, NULL);
    restore_command_for(absolute != NULL ? absolute : directory, &layout, out);
    free(absolute);
    return false;
}
