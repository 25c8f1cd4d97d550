/*
 * statement.c - see statement.h.
 *
 *     DROP kind [CONCURRENTLY] [IF EXISTS] name [(arguments)] [, ...] [ending]
 *     TRUNCATE [TABLE] [ONLY] name [*] [, ...] [ending]
 *     DELETE FROM [ONLY] name [*] [ending]
 *     ALTER TABLE [IF EXISTS] [ONLY] name DROP part [IF EXISTS] name [ending]
 */
#include "search/statement.h"

#include <string.h>
#include <strings.h>

#define NAME_MAX_BYTES 256

/* How a statement may begin, and how the texts of its events do. Longer ones come first. */
static const struct {
    const char *words, *verb;
    bool has_schema;
} beginnings[] = {
    { "DROP MATERIALIZED VIEW", "DROP MATERIALIZED VIEW", true },
    { "DROP FOREIGN TABLE", "DROP FOREIGN TABLE", true },
    { "DROP TABLE", "DROP TABLE", true },
    { "DROP INDEX", "DROP INDEX", true },
    { "DROP VIEW", "DROP VIEW", true },
    { "DROP SEQUENCE", "DROP SEQUENCE", true },
    { "DROP FUNCTION", "DROP FUNCTION", true },
    { "DROP PROCEDURE", "DROP PROCEDURE", true },
    { "DROP AGGREGATE", "DROP AGGREGATE", true },
    { "DROP TYPE", "DROP TYPE", true },
    { "DROP DOMAIN", "DROP TYPE", true },
    { "DROP SCHEMA", "DROP SCHEMA", false },
    { "DROP DATABASE", "DROP DATABASE", false },
    { "DROP TABLESPACE", "DROP TABLESPACE", false },
    { "DROP EXTENSION", "DROP EXTENSION", false },
    { "DROP ROLE", "DROP ROLE", false },
    { "DROP USER", "DROP ROLE", false },
    { "TRUNCATE TABLE", "TRUNCATE TABLE", true },
    { "TRUNCATE", "TRUNCATE TABLE", true },
    { "DELETE FROM", "DELETE FROM", true },
    { "ALTER TABLE", "ALTER TABLE", true },
};

/* What no event shows: a pattern that has it is a statement. */
static const char *const openings[] = { "CONCURRENTLY", "IF EXISTS", "ONLY" };
static const char *const endings[] = { "RESTART IDENTITY", "CONTINUE IDENTITY", "CASCADE",
                                       "RESTRICT",         "WITH (FORCE)",      ";" };

#define COUNT(array) (sizeof(array) / sizeof *(array))

typedef struct reader {
    const char *at;
    bool is_statement; /* something was met that events never show */
} reader;

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static bool is_name_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_'
           || (unsigned char)c >= 0x80;
}

static void skip_blanks(reader *r)
{
    while (is_blank(*r->at))
        r->at++;
}

/* Words with any blanks between them, in any case. */
static bool take_words(reader *r, const char *words)
{
    const char *at = r->at;
    for (; *words != '\0'; words++) {
        if (*words == ' ') {
            if (!is_blank(*at))
                return false;
            while (is_blank(*at))
                at++;
        } else if (strncasecmp(at, words, 1) == 0) {
            at++;
        } else {
            return false;
        }
    }
    if (is_name_char(words[-1]) && is_name_char(*at))
        return false;
    r->at = at;
    skip_blanks(r);
    return true;
}

static void take_any(reader *r, const char *const *all, size_t count)
{
    for (bool goes_on = true; goes_on;) {
        goes_on = false;
        for (size_t i = 0; i < count; i++)
            goes_on |= take_words(r, all[i]);
        r->is_statement |= goes_on;
    }
}

/* A part of a name as events show it: in quotes or not. */
static bool take_part(reader *r, text *out)
{
    const bool is_quoted = *r->at == '"';
    const char *from = r->at + is_quoted;
    const char *end = from;
    while (is_quoted ? *end != '\0' && (*end != '"' || end[1] == '"') : is_name_char(*end))
        end += is_quoted && *end == '"' ? 2 : 1;
    if (end == from || (is_quoted && *end != '"') || end - from > NAME_MAX_BYTES)
        return false;
    text name = { 0 };
    for (const char *c = from; c < end; c++) {
        const bool is_plain = is_name_char(*c) || is_blank(*c);
        text_add(&name, is_plain ? "" : "\\");
        text_add_bytes(&name, c, 1);
    }
    text_addf(out, "(?:\"%s\"|%s)", text_chars(&name), text_chars(&name));
    out->failed |= name.failed;
    text_free(&name);
    r->is_statement |= is_quoted;
    r->at = end + is_quoted;
    return true;
}

static bool take_name(reader *r, bool has_schema, text *out)
{
    text part = { 0 };
    bool is_good = take_part(r, &part);
    if (is_good && *r->at == '.') {
        r->at++;
        text_add(&part, "\\.");
        is_good = has_schema && take_part(r, &part);
    } else if (has_schema) {
        text_add(out, "(?:(?:\"(?:[^\"]|\"\")+\"|[^\\s\".]+)\\.)?");
    }
    text_add(out, text_chars(&part));
    text_free(&part);
    skip_blanks(r);
    return is_good;
}

/* The arguments of a function, and the * after a table. */
static bool skip_arguments(reader *r)
{
    if (*r->at == '*')
        r->at++;
    if (*r->at == '(') {
        r->at += strcspn(r->at, ")");
        if (*r->at != ')')
            return false;
        r->at++;
        r->is_statement = true;
    }
    skip_blanks(r);
    return true;
}

static bool take_names(reader *r, bool has_schema, text *out)
{
    do {
        if (!take_name(r, has_schema, out) || !skip_arguments(r))
            return false;
        if (*r->at != ',')
            return true;
        r->is_statement = true;
        r->at++;
        skip_blanks(r);
        text_add(out, "|");
    } while (true);
}

/* After ALTER TABLE and the table: DROP COLUMN or CONSTRAINT, which tell what it was. */
static bool take_part_dropped(reader *r, text *out)
{
    static const char *const parts[] = { "DROP COLUMN", "DROP CONSTRAINT" };
    size_t i = 0;
    while (i < COUNT(parts) && !take_words(r, parts[i]))
        i++;
    if (i == COUNT(parts))
        return false;
    text_addf(out, " %s ", parts[i]);
    take_any(r, openings, COUNT(openings));
    const bool is_good = take_part(r, out);
    skip_blanks(r);
    return is_good;
}

bool statement_pattern(const char *chars, text *out)
{
    reader r = { .at = chars };
    text names = { 0 }, part = { 0 };
    size_t i = 0;
    skip_blanks(&r);
    while (i < COUNT(beginnings) && !take_words(&r, beginnings[i].words))
        i++;
    bool is_good = i < COUNT(beginnings);
    if (is_good) {
        take_any(&r, openings, COUNT(openings));
        is_good = take_names(&r, beginnings[i].has_schema, &names);
        if (is_good && strcmp(beginnings[i].verb, "ALTER TABLE") == 0)
            is_good = take_part_dropped(&r, &part);
        take_any(&r, endings, COUNT(endings));
    }
    is_good = is_good && r.is_statement && *r.at == '\0' && !names.failed && !part.failed;
    if (is_good)
        text_addf(out, "^%s (?:%s)%s(?:\\s|$)", beginnings[i].verb, text_chars(&names),
                  text_chars(&part));
    text_free(&part);
    text_free(&names);
    return is_good && !out->failed;
}

void statement_exact(const char *event_text, text *out)
{
    text_add(out, "^");
    for (; *event_text != '\0'; event_text++) {
        if (strchr("\\^$.|?*+()[]{}", *event_text) != NULL)
            text_add(out, "\\");
        text_add_bytes(out, event_text, 1);
    }
    text_add(out, "$");
}
