/*
 * ddl_node.c - reads the text of a pg_node_tree. Mirrors nodes/read.c: tokens end at white space or a bracket, and a backslash takes a
 * character's meaning away.
 */
#include "rescue/ddl_node.h"

#include <stdlib.h>
#include <string.h>

static bool is_space(char c)
{
    return c == ' ' || c == '\n' || c == '\t';
}

static bool is_bracket(char c)
{
    return c != '\0' && strchr("{}()[]", c);
}

static ddl_node trimmed(ddl_node n)
{
    while (n.at < n.end && is_space(*n.at))
        n.at++;
    return n;
}

/* Where the token or bracket at a place ends. */
static const char *token_end(const char *at, const char *end)
{
    if (is_bracket(*at))
        return at + 1;
    while (at < end && !is_space(*at) && !is_bracket(*at)) {
        if (*at == '\\' && at + 1 < end)
            at++;
        at++;
    }
    return at;
}

/* Takes the next token, or all between two brackets with them, from the start of *rest. False: there is nothing, or a bracket without its other. */
bool ddl_node_next(ddl_node *rest, ddl_node *out)
{
    *rest = trimmed(*rest);
    const char *at = rest->at;
    size_t depth = 0;
    do {
        while (at < rest->end && is_space(*at))
            at++;
        if (at == rest->end)
            return false;
        if (strchr("{([", *at) && *at)
            depth++;
        else if (strchr("})]", *at) && *at && depth-- == 0)
            return false;
        at = token_end(at, rest->end);
    } while (depth > 0);
    *out = (ddl_node){ rest->at, at };
    rest->at = at;
    return true;
}

static size_t length(ddl_node n)
{
    return (size_t)(n.end - n.at);
}

static bool equals(ddl_node n, const char *word)
{
    return length(n) == strlen(word) && memcmp(n.at, word, length(n)) == 0;
}

ddl_node ddl_node_of(wp_view tree)
{
    const char *at = tree.bytes ? (const char *)tree.bytes : "";
    ddl_node rest = { at, at + tree.len }, whole;
    const bool is_whole = ddl_node_next(&rest, &whole) && trimmed(rest).at == rest.end;
    return is_whole ? whole : (ddl_node){ at, at };
}

bool ddl_node_is_null(ddl_node node)
{
    return node.at == node.end || equals(node, "<>");
}

/* What stands between the brackets of a node or a list; empty where it is none. */
static ddl_node inner(ddl_node node, char open, char close)
{
    if (length(node) < 2 || node.at[0] != open || node.end[-1] != close)
        return (ddl_node){ node.at, node.at };
    return (ddl_node){ node.at + 1, node.end - 1 };
}

bool ddl_node_is(ddl_node node, const char *label)
{
    ddl_node rest = inner(node, '{', '}'), first;
    return ddl_node_next(&rest, &first) && equals(first, label);
}

void ddl_node_label(ddl_node node, char label[40])
{
    ddl_node rest = inner(node, '{', '}'), first = { node.at, node.at };
    size_t n = ddl_node_next(&rest, &first) ? length(first) : 0;
    n = n < 39 ? n : 39;
    memcpy(label, first.at, n);
    label[n] = '\0';
}

ddl_node ddl_node_field(ddl_node node, const char *name)
{
    ddl_node rest = inner(node, '{', '}'), token;
    if (!ddl_node_next(&rest, &token))
        return (ddl_node){ node.at, node.at };
    while (ddl_node_next(&rest, &token)) {
        if (*token.at != ':' || !equals((ddl_node){ token.at + 1, token.end }, name))
            continue;
        ddl_node value = trimmed(rest);
        const char *end = value.at;
        for (rest = value; ddl_node_next(&rest, &token) && *token.at != ':';)
            end = token.end;
        return (ddl_node){ value.at, end };
    }
    return (ddl_node){ node.at, node.at };
}

ddl_node ddl_node_items(ddl_node list)
{
    return inner(list, '(', ')');
}

bool ddl_node_number(ddl_node value, int64_t *out)
{
    char digits[24];
    if (value.at == value.end || length(value) >= sizeof digits)
        return false;
    memcpy(digits, value.at, length(value));
    digits[length(value)] = '\0';
    const size_t sign = *digits == '-';
    if (digits[sign] == '\0' || strspn(digits + sign, "0123456789") != length(value) - sign
        || length(value) > 19)
        return false;
    *out = strtoll(digits, NULL, 10);
    return true;
}

int64_t ddl_node_number_of(ddl_node node, const char *field, int64_t otherwise)
{
    int64_t number;
    return ddl_node_number(ddl_node_field(node, field), &number) ? number : otherwise;
}

bool ddl_node_is_true(ddl_node node, const char *field)
{
    return equals(ddl_node_field(node, field), "true");
}

bool ddl_node_datum(ddl_node value, int64_t *told_len, uint8_t **bytes, size_t *len)
{
    ddl_node rest = value, token, list;
    if (!ddl_node_next(&rest, &token) || !ddl_node_number(token, told_len)
        || !ddl_node_next(&rest, &list))
        return false;
    ddl_node items = inner(list, '[', ']');
    /* A byte takes two characters at least. */
    uint8_t *room = malloc(length(items) / 2 + 1);
    if (!room)
        return false;
    size_t n = 0;
    int64_t byte;
    while (ddl_node_next(&items, &token)) {
        if (!ddl_node_number(token, &byte) || byte < -128 || byte > 255) {
            free(room);
            return false;
        }
        room[n++] = (uint8_t)byte;
    }
    if (trimmed(items).at != items.end || *list.at != '[') {
        free(room);
        return false;
    }
    *bytes = room;
    *len = n;
    return true;
}
