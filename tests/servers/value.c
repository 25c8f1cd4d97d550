/*
 * value.c - tables of a stopped server, as COPY TO prints them: read from their files, row by row.
 *
 *     value MAJOR[-i386|-lz4] DATA OUT <DICTIONARY      writes OUT/NAME of each table
 *
 * DICTIONARY: a line each, of fields that tabs divide, told by the server (value.sh):
 *
 *     type OID TYPTYPE TYPLEN TYPALIGN TYPDELIM ELEMENT BASE
 *     column TYPE TABLE ATTNUM TYPE ATTLEN ATTALIGN ATTISDROPPED      in order; the first TYPE is the row's type
 *     label TYPE OID LABEL
 *     name TYPE OID NAME
 *     attributes FILE TYPE                    pg_attribute: from there come the missing values
 *     table NAME FILE TYPE TOAST-FILE|-
 *
 * All rows of the files are live: VACUUM FREEZE went before. Rows come in the order of a sequential scan.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <walparse/value.h>

#include "base/cursor.h"

#define BLOCK_BYTES 8192
#define ITEMS_MAX 20000
#define COLUMNS_MAX 1700
#define POINTER_NORMAL 1

typedef struct named {
    wp_oid typid, oid;
    char *text;
} named;

typedef struct column {
    wp_oid row_type, table;
    int attnum;
    wp_column column;
} column;

typedef struct file {
    uint8_t *bytes;
    size_t len;
} file;

static const char *data_dir, *out_dir;
static wp_oid type_oids[ITEMS_MAX];
static wp_type types[ITEMS_MAX];
static column columns[ITEMS_MAX];
static wp_column plain_columns[ITEMS_MAX];
static named labels[ITEMS_MAX], names[ITEMS_MAX];
static size_t ntypes, ncolumns, nlabels, nnames;
static wp_text missing[ITEMS_MAX];
static size_t nmissing;
static file toast;

static void die(const char *what, const char *which)
{
    fprintf(stderr, "value: %s: %s\n", what, which);
    exit(2);
}

/* ---- what the library asks ------------------------------------------------------------------ */

static const wp_type *find_type(void *context, wp_oid typid)
{
    (void)context;
    for (size_t i = 0; i < ntypes; i++)
        if (type_oids[i] == typid)
            return &types[i];
    return NULL;
}

static bool find_named(const named *list, size_t n, wp_oid typid, wp_oid oid, wp_view *text)
{
    for (size_t i = 0; i < n; i++)
        if (list[i].typid == typid && list[i].oid == oid) {
            *text = (wp_view){ (const uint8_t *)list[i].text, strlen(list[i].text) };
            return true;
        }
    return false;
}

static bool find_label(void *context, wp_oid typid, wp_oid oid, wp_view *label)
{
    (void)context;
    return find_named(labels, nlabels, typid, oid, label);
}

static bool find_name(void *context, wp_oid typid, wp_oid oid, wp_view *name)
{
    (void)context;
    return find_named(names, nnames, typid, oid, name);
}

static wp_value_config config = { .max_align = 8,
                                  .lc_monetary_is_c = true,
                                  .type = find_type,
                                  .enum_label = find_label,
                                  .object_name = find_name };

/* ---- files ---------------------------------------------------------------------------------- */

static file read_file(const char *name)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/%s", data_dir, name);
    FILE *in = fopen(path, "rb");
    if (!in)
        die("cannot open", path);
    fseek(in, 0, SEEK_END);
    file f = { .len = (size_t)ftell(in) };
    rewind(in);
    f.bytes = malloc(f.len + 1);
    if (!f.bytes || fread(f.bytes, 1, f.len, in) != f.len)
        die("cannot read", path);
    fclose(in);
    return f;
}

/* Steps to the next row of a file; *at is 0 at first. */
static bool next_row(const file *f, size_t *at, wp_view *row)
{
    for (;;) {
        const size_t block = *at >> 16, number = *at & 0xFFFF;
        if ((block + 1) * BLOCK_BYTES > f->len)
            return false;
        const uint8_t *page = f->bytes + block * BLOCK_BYTES;
        const uint16_t lower = wpi_u16(page + 12);
        if (24 + 4 * number + 4 > lower) {
            *at = (block + 1) << 16;
            continue;
        }
        ++*at;
        const uint32_t pointer = wpi_u32(page + 24 + 4 * number);
        if ((pointer >> 15 & 3) != POINTER_NORMAL)
            continue;
        *row = (wp_view){ page + (pointer & 0x7FFF), pointer >> 17 };
        return true;
    }
}

/* The chunks of a value, by their numbers. */
static void fetch(wp_oid value, wp_text *out)
{
    static const wp_column chunk[] = { { .typid = 26, .typlen = 4, .align = 'i' },
                                       { .typid = 23, .typlen = 4, .align = 'i' },
                                       { .typid = 17, .typlen = -1, .align = 'i' } };
    out->len = 0;
    bool is_found = true;
    for (uint32_t seq = 0; is_found; seq++) {
        wp_view row;
        is_found = false;
        for (size_t at = 0; !is_found && next_row(&toast, &at, &row);) {
            wp_datum d[3];
            if (wp_tuple_deform(&config, row, chunk, 3, d) != WP_VALUE_OK)
                die("damaged", "chunk");
            if (wpi_u32(d[0].bytes.bytes) != value || wpi_u32(d[1].bytes.bytes) != seq)
                continue;
            is_found = true;
            if (wp_datum_unpack(&config, &d[2], out) != WP_VALUE_OK)
                die("cannot unpack", "chunk");
        }
    }
}

/* ---- the dictionary ------------------------------------------------------------------------- */

static size_t columns_of(wp_oid row_type, const wp_column **first)
{
    size_t n = 0;
    for (size_t i = 0; i < ncolumns; i++)
        if (columns[i].row_type == row_type && n++ == 0)
            *first = &plain_columns[i];
    return n;
}

static void finish_columns(void)
{
    for (size_t i = 0; i < ncolumns; i++)
        plain_columns[i] = columns[i].column;
    for (size_t i = 0; i < ntypes; i++)
        if (types[i].kind == 'c')
            types[i].ncolumns = columns_of(type_oids[i], &types[i].columns);
}

/* Columns of pg_attribute are found by what they hold: attrelid is the first, attmissingval the only anyarray. */
static void take_missing(const char *path, wp_oid row_type, int attnum_at)
{
    const wp_column *own = NULL;
    const size_t n = columns_of(row_type, &own);
    const file f = read_file(path);
    wp_datum datums[COLUMNS_MAX];
    wp_view row;
    for (size_t at = 0; next_row(&f, &at, &row);) {
        if (wp_tuple_deform(&config, row, own, n, datums) != WP_VALUE_OK)
            die("damaged", "pg_attribute");
        const wp_datum *value = NULL;
        for (size_t i = 0; i < n; i++)
            if (own[i].typid == 2277)
                value = &datums[i];
        if (!value || value->kind == WP_DATUM_NULL)
            continue;
        const wp_oid table = wpi_u32(datums[0].bytes.bytes);
        const int attnum = (int16_t)wpi_u16(datums[attnum_at].bytes.bytes);
        for (size_t i = 0; i < ncolumns; i++)
            if (columns[i].table == table && columns[i].attnum == attnum) {
                wp_text *to = &missing[nmissing++];
                if (wp_datum_unpack(&config, value, to) != WP_VALUE_OK)
                    die("cannot unpack", "attmissingval");
                plain_columns[i].missing = (wp_view){ to->bytes, to->len };
            }
    }
    free(f.bytes);
}

/* ---- tables --------------------------------------------------------------------------------- */

static void add_tab(wp_text *line)
{
    if (line->len == line->room) {
        line->room = line->room ? 2 * line->room : 1024;
        line->bytes = realloc(line->bytes, line->room);
        if (!line->bytes)
            die("no memory", "line");
    }
    line->bytes[line->len++] = '\t';
}

static void print_table(const char *name, const char *path, wp_oid row_type, const char *toast_path)
{
    const wp_column *own = NULL;
    const size_t n = columns_of(row_type, &own);
    const file f = read_file(path);
    toast = strcmp(toast_path, "-") ? read_file(toast_path) : (file){ 0 };
    char out_path[4096];
    snprintf(out_path, sizeof out_path, "%s/%s", out_dir, name);
    FILE *out = fopen(out_path, "wb");
    if (!out)
        die("cannot write", out_path);
    static wp_datum datums[COLUMNS_MAX];
    static wp_text line, text, chunks;
    wp_view row;
    for (size_t at = 0; next_row(&f, &at, &row);) {
        if (wp_tuple_deform(&config, row, own, n, datums) != WP_VALUE_OK)
            die("damaged row", name);
        line.len = 0;
        bool is_first = true;
        for (size_t i = 0; i < n; i++) {
            if (own[i].is_dropped)
                continue;
            if (!is_first)
                add_tab(&line);
            is_first = false;
            if (datums[i].kind == WP_DATUM_NULL) {
                fwrite(line.bytes, 1, line.len, out);
                line.len = 0;
                fputs("\\N", out);
                continue;
            }
            wp_value_status status = WP_VALUE_OK;
            if (datums[i].kind == WP_DATUM_EXTERNAL) {
                fetch(datums[i].value_oid, &chunks);
                status = wp_datum_of_chunks(&datums[i], (wp_view){ chunks.bytes, chunks.len },
                                            &datums[i]);
            }
            text.len = 0;
            if (status == WP_VALUE_OK)
                status = wp_value_text(&config, own[i].typid, &datums[i], &text);
            if (status == WP_VALUE_OK && !wp_value_has_decoder(&config, own[i].typid))
                die("a decoder that is not told of", name);
            if (status != WP_VALUE_OK) {
                fwrite(line.bytes, 1, line.len, out);
                line.len = 0;
                fprintf(out, "column %zu, type %u: %s", i + 1, own[i].typid,
                        wp_value_status_text(status));
            } else if (wp_copy_escape((wp_view){ text.bytes, text.len }, &line) != WP_VALUE_OK) {
                die("no memory", name);
            }
        }
        fwrite(line.bytes, 1, line.len, out);
        fputc('\n', out);
    }
    fclose(out);
    free(f.bytes);
    free(toast.bytes);
}

static wp_oid oid_of(const char *field)
{
    return (wp_oid)strtoul(field, NULL, 10);
}

int main(int argc, char **argv)
{
    if (argc == 4) {
        config.max_align = strstr(argv[1], "-i386") ? 4 : 8;
        argv[1][strcspn(argv[1], "-")] = '\0';
    }
    if (argc != 4 || !(config.profile = wp_profile_by_major(argv[1])))
        die("usage", "value MAJOR DATA OUT <DICTIONARY");
    data_dir = argv[2];
    out_dir = argv[3];
    static char line[65536];
    bool is_finished = false;
    while (fgets(line, sizeof line, stdin)) {
        line[strcspn(line, "\n")] = '\0';
        char *field[10] = { 0 };
        size_t n = 0;
        for (char *at = line; at && n < 10; n++) {
            field[n] = at;
            at = strchr(at, '\t');
            if (at)
                *at++ = '\0';
        }
        if (ntypes + 1 == ITEMS_MAX || ncolumns + 1 == ITEMS_MAX || nlabels + 1 == ITEMS_MAX
            || nnames + 1 == ITEMS_MAX)
            die("too long", "dictionary");
        if (strcmp(field[0], "type") == 0 && n == 8) {
            type_oids[ntypes] = oid_of(field[1]);
            types[ntypes++] = (wp_type){ .kind = field[2][0],
                                         .typlen = (int16_t)atoi(field[3]),
                                         .align = field[4][0],
                                         .delim = field[5][0],
                                         .element = oid_of(field[6]),
                                         .base = oid_of(field[7]) };
        } else if (strcmp(field[0], "column") == 0 && n == 8) {
            columns[ncolumns++] = (column){ .row_type = oid_of(field[1]),
                                            .table = oid_of(field[2]),
                                            .attnum = atoi(field[3]),
                                            .column = { .typid = oid_of(field[4]),
                                                        .typlen = (int16_t)atoi(field[5]),
                                                        .align = field[6][0],
                                                        .is_dropped = field[7][0] == 't' } };
        } else if (strcmp(field[0], "label") == 0 && n == 4) {
            labels[nlabels++] = (named){ oid_of(field[1]), oid_of(field[2]), strdup(field[3]) };
        } else if (strcmp(field[0], "name") == 0 && n == 4) {
            names[nnames++] = (named){ oid_of(field[1]), oid_of(field[2]), strdup(field[3]) };
        } else if (strcmp(field[0], "attributes") == 0 && n == 4) {
            finish_columns();
            is_finished = true;
            take_missing(field[1], oid_of(field[2]), atoi(field[3]) - 1);
        } else if (strcmp(field[0], "table") == 0 && n == 5 && is_finished) {
            print_table(field[1], field[2], oid_of(field[3]), field[4]);
        } else {
            die("not understood", line);
        }
    }
    return 0;
}
