/*
 * ddl.c - the SQL that makes tables anew, out of the files of a stopped server, by ddl of `rescue`.
 *
 *     ddl DATA DATABASE [--into NAME] SCHEMA TABLE [SCHEMA TABLE]...      DATA has a backup_label
 *
 * Standard output: what stands before the rows and after them, without rows. Standard error: a line "gap: ..." for each gap.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "rescue/ddl.h"

static char message[512];
static heap h;
static dictionary_needs followed;

static void die(const char *what)
{
    fprintf(stderr, "ddl: %s: %s\n", what, message);
    exit(2);
}

/* ---- the backup ----------------------------------------------------------------------------- */

static wp_status read_backup(void *context, const wp_locator *file, uint32_t block, uint8_t *page)
{
    (void)context;
    switch (backup_blocks_read(h.base, file, block, page, message)) {
    case BACKUP_BLOCK_READ:
        return WP_OK;
    case BACKUP_BLOCK_ABSENT:
        return WP_END;
    default:
        die("block");
        return WP_ERR_USAGE;
    }
}

static void fetch(const wp_locator *files, size_t nfiles, const wp_oid *catalogs, size_t ncatalogs)
{
    const backup_wants wants = { files, nfiles, catalogs, ncatalogs };
    if (!backup_blocks_fetch(h.base, &wants, message))
        die("fetch");
}

static void open_backup(const char *path)
{
    static const wp_locator logs[] = { { 0, 0, WP_REDO_XACT },
                                       { 0, 0, WP_REDO_MULTIXACT_OFFSETS },
                                       { 0, 0, WP_REDO_MULTIXACT_MEMBERS } };
    if (!backup_blocks_open(path, NULL, &h.base, message))
        die("backup");
    const backup_about *about = backup_blocks_about(h.base);
    h.profile = about->profile;
    h.max_align = about->control.max_align;
    h.block_bytes = about->control.block_bytes;
    const wp_redo_config config = { .profile = h.profile,
                                    .max_align = h.max_align,
                                    .block_bytes = h.block_bytes,
                                    .memory_bytes = (size_t)64 << 20,
                                    .read_backup = read_backup };
    wp_error err;
    if (wp_redo_new(&config, &h.redo, &err) < 0
        || wp_fates_new(h.profile, h.block_bytes, &h.fates, &err) < 0)
        die(err.text);
    const wp_oid shared = 0;
    fetch(logs, 3, &shared, 1);
}

static bool is_followed(void *context, const wp_locator *file)
{
    (void)context;
    for (size_t i = 0; i < followed.count; i++)
        if (memcmp(&followed.items[i], file, sizeof *file) == 0)
            return true;
    return false;
}

/* ---- the database --------------------------------------------------------------------------- */

static dictionary_database database_named(const char *name)
{
    dictionary_database *databases, found = { 0 };
    size_t n;
    heap_sums sums = { 0 };
    dictionary_needs needs = { 0 };
    if (!dictionary_databases(&h, is_followed, NULL, &needs, &databases, &n, &sums, message))
        die("databases");
    for (size_t i = 0; i < n; i++)
        if (strcmp(databases[i].name, name) == 0)
            found = databases[i];
    free(databases);
    if (found.oid == 0)
        die("no such database");
    return found;
}

static dictionary *read_dictionary(const dictionary_database *db)
{
    dictionary_needs needs = { 0 };
    dictionary *d;
    heap_sums sums = { 0 };
    fetch(NULL, 0, &db->oid, 1);
    if (!dictionary_catalog_files(&h, db->tablespace, db->oid, &followed, message))
        die("files");
    fetch(followed.items, followed.count, NULL, 0);
    if (!dictionary_read(&h, db->tablespace, db->oid, is_followed, NULL, &needs, &d, &sums, message)
        || !d)
        die("read");
    free(needs.items);
    return d;
}

static void make(ddl *state, dictionary *d, const char *into, char **name)
{
    const ddl_options o = { .schema = name[0], .name = into };
    text out = { 0 };
    ddl_gaps gaps = { 0 };
    dictionary_needs needs = { 0 };
    const dictionary_relation *r = dictionary_relation_named(d, name[0], name[1]);
    if (!r)
        die(name[1]);
    const wp_oid oid = r->oid;
    if (!dictionary_learn(d, &oid, 1, message) || !ddl_files(state, r, &needs, message))
        die("learn");
    fetch(needs.items, needs.count, NULL, 0);
    if (!ddl_before_rows(state, r, &o, &out, &gaps, message)
        || !ddl_after_rows(state, r, &o, &out, &gaps, message))
        die(name[1]);
    printf("%s\n", text_chars(&out));
    size_t key[32], n;
    if (!ddl_key(state, r, key, 32, &n, message))
        die("key");
    printf("-- key:");
    for (size_t i = 0; i < n; i++)
        printf(" %s", r->details[key[i]].name);
    printf("\n");
    for (size_t i = 0; i < gaps.lines.count; i++)
        fprintf(stderr, "gap: %s\n", gaps.lines.items[i]);
    text_list_free(&gaps.lines);
    text_free(&out);
    free(needs.items);
}

int main(int argc, char **argv)
{
    const char *into = NULL;
    int at = 3;
    if (argc > 4 && strcmp(argv[3], "--into") == 0) {
        into = argv[4];
        at = 5;
    }
    if (argc <= at || (argc - at) % 2)
        die("usage: ddl DATA DATABASE [--into NAME] SCHEMA TABLE...");
    open_backup(argv[1]);
    if (!dictionary_catalog_files(&h, 1663, 1, &followed, message))
        die("shared files");
    const dictionary_database db = database_named(argv[2]);
    dictionary *d = read_dictionary(&db);
    ddl *state = ddl_new(d, &h);
    text preamble = { 0 };
    ddl_preamble(&db, &preamble);
    printf("%s", text_chars(&preamble));
    for (int i = at; i < argc; i += 2) {
        const dictionary_relation *r = dictionary_relation_named(d, argv[i], argv[i + 1]);
        if (r && !ddl_expect(state, r->oid))
            die("memory");
    }
    for (; at < argc; at += 2)
        make(state, d, into, &argv[at]);
    text_free(&preamble);
    ddl_free(state);
    dictionary_free(d);
    free(followed.items);
    wp_fates_free(h.fates);
    wp_redo_free(h.redo);
    backup_blocks_free(h.base);
    return 0;
}
