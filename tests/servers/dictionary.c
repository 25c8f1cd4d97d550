/*
 * dictionary.c - the catalogs of a database out of the files of a stopped server, by the dictionary of `rescue`.
 *
 *     dictionary DATA DATABASE OUT [ARCHIVE LSN] <CATALOGS      DATA has a backup_label
 *
 * Writes into the folder OUT, to be held against what the server said (dictionary.sh):
 *
 *     databases, relations, columns, types, schemas, labels      a line each, of fields that bars divide
 *     CATALOG     rows of that catalog (its OID): the columns that standard input names for it, in a line "CATALOG COLUMN..."
 *
 * Without ARCHIVE the catalogs are as they lie in the files; else as the WAL in it left them at LSN.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "archive/archive_open.h"
#include "rescue/dictionary_state.h"
#include "rescue/replay.h"

#define FIELDS_MAX 70

static const char *out_dir;
static char message[512];
static heap h;

static void die(const char *what)
{
    fprintf(stderr, "dictionary: %s: %s\n", what, message);
    exit(2);
}

static FILE *open_out(const char *name)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/%s", out_dir, name);
    FILE *out = fopen(path, "w");
    if (!out)
        die(path);
    return out;
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
                                    .has_checksums = about->has_checksums,
                                    .memory_bytes = (size_t)64 << 20,
                                    .read_backup = read_backup };
    wp_error err;
    if (wp_redo_new(&config, &h.redo, &err) < 0
        || wp_fates_new(h.profile, h.block_bytes, &h.fates, &err) < 0)
        die(err.text);
    const wp_oid shared = 0;
    fetch(logs, 3, &shared, 1);
}

/* ---- files ---------------------------------------------------------------------------------- */

static dictionary_needs followed;
static wp_oid catalogs_of; /* the database whose catalogs are among them */

static bool is_followed(void *context, const wp_locator *file)
{
    (void)context;
    for (size_t i = 0; i < followed.count; i++)
        if (memcmp(&followed.items[i], file, sizeof *file) == 0)
            return true;
    return false;
}

/* ---- what the dictionary tells -------------------------------------------------------------- */

/* A name as it is, which may have anything in it but a NUL: as the server's quote_ident gives it. */
static void add_name(const char *name, text *line)
{
    quote_identifier(name, line);
    text_add(line, "|");
}

static void print_line(text *line, FILE *out)
{
    fprintf(out, "%s\n", text_chars(line));
    text_clear(line);
}

/* *found: the one of that name. False: pg_database was not followed, and is in needs. */
static bool print_databases(const char *name, dictionary_needs *needs, dictionary_database *found)
{
    dictionary_database *databases;
    size_t n;
    heap_sums sums = { 0 };
    if (!dictionary_databases(&h, is_followed, NULL, needs, &databases, &n, &sums, message))
        die("databases");
    if (needs->count > 0)
        return false;
    if (!heap_sums_are_certain(&sums))
        die("doubt: pg_database");
    FILE *out = open_out("databases");
    text line = { 0 };
    *found = (dictionary_database){ 0 };
    for (size_t i = 0; i < n; i++) {
        const dictionary_database *d = &databases[i];
        text_addf(&line, "%u|%u|%d|%s|%s|%d|", d->oid, d->tablespace, d->encoding, d->collate,
                  d->ctype, d->is_invalid);
        add_name(d->name, &line);
        print_line(&line, out);
        if (strcmp(d->name, name) == 0)
            *found = *d;
    }
    fclose(out);
    free(databases);
    text_free(&line);
    if (found->oid == 0)
        die("no such database");
    return true;
}

static void print_relations(const dictionary *d)
{
    FILE *out = open_out("relations");
    size_t n;
    const dictionary_relation *all = dictionary_relations(d, &n);
    text line = { 0 };
    for (size_t i = 0; i < n; i++) {
        const dictionary_relation *r = &all[i];
        text_addf(&line, "%u|", r->oid);
        dictionary_add_name(d, r, &line);
        text_addf(&line, "|%c|%c|%u|%u|%u|%u|%d|%zu|", r->kind, r->persistence, r->type, r->toast,
                  r->access_method, r->of_type, r->is_partition, r->ncolumns);
        if (r->file.rel != 0)
            text_addf(&line, "%u %u %u", r->file.spc, r->file.db, r->file.rel);
        print_line(&line, out);
        if (dictionary_relation_of(d, r->oid) != r
            || dictionary_relation_named(d, dictionary_schema(d, r->schema), r->name) != r)
            die("a relation is not found");
    }
    fclose(out);
    text_free(&line);
}

/* A row without any column yet: all are missing values, or NULL. */
static void missing_values(const dictionary_relation *r, wp_datum *datums)
{
    static const uint8_t header[24] = { [22] = sizeof header };
    const wp_value_config config = { .profile = h.profile, .max_align = h.max_align };
    const wp_view row = { header, sizeof header };
    if (wp_tuple_deform(&config, row, r->columns, r->ncolumns, datums) != WP_VALUE_OK)
        die("missing values");
}

static void add_value(const wp_column *column, const wp_datum *datum, text *line)
{
    const wp_value_config config = { .profile = h.profile, .max_align = h.max_align };
    wp_text value = { 0 };
    if (datum->kind == WP_DATUM_NULL)
        return;
    if (wp_value_text(&config, column->typid, datum, &value) != WP_VALUE_OK)
        text_add(line, "?");
    text_add_bytes(line, (const char *)value.bytes, value.len);
    wp_text_free(&value);
}

static void print_columns(dictionary *d)
{
    FILE *out = open_out("columns");
    size_t n;
    const dictionary_relation *all = dictionary_relations(d, &n);
    wp_oid *oids = calloc(n, sizeof *oids);
    for (size_t i = 0; i < n; i++)
        oids[i] = all[i].oid;
    if (!dictionary_learn(d, oids, n / 2, message) || !dictionary_learn(d, oids, n, message))
        die("learn");
    free(oids);
    text line = { 0 };
    for (size_t i = 0; i < n; i++) {
        static wp_datum missing[1600];
        missing_values(&all[i], missing);
        for (size_t c = 0; c < all[i].ncolumns; c++) {
            const wp_column *column = &all[i].columns[c];
            const dictionary_column *detail = &all[i].details[c];
            text_addf(&line, "%u|%d|", all[i].oid, detail->number);
            add_name(detail->name, &line);
            text_addf(&line, "%u|%d|%c|%d|%u|%d|%d|%c|%c|%d|", column->typid, column->typlen,
                      column->align, detail->typmod, detail->collation, detail->is_not_null,
                      detail->has_default, detail->identity ? detail->identity : '-',
                      detail->generated ? detail->generated : '-', column->is_dropped);
            if (!column->is_dropped
                && !dictionary_add_type(d, column->typid, detail->typmod, &line))
                text_add(&line, "?");
            text_add(&line, "|");
            if (!column->is_dropped)
                add_value(column, &missing[c], &line);
            print_line(&line, out);
        }
    }
    fclose(out);
    text_free(&line);
}

/* Types are asked for by the OIDs of the catalog's rows. */
typedef struct taken {
    dictionary *d;
    FILE *out;
    text line;
    size_t nfields;
    char **fields;
} taken;

static bool take_type(void *context, const catalog_row *row)
{
    taken *to = context;
    const dictionary_type *t = dictionary_type_of(to->d, (wp_oid)catalog_row_number(row, "oid"));
    if (!t)
        die("a type is not found");
    text_addf(&to->line, "%u|%s|", t->oid, t->name);
    if (!dictionary_add_type(to->d, t->oid, -1, &to->line))
        die("a type has no name");
    text_addf(&to->line, "|%u|%u|%u|%u|%c|%d|%d|%c|%d|%c|%c|%u|%u|%zu", t->schema, t->relation,
              t->array, t->collation, t->category, t->typmod, t->is_not_null, t->type.kind,
              t->type.typlen, t->type.align, t->type.delim, t->type.element, t->type.base,
              t->type.ncolumns);
    print_line(&to->line, to->out);
    return true;
}

static bool take_schema(void *context, const catalog_row *row)
{
    taken *to = context;
    const wp_oid oid = (wp_oid)catalog_row_number(row, "oid");
    text_addf(&to->line, "%u|", oid);
    add_name(dictionary_schema(to->d, oid), &to->line);
    print_line(&to->line, to->out);
    return true;
}

static bool take_label(void *context, const catalog_row *row)
{
    taken *to = context;
    const wp_oid oid = (wp_oid)catalog_row_number(row, "oid");
    const wp_oid type = (wp_oid)catalog_row_number(row, "enumtypid");
    wp_view label, other;
    if (!dictionary_label(to->d, type, oid, &label) || dictionary_label(to->d, 25, oid, &other))
        die("a label");
    text_addf(&to->line, "%u|%u|%.*s", type, oid, (int)label.len, (const char *)label.bytes);
    print_line(&to->line, to->out);
    return true;
}

static void print_rows(dictionary *d, wp_oid catalog, const char *name,
                       bool (*take)(void *context, const catalog_row *row), size_t nfields,
                       char **fields)
{
    taken to = { .d = d, .out = open_out(name), .nfields = nfields, .fields = fields };
    if (!dictionary_catalog(d, catalog, take, &to, message))
        die(name);
    fclose(to.out);
    text_free(&to.line);
}

static bool take_fields(void *context, const catalog_row *row)
{
    taken *to = context;
    for (size_t i = 0; i < to->nfields; i++) {
        wp_text value = { 0 }, escaped = { 0 };
        if (strcmp(to->fields[i], "oid") == 0)
            text_addf(&to->line, "%u", (wp_oid)catalog_row_number(row, "oid"));
        else if (!catalog_row_has(row, to->fields[i]))
            text_add(&to->line, "\\N");
        else if (!catalog_row_text(row, to->fields[i], &value)
                 || wp_copy_escape((wp_view){ value.bytes, value.len }, &escaped) != WP_VALUE_OK)
            text_add(&to->line, "?");
        if (escaped.len > 0)
            text_add_bytes(&to->line, (const char *)escaped.bytes, escaped.len);
        if (i + 1 < to->nfields)
            text_add(&to->line, "\t");
        wp_text_free(&value);
        wp_text_free(&escaped);
    }
    print_line(&to->line, to->out);
    return true;
}

/* What the library knows of the columns of some catalogs, and which types each database has. */
static void check_known(const dictionary *d)
{
    static const wp_oid known[] = { PG_TYPE,      PG_ATTRIBUTE, PG_CLASS, PG_DATABASE,
                                    PG_NAMESPACE, PG_ENUM,      PG_RANGE };
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        catalog_layout library;
        catalog_layout_known(h.profile, known[i], &library);
        const catalog_layout *server = dictionary_layout(d, known[i]);
        bool is_same = server != NULL && server->count == library.count;
        for (size_t c = 0; is_same && c < library.count; c++)
            is_same = strcmp(server->names[c], library.names[c]) == 0
                      && memcmp(&server->columns[c], &library.columns[c], sizeof(wp_column)) == 0;
        snprintf(message, sizeof message, "%u", known[i]);
        if (!is_same)
            die("known columns");
    }
    static const struct {
        wp_oid oid, element, array, collation;
        const char *name;
        char kind, align, delim, category;
        int16_t len;
    } types[] = {
#define TYPE(id, text, letter, bytes, alignment, delimiter, element_id, array_id, group, \
             collation_id)                                                               \
    { id, element_id, array_id, collation_id, text, letter, alignment, delimiter, group, bytes },
#include "rescue/builtin_types.def"
#undef TYPE
    };
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        const dictionary_type *t = dictionary_type_of(d, types[i].oid);
        snprintf(message, sizeof message, "%u", types[i].oid);
        /* "char", aclitem; pg_ddl_command and internal, which no column has, are as long as a pointer */
        const bool has_changed = types[i].oid == 18 || types[i].oid == 1033 || types[i].oid == 1034
                                 || types[i].oid == 32 || types[i].oid == 2281;
        if (t != NULL && !has_changed
            && (strcmp(t->name, types[i].name) != 0 || t->type.kind != types[i].kind
                || t->type.align != types[i].align || t->type.delim != types[i].delim
                || t->type.typlen != types[i].len || t->array != types[i].array
                || (t->type.element != 0 && t->type.element != types[i].element)))
            die("known type");
    }
}

static void print_catalogs(dictionary *d)
{
    static char line[65536];
    while (fgets(line, sizeof line, stdin)) {
        char *fields[FIELDS_MAX], *at = strtok(line, " \n");
        size_t n = 0;
        const char *catalog = at;
        while (n < FIELDS_MAX && (at = strtok(NULL, " \n")) != NULL)
            fields[n++] = at;
        if (catalog != NULL)
            print_rows(d, (wp_oid)strtoul(catalog, NULL, 10), catalog, take_fields, n, fields);
    }
}

/* ---- the WAL -------------------------------------------------------------------------------- */

/* From the backup to lsn, with what is followed so far. */
static void run_replay(const archive *wal, wp_lsn lsn, replay *out)
{
    const replay_config config = { .wal = wal,
                                   .base = h.base,
                                   .until = lsn,
                                   .memory_bytes = (size_t)1
                                                   << 20, /* so pages go to the scratch file, too */
                                   .wants = is_followed };
    if (!replay_run(&config, out, message))
        die("replay");
    if (out->is_cut) {
        snprintf(message, sizeof message, "%s", out->why);
        die("the WAL ends early");
    }
}

static void follow(dictionary_needs *needs)
{
    for (size_t i = 0; i < needs->count; i++)
        if (!dictionary_needs_add(&followed, &needs->items[i]))
            die("memory");
    fetch(needs->items, needs->count, NULL, 0);
    needs->count = 0;
}

int main(int argc, char **argv)
{
    if (argc != 4 && argc != 6)
        die("usage: dictionary DATA DATABASE OUT [ARCHIVE LSN] <CATALOGS");
    out_dir = argv[3];
    archive wal = { 0 };
    wp_lsn lsn = 0;
    const archive_limits all = { 0 };
    if (argc == 6
        && (!wp_lsn_parse(argv[5], &lsn) || !archive_open(&argv[4], 1, &all, &wal, message)))
        die("archive");
    open_backup(argv[1]);
    if (!dictionary_catalog_files(&h, 1663, 1, &followed, message))
        die("shared files");
    replay done = { 0 };
    const heap files = h;
    dictionary_database db = { 0 };
    dictionary_needs needs = { 0 };
    dictionary *d = NULL;
    heap_sums sums;
    for (int passes = 0; d == NULL; passes++) {
        if (passes == 5)
            die("catalogs move without end");
        if (argc == 6) {
            replay_free(&done);
            run_replay(&wal, lsn, &done);
            h = done.heap;
        }
        sums = (heap_sums){ 0 };
        if (!print_databases(argv[2], &needs, &db)) {
            follow(&needs);
            continue;
        }
        if (passes == 0 || db.oid != catalogs_of) {
            catalogs_of = db.oid;
            fetch(NULL, 0, &db.oid, 1);
            if (!dictionary_catalog_files(&h, db.tablespace, db.oid, &followed, message))
                die("files");
            fetch(followed.items, followed.count, NULL, 0);
            if (argc == 6)
                continue;
        }
        if (!dictionary_read(&h, db.tablespace, db.oid, is_followed, NULL, &needs, &d, &sums,
                             message))
            die("read");
        if (d == NULL && argc != 6) { /* all that is wanted is in the backup */
            snprintf(message, sizeof message, "%u", needs.items[0].rel);
            die("a file was not named before");
        }
        follow(&needs);
    }
    check_known(d);
    print_relations(d);
    print_columns(d);
    print_rows(d, 1247, "types", take_type, 0, NULL);
    print_rows(d, 2615, "schemas", take_schema, 0, NULL);
    print_rows(d, 3501, "labels", take_label, 0, NULL);
    print_catalogs(d);
    if (!heap_sums_are_certain(&sums) || !heap_sums_are_certain(dictionary_sums(d))) {
        snprintf(message, sizeof message, "doubt");
        die("of all catalogs");
    }
    dictionary_free(d);
    free(needs.items);
    free(followed.items);
    replay_free(&done);
    archive_free(&wal);
    wp_fates_free(files.fates);
    wp_redo_free(files.redo);
    backup_blocks_free(files.base);
    return 0;
}
