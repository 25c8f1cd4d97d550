/*
 * conf_lines.c - see conf_lines.h. The grammar is that of utils/misc/guc-file.l.
 */
#include "recovery/conf_lines.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/grow.h"

static bool is_letter(char c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_' || (unsigned char)c >= 0x80;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

static const char *skip_blanks(const char *at, const char *end)
{
    while (at < end && is_blank(*at))
        at++;
    return at;
}

/* ---- tokens: each returns the place after it, or `at` when there is none ------------------- */

static const char *identifier(const char *at, const char *end)
{
    if (at == end || !is_letter(*at))
        return at;
    while (at < end && (is_letter(*at) || is_digit(*at)))
        at++;
    return at;
}

/* A name, or "extension.name". */
static const char *qualified(const char *at, const char *end)
{
    const char *after = identifier(at, end);
    if (after > at && after < end && *after == '.') {
        const char *second = identifier(after + 1, end);
        if (second > after + 1)
            return second;
    }
    return after;
}

/* A word that needs no quotes: it begins with a letter. */
static const char *plain_word(const char *at, const char *end)
{
    if (at == end || !is_letter(*at))
        return at;
    while (at < end && (is_letter(*at) || is_digit(*at) || strchr("-._:/", *at) != NULL))
        at++;
    return at;
}

static bool is_hex(char c)
{
    return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

/* 15, -1, 0x1F, 16MB, 0.5, 1e3. */
static const char *number(const char *at, const char *end)
{
    const char *from = at;
    if (at < end && (*at == '-' || *at == '+'))
        at++;
    const char *digits = at;
    if (end - at > 2 && at[0] == '0' && at[1] == 'x' && is_hex(at[2])) {
        for (at += 2; at < end && is_hex(*at);)
            at++;
    } else {
        while (at < end && is_digit(*at))
            at++;
        if (at < end && *at == '.') {
            for (at++; at < end && is_digit(*at);)
                at++;
            return at - digits > 1 ? at : from;
        }
    }
    if (at == digits)
        return from;
    while (at < end && is_letter(*at) && (unsigned char)*at < 0x80 && *at != '_')
        at++;
    return at;
}

/* 'it''s', 'a\'b': after the closing quote. */
static const char *quoted(const char *at, const char *end)
{
    const char *from = at;
    if (at == end || *at != '\'')
        return from;
    for (at++; at < end; at++) {
        if (*at == '\\' && at + 1 < end)
            at++;
        else if (*at == '\'' && at + 1 < end && at[1] == '\'')
            at++;
        else if (*at == '\'')
            return at + 1;
    }
    return from;
}

/* What is between the quotes, with escapes resolved. */
static char *unquote(const char *at, const char *end)
{
    char *value = malloc((size_t)(end - at) + 1), *to = value;
    if (value == NULL)
        return NULL;
    for (at++, end--; at < end; at++) {
        if (*at == '\'') {
            at++; /* doubled */
            *to++ = '\'';
        } else if (*at != '\\' || at + 1 == end) {
            *to++ = *at;
        } else if (at[1] >= '0' && at[1] <= '7') {
            unsigned byte = 0;
            for (int i = 0; i < 3 && at + 1 < end && at[1] >= '0' && at[1] <= '7'; i++)
                byte = byte * 8 + (unsigned)(*++at - '0');
            *to++ = (char)byte;
        } else {
            static const char letters[] = "bfnrt", bytes[] = "\b\f\n\r\t";
            const char *letter = strchr(letters, *++at);
            *to++ = letter != NULL ? bytes[letter - letters] : *at;
        }
    }
    *to = '\0';
    return value;
}

/* ---- lines ---------------------------------------------------------------------------------- */

static char *lower(const char *at, size_t len)
{
    char *name = strndup(at, len);
    for (char *c = name; c != NULL && *c != '\0'; c++)
        if (*c >= 'A' && *c <= 'Z')
            *c = (char)(*c - 'A' + 'a');
    return name;
}

/* Fills in a line. Takes over value. */
static bool set_line(conf_line *slot, const char *name, size_t len, char *value, unsigned line)
{
    char *copy = value != NULL ? lower(name, len) : NULL;
    if (copy == NULL) {
        free(value);
        value = NULL;
    }
    *slot = (conf_line){ copy, value, line };
    return copy != NULL;
}

/* Takes over value. */
static bool add(conf_lines *out, const char *name, size_t len, char *value, unsigned line)
{
    conf_line *slot = GROW(out->items, out->count, out->room);
    if (slot != NULL && set_line(slot, name, len, value, line))
        return true;
    if (slot != NULL)
        out->count--;
    else
        free(value);
    return false;
}

/* Takes over value. */
static bool add_include(conf_lines *out, const char *name, size_t len, char *value, unsigned line)
{
    conf_line *slot = GROW(out->includes, out->nincludes, out->includes_room);
    out->has_include = true;
    if (slot != NULL && set_line(slot, name, len, value, line))
        return true;
    if (slot != NULL)
        out->nincludes--;
    else
        free(value);
    return false;
}

static const char *value_end(const char *at, const char *end)
{
    const char *after[] = { quoted(at, end), plain_word(at, end), number(at, end) };
    const char *longest = at;
    for (size_t i = 0; i < sizeof after / sizeof *after; i++)
        if (after[i] > longest)
            longest = after[i];
    return longest;
}

static void note_bad(conf_lines *out, unsigned line, const char *at, const char *end)
{
    const char *token = value_end(at, end);
    if (token == at && at < end)
        token++;
    out->bad_line = line;
    (void)snprintf(out->bad_near, sizeof out->bad_near, "%.*s", (int)(token - at), at);
}

/* False: out of memory. */
static bool add_line(conf_lines *out, const char *at, const char *end, unsigned line)
{
    at = skip_blanks(at, end);
    if (at == end || *at == '#')
        return true;
    const char *name = at;
    const char *after_name = qualified(at, end);
    at = skip_blanks(after_name, end);
    if (after_name > name && at < end && *at == '=')
        at = skip_blanks(at + 1, end);
    const char *value = at;
    const char *after = after_name > name ? value_end(at, end) : at;
    at = skip_blanks(after, end);
    if (after == value || (at < end && *at != '#')) {
        note_bad(out, line, at, end);
        return true;
    }
    const size_t len = (size_t)(after_name - name);
    char *chars = *value == '\'' ? unquote(value, after) : strndup(value, (size_t)(after - value));
    if (len >= 7 && strncasecmp(name, "include", 7) == 0)
        return add_include(out, name, len, chars, line);
    return add(out, name, len, chars, line);
}

bool conf_lines_add_text(conf_lines *out, wp_view text)
{
    const char *at = text.len > 0 ? (const char *)text.bytes : "";
    const char *const end = at + text.len;
    for (unsigned line = 1; at < end && out->bad_line == 0; line++) {
        const char *newline = memchr(at, '\n', (size_t)(end - at));
        const char *const stop = newline != NULL ? newline : end;
        if (!add_line(out, at, stop, line))
            return false;
        at = stop + (newline != NULL);
    }
    return true;
}

bool conf_lines_is_word(const char *word)
{
    const char *const end = word + strlen(word);
    const char *after = qualified(word, end);
    const char *equals = skip_blanks(after, end);
    return after > word && equals < end && *equals == '=';
}

bool conf_lines_add_word(conf_lines *out, const char *word)
{
    const char *const end = word + strlen(word);
    const char *after = qualified(word, end);
    const char *value = skip_blanks(skip_blanks(after, end) + 1, end);
    const bool is_quoted = quoted(value, end) == end && value < end;
    return add(out, word, (size_t)(after - word), is_quoted ? unquote(value, end) : strdup(value),
               0);
}

const conf_line *conf_lines_find(const conf_lines *lines, const char *name)
{
    for (size_t i = lines->count; i-- > 0;)
        if (strcmp(lines->items[i].name, name) == 0)
            return &lines->items[i];
    return NULL;
}

void conf_lines_free(conf_lines *lines)
{
    for (size_t i = 0; i < lines->count; i++) {
        free(lines->items[i].name);
        free(lines->items[i].value);
    }
    free(lines->items);
    for (size_t i = 0; i < lines->nincludes; i++) {
        free(lines->includes[i].name);
        free(lines->includes[i].value);
    }
    free(lines->includes);
    *lines = (conf_lines){ 0 };
}
