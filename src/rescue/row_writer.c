/*
 * row_writer.c - see row_writer.h.
 *
 * COPY's formats are those of commands/copyto.c: CopyAttributeOutText() and CopyAttributeOutCSV() with DELIMITER, QUOTE, ESCAPE and NULL as
 * they are when nothing is said. Literals with backslashes are E'...', which says the same whatever standard_conforming_strings is.
 */
#include "rescue/row_writer.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define OUT_BYTES ((size_t)1 << 18)
#define PIECE_BYTES (OUT_BYTES / 4) /* of a value that is escaped; it may double */

enum {
    BOOLOID = 16,
    INT8OID = 20,
    INT2OID = 21,
    INT4OID = 23,
    JSONOID = 114,
    FLOAT4OID = 700,
    FLOAT8OID = 701,
    NUMERICOID = 1700,
    JSONBOID = 3802
};

struct row_writer {
    FILE *to;
    row_format format;
    const char *table;
    const row_column *columns;
    size_t ncolumns, nset; /* nset: columns that ROWS_UNDO sets */
    text *names;           /* of the columns, as the format has them */
    text head;             /* what COPY, INSERT or UPDATE begins with */
    text insert_head;      /* of ROWS_INSERT and ROWS_UNDO */
    wp_text out;           /* never grows */
    int write_error;       /* errno of the first one that failed */
    char refusal[256];
};

/* ---- bytes ---------------------------------------------------------------------------------- */

static void write_out(row_writer *w, const void *bytes, size_t len)
{
    if (w->write_error || len == 0)
        return;
    errno = 0;
    if (fwrite(bytes, 1, len, w->to) != len)
        w->write_error = errno ? errno : EIO;
}

static void flush(row_writer *w)
{
    write_out(w, w->out.bytes, w->out.len);
    w->out.len = 0;
}

/* Room for len bytes, which are fewer than OUT_BYTES. */
static uint8_t *room_for(row_writer *w, size_t len)
{
    if (w->out.room - w->out.len < len)
        flush(w);
    return w->out.bytes + w->out.len;
}

static void put(row_writer *w, const void *bytes, size_t len)
{
    if (len == 0)
        return;
    if (len >= OUT_BYTES) {
        flush(w);
        write_out(w, bytes, len);
        return;
    }
    memcpy(room_for(w, len), bytes, len);
    w->out.len += len;
}

static void puts_to(row_writer *w, const char *chars)
{
    put(w, chars, strlen(chars));
}

static void put_char(row_writer *w, char c)
{
    *room_for(w, 1) = (uint8_t)c;
    w->out.len++;
}

static void put_text(row_writer *w, const text *t)
{
    put(w, text_chars(t), t->len);
}

/* Puts a value with two of each a and b. */
static void put_doubled(row_writer *w, wp_view value, uint8_t a, uint8_t b)
{
    for (size_t i = 0; i < value.len;) {
        size_t end = i;
        while (end < value.len && value.bytes[end] != a && value.bytes[end] != b)
            end++;
        const bool is_special = end < value.len;
        put(w, value.bytes + i, end - i + is_special);
        if (is_special)
            put_char(w, (char)value.bytes[end]);
        i = end + is_special;
    }
}

static bool holds(wp_view value, char c)
{
    return value.len > 0 && memchr(value.bytes, c, value.len);
}

static wp_view view_of(const char *chars)
{
    return (wp_view){ (const uint8_t *)chars, strlen(chars) };
}

/* ---- COPY ----------------------------------------------------------------------------------- */

static void put_copy_field(row_writer *w, wp_view value)
{
    for (size_t i = 0; i < value.len; i += PIECE_BYTES) {
        const size_t left = value.len - i;
        const wp_view piece = { value.bytes + i, left < PIECE_BYTES ? left : PIECE_BYTES };
        (void)room_for(w, 2 * piece.len + 2);
        (void)wp_copy_escape(piece, &w->out);
    }
}

static void put_copy_row(row_writer *w, const row_field *fields)
{
    for (size_t i = 0; i < w->ncolumns; i++) {
        if (i > 0)
            put_char(w, '\t');
        if (fields[i].is_null)
            put(w, "\\N", 2);
        else
            put_copy_field(w, fields[i].text);
    }
    put_char(w, '\n');
}

static void put_column_list(text *out, const row_writer *w)
{
    for (size_t i = 0; i < w->ncolumns; i++) {
        text_add(out, i == 0 ? " (" : ", ");
        text_add(out, text_chars(&w->names[i]));
    }
    if (w->ncolumns > 0)
        text_add(out, ")");
}

/* A line with a field more than there are columns: COPY fails there. */
static void put_broken_copy_row(row_writer *w)
{
    for (size_t i = 0; i < w->ncolumns; i++)
        put_char(w, '\t');
    puts_to(w, "pitr-find: this is where the rows end early\n");
}

/* ---- CSV ------------------------------------------------------------------------------------ */

static bool is_quoted_in_csv(const row_writer *w, wp_view value)
{
    /* An empty one would be NULL; one of these two bytes alone on a line would be the end of the rows. */
    if (value.len == 0
        || (w->ncolumns == 1 && value.len == 2 && memcmp(value.bytes, "\\.", 2) == 0))
        return true;
    for (size_t i = 0; i < value.len; i++) {
        const uint8_t c = value.bytes[i];
        if (c == ',' || c == '"' || c == '\n' || c == '\r')
            return true;
    }
    return false;
}

static void put_csv_field(row_writer *w, wp_view value)
{
    if (!is_quoted_in_csv(w, value)) {
        put(w, value.bytes, value.len);
        return;
    }
    put_char(w, '"');
    put_doubled(w, value, '"', '"');
    put_char(w, '"');
}

static void put_csv_row(row_writer *w, const row_field *fields)
{
    for (size_t i = 0; i < w->ncolumns; i++) {
        if (i > 0)
            put_char(w, ',');
        if (!fields[i].is_null)
            put_csv_field(w, fields[i].text);
    }
    put_char(w, '\n');
}

static void put_csv_header(row_writer *w)
{
    for (size_t i = 0; i < w->ncolumns; i++) {
        if (i > 0)
            put_char(w, ',');
        put_csv_field(w, view_of(w->columns[i].name));
    }
    put_char(w, '\n');
}

/* ---- JSON ----------------------------------------------------------------------------------- */

/* Bytes of the character of UTF-8 at the start of a value, 0: it is none (RFC 3629). */
static size_t character(wp_view value)
{
    const uint8_t *const s = value.bytes;
    uint8_t low = 0x80, high = 0xBF;
    size_t len;
    if (s[0] < 0x80)
        return 1;
    if (s[0] >= 0xC2 && s[0] <= 0xDF) {
        len = 2;
    } else if ((s[0] & 0xF0) == 0xE0) {
        len = 3;
        low = s[0] == 0xE0 ? 0xA0 : low;
        high = s[0] == 0xED ? 0x9F : high;
    } else if (s[0] >= 0xF0 && s[0] <= 0xF4) {
        len = 4;
        low = s[0] == 0xF0 ? 0x90 : low;
        high = s[0] == 0xF4 ? 0x8F : high;
    } else {
        return 0;
    }
    if (value.len < len || s[1] < low || s[1] > high)
        return 0;
    for (size_t i = 2; i < len; i++)
        if ((s[i] & 0xC0) != 0x80)
            return 0;
    return len;
}

static bool is_utf8(wp_view value)
{
    for (size_t i = 0; i < value.len;) {
        uint64_t eight;
        if (value.len - i >= sizeof eight) {
            memcpy(&eight, value.bytes + i, sizeof eight);
            if (!(eight & UINT64_C(0x8080808080808080))) {
                i += sizeof eight;
                continue;
            }
        }
        const size_t len = character((wp_view){ value.bytes + i, value.len - i });
        if (len == 0)
            return false;
        i += len;
    }
    return true;
}

static void put_json_string(row_writer *w, wp_view value)
{
    put_char(w, '"');
    for (size_t i = 0; i < value.len;) {
        size_t end = i;
        while (end < value.len && value.bytes[end] >= ' ' && value.bytes[end] != '"'
               && value.bytes[end] != '\\')
            end++;
        put(w, value.bytes + i, end - i);
        i = end;
        if (i == value.len)
            break;
        const uint8_t c = value.bytes[i++];
        const char *const letter = c >= '\b' && c <= '\r' && c != '\v' ? &"btnvfr"[c - '\b'] : NULL;
        uint8_t *const to = room_for(w, 8);
        if (letter || c >= ' ')
            w->out.len += (size_t)snprintf((char *)to, 8, "\\%c", letter ? *letter : (char)c);
        else
            w->out.len += (size_t)snprintf((char *)to, 8, "\\u%04x", c);
    }
    put_char(w, '"');
}

/* Not so are NaN and the infinities. */
static bool is_number(wp_view value)
{
    const size_t at = value.len > 1 && value.bytes[0] == '-';
    return value.len > 0 && value.bytes[at] >= '0' && value.bytes[at] <= '9';
}

/* In a json value a line end stands between its parts, never in a string. */
static void put_json_line(row_writer *w, wp_view value)
{
    for (size_t i = 0; i < value.len;) {
        size_t end = i;
        while (end < value.len && value.bytes[end] != '\n' && value.bytes[end] != '\r')
            end++;
        put(w, value.bytes + i, end - i);
        if (end < value.len)
            put_char(w, ' ');
        i = end + 1;
    }
}

static void put_json_value(row_writer *w, wp_oid type, wp_view value)
{
    switch (type) {
    case BOOLOID:
        puts_to(w, value.len == 1 && value.bytes[0] == 't' ? "true" : "false");
        return;
    case INT2OID:
    case INT4OID:
    case INT8OID:
    case FLOAT4OID:
    case FLOAT8OID:
    case NUMERICOID:
        if (!is_number(value))
            break;
        put(w, value.bytes, value.len);
        return;
    case JSONOID:
    case JSONBOID:
        put_json_line(w, value);
        return;
    default:
        break;
    }
    put_json_string(w, value);
}

static bool refuse_json(row_writer *w, const row_field *fields)
{
    for (size_t i = 0; i < w->ncolumns; i++) {
        const char *what = NULL;
        if (!is_utf8(view_of(w->columns[i].name)))
            what = "the name of a column is";
        else if (!fields[i].is_null && !is_utf8(fields[i].text))
            what = "a text is";
        if (!what)
            continue;
        text name = { 0 };
        text_add_visible(&name, w->columns[i].name);
        (void)snprintf(
            w->refusal, sizeof w->refusal,
            "column %s: %s not in UTF-8, as JSON must be: the other formats have it as it is",
            text_chars(&name), what);
        text_free(&name);
        return true;
    }
    return false;
}

static void put_json_row(row_writer *w, const row_field *fields)
{
    put_char(w, '{');
    for (size_t i = 0; i < w->ncolumns; i++) {
        if (i > 0)
            put_char(w, ',');
        put_text(w, &w->names[i]);
        if (fields[i].is_null)
            puts_to(w, "null");
        else
            put_json_value(w, w->columns[i].base_type, fields[i].text);
    }
    puts_to(w, "}\n");
}

/* ---- statements ----------------------------------------------------------------------------- */

/* Digits as they are lose nothing but of floats: -0 would be an integer. */
static bool is_plain_literal(wp_oid type, wp_view value)
{
    switch (type) {
    case INT2OID:
    case INT4OID:
    case INT8OID:
    case NUMERICOID:
        return is_number(value);
    default:
        return false;
    }
}

static void put_literal(row_writer *w, const row_column *column, const row_field *field)
{
    if (field->is_null) {
        puts_to(w, "NULL");
        return;
    }
    const wp_view value = field->text;
    if (is_plain_literal(column->base_type, value)) {
        put(w, value.bytes, value.len);
    } else if (column->base_type == BOOLOID && value.len == 1) {
        puts_to(w, value.bytes[0] == 't' ? "true" : "false");
    } else {
        puts_to(w, holds(value, '\\') ? "E'" : "'");
        put_doubled(w, value, '\'', '\\');
        put_char(w, '\'');
    }
}

static void put_insert(row_writer *w, const row_field *fields)
{
    put_text(w, &w->insert_head);
    for (size_t i = 0; i < w->ncolumns; i++) {
        if (i > 0)
            puts_to(w, ", ");
        put_literal(w, &w->columns[i], &fields[i]);
    }
    puts_to(w, w->ncolumns > 0 ? ");\n" : "DEFAULT VALUES;\n");
}

static bool is_set_by_undo(const row_column *column)
{
    return !column->is_key && !column->is_identity_always;
}

static bool refuse_undo(row_writer *w, const row_field *fields)
{
    bool has_key = false;
    for (size_t i = 0; i < w->ncolumns; i++) {
        has_key = has_key || w->columns[i].is_key;
        if (w->columns[i].is_key && fields[i].is_null) {
            (void)snprintf(w->refusal, sizeof w->refusal, "a column of the key is NULL");
            return true;
        }
    }
    if (has_key && w->nset > 0)
        return false;
    (void)snprintf(w->refusal, sizeof w->refusal, "%s",
                   has_key ? "there is no column but those of the key" : "there is no key");
    return true;
}

static void put_update(row_writer *w, const row_field *fields)
{
    const char *between = "";
    put_text(w, &w->head);
    for (size_t i = 0; i < w->ncolumns; i++) {
        if (!is_set_by_undo(&w->columns[i]))
            continue;
        puts_to(w, between);
        put_text(w, &w->names[i]);
        puts_to(w, " = ");
        put_literal(w, &w->columns[i], &fields[i]);
        between = ", ";
    }
    between = " WHERE ";
    for (size_t i = 0; i < w->ncolumns; i++) {
        if (!w->columns[i].is_key)
            continue;
        puts_to(w, between);
        put_text(w, &w->names[i]);
        puts_to(w, " = ");
        put_literal(w, &w->columns[i], &fields[i]);
        between = " AND ";
    }
    puts_to(w, ";\n");
}

/* ---- formats -------------------------------------------------------------------------------- */

static bool make_names(row_writer *w)
{
    w->names = calloc(w->ncolumns + 1, sizeof *w->names);
    if (!w->names)
        return false;
    for (size_t i = 0; i < w->ncolumns; i++) {
        if (w->format == ROWS_JSON) {
            text_add_json(&w->names[i], w->columns[i].name);
            text_add(&w->names[i], ":");
        } else {
            quote_identifier(w->columns[i].name, &w->names[i]);
        }
        if (w->names[i].failed)
            return false;
        w->nset += is_set_by_undo(&w->columns[i]);
    }
    return true;
}

static void make_insert_head(row_writer *w)
{
    bool has_identity = false;
    for (size_t i = 0; i < w->ncolumns; i++)
        has_identity = has_identity || w->columns[i].is_identity_always;
    text_addf(&w->insert_head, "INSERT INTO %s", w->table);
    put_column_list(&w->insert_head, w);
    text_add(&w->insert_head, has_identity ? " OVERRIDING SYSTEM VALUE" : "");
    text_add(&w->insert_head, w->ncolumns > 0 ? " VALUES (" : " ");
}

static bool make_heads(row_writer *w)
{
    switch (w->format) {
    case ROWS_SQL:
        text_addf(&w->head, "COPY %s", w->table);
        put_column_list(&w->head, w);
        text_add(&w->head, " FROM stdin;\n");
        break;
    case ROWS_INSERT:
        make_insert_head(w);
        break;
    case ROWS_UNDO:
        make_insert_head(w);
        text_addf(&w->head, "UPDATE %s SET ", w->table);
        break;
    default:
        break;
    }
    return !w->head.failed && !w->insert_head.failed;
}

static void writer_free(row_writer *w)
{
    for (size_t i = 0; w->names && i < w->ncolumns; i++)
        text_free(&w->names[i]);
    free(w->names);
    text_free(&w->head);
    text_free(&w->insert_head);
    wp_text_free(&w->out);
    free(w);
}

row_writer *row_writer_begin(FILE *to, row_format format, const char *table,
                             const row_column *columns, size_t ncolumns)
{
    row_writer *const w = calloc(1, sizeof *w);
    if (!w)
        return NULL;
    w->to = to;
    w->format = format;
    w->table = table;
    w->columns = columns;
    w->ncolumns = ncolumns;
    w->out.bytes = malloc(OUT_BYTES);
    w->out.room = OUT_BYTES;
    if (!w->out.bytes || !make_names(w) || !make_heads(w)) {
        writer_free(w);
        return NULL;
    }
    if (format == ROWS_SQL)
        put_text(w, &w->head);
    else if (format == ROWS_CSV)
        put_csv_header(w);
    return w;
}

bool row_writer_row(row_writer *w, const row_field *fields)
{
    w->refusal[0] = '\0';
    switch (w->format) {
    case ROWS_CSV:
        put_csv_row(w, fields);
        break;
    case ROWS_JSON:
        if (refuse_json(w, fields))
            return false;
        put_json_row(w, fields);
        break;
    case ROWS_INSERT:
        put_insert(w, fields);
        break;
    case ROWS_UNDO:
        if (refuse_undo(w, fields))
            return false;
        put_update(w, fields);
        break;
    default:
        put_copy_row(w, fields);
        break;
    }
    return w->write_error == 0;
}

bool row_writer_insert(row_writer *w, const row_field *fields)
{
    w->refusal[0] = '\0';
    put_insert(w, fields);
    return w->write_error == 0;
}

const char *row_writer_refusal(const row_writer *w)
{
    return w->refusal[0] ? w->refusal : NULL;
}

bool row_writer_end(row_writer *w, bool is_whole)
{
    if (!w)
        return true;
    if (w->format == ROWS_SQL) {
        if (!is_whole)
            put_broken_copy_row(w);
        puts_to(w, "\\.\n");
    } else if (!is_whole && (w->format == ROWS_INSERT || w->format == ROWS_UNDO)) {
        puts_to(w, ROWS_END_EARLY);
    }
    flush(w);
    if (!w->write_error) {
        errno = 0;
        if (fflush(w->to) != 0)
            w->write_error = errno ? errno : EIO;
    }
    const int error = w->write_error;
    writer_free(w);
    errno = error;
    return error == 0;
}
