/*
 * names.c - identifiers as quote_ident writes them.
 */
#include <walparse/profile.h>

#include <stdlib.h>
#include <string.h>

typedef struct keyword {
    const char *word;
    uint8_t since; /* first keyword_set of a profile that has it */
} keyword;

// clang-format off
/* Keywords that are not unreserved, from pg_get_keywords() of the servers; sorted. */
static const keyword keywords[] = {
    { "all", 0 }, { "analyse", 0 }, { "analyze", 0 }, { "and", 0 }, { "any", 0 }, { "array", 0 },
    { "as", 0 }, { "asc", 0 }, { "asymmetric", 0 }, { "authorization", 0 }, { "between", 0 },
    { "bigint", 0 }, { "binary", 0 }, { "bit", 0 }, { "boolean", 0 }, { "both", 0 },
    { "case", 0 }, { "cast", 0 }, { "char", 0 }, { "character", 0 }, { "check", 0 },
    { "coalesce", 0 }, { "collate", 0 }, { "collation", 0 }, { "column", 0 },
    { "concurrently", 0 }, { "constraint", 0 }, { "create", 0 }, { "cross", 0 },
    { "current_catalog", 0 }, { "current_date", 0 }, { "current_role", 0 },
    { "current_schema", 0 }, { "current_time", 0 }, { "current_timestamp", 0 },
    { "current_user", 0 }, { "dec", 0 }, { "decimal", 0 }, { "default", 0 }, { "deferrable", 0 },
    { "desc", 0 }, { "distinct", 0 }, { "do", 0 }, { "else", 0 }, { "end", 0 }, { "except", 0 },
    { "exists", 0 }, { "extract", 0 }, { "false", 0 }, { "fetch", 0 }, { "float", 0 },
    { "for", 0 }, { "foreign", 0 }, { "freeze", 0 }, { "from", 0 }, { "full", 0 }, { "grant", 0 },
    { "graph_table", 4 }, { "greatest", 0 }, { "group", 0 }, { "grouping", 0 }, { "having", 0 }, { "ilike", 0 },
    { "in", 0 }, { "initially", 0 }, { "inner", 0 }, { "inout", 0 }, { "int", 0 },
    { "integer", 0 }, { "intersect", 0 }, { "interval", 0 }, { "into", 0 }, { "is", 0 },
    { "isnull", 0 }, { "join", 0 }, { "json", 3 }, { "json_array", 2 }, { "json_arrayagg", 2 },
    { "json_exists", 3 }, { "json_object", 2 }, { "json_objectagg", 2 }, { "json_query", 3 },
    { "json_scalar", 3 }, { "json_serialize", 3 }, { "json_table", 3 }, { "json_value", 3 },
    { "lateral", 0 }, { "leading", 0 }, { "least", 0 }, { "left", 0 }, { "like", 0 },
    { "limit", 0 }, { "localtime", 0 }, { "localtimestamp", 0 }, { "merge_action", 3 },
    { "national", 0 }, { "natural", 0 }, { "nchar", 0 }, { "none", 0 }, { "normalize", 1 },
    { "not", 0 }, { "notnull", 0 }, { "null", 0 }, { "nullif", 0 }, { "numeric", 0 },
    { "offset", 0 }, { "on", 0 }, { "only", 0 }, { "or", 0 }, { "order", 0 }, { "out", 0 },
    { "outer", 0 }, { "overlaps", 0 }, { "overlay", 0 }, { "placing", 0 }, { "position", 0 },
    { "precision", 0 }, { "primary", 0 }, { "real", 0 }, { "references", 0 }, { "returning", 0 },
    { "right", 0 }, { "row", 0 }, { "select", 0 }, { "session_user", 0 }, { "setof", 0 },
    { "similar", 0 }, { "smallint", 0 }, { "some", 0 }, { "substring", 0 }, { "symmetric", 0 },
    { "system_user", 2 }, { "table", 0 }, { "tablesample", 0 }, { "then", 0 }, { "time", 0 },
    { "timestamp", 0 }, { "to", 0 }, { "trailing", 0 }, { "treat", 0 }, { "trim", 0 },
    { "true", 0 }, { "union", 0 }, { "unique", 0 }, { "user", 0 }, { "using", 0 },
    { "values", 0 }, { "varchar", 0 }, { "variadic", 0 }, { "verbose", 0 }, { "when", 0 },
    { "where", 0 }, { "window", 0 }, { "with", 0 }, { "xmlattributes", 0 }, { "xmlconcat", 0 },
    { "xmlelement", 0 }, { "xmlexists", 0 }, { "xmlforest", 0 }, { "xmlnamespaces", 0 },
    { "xmlparse", 0 }, { "xmlpi", 0 }, { "xmlroot", 0 }, { "xmlserialize", 0 }, { "xmltable", 0 },
};
// clang-format on

static int compare_keyword(const void *key, const void *row)
{
    return strcmp(key, ((const keyword *)row)->word);
}

static bool is_keyword(const wp_profile *profile, const char *name)
{
    const keyword *found = bsearch(name, keywords, sizeof keywords / sizeof keywords[0],
                                   sizeof keywords[0], compare_keyword);
    return found && found->since <= profile->keyword_set;
}

static bool is_plain(const char *name)
{
    if (!((name[0] >= 'a' && name[0] <= 'z') || name[0] == '_'))
        return false;
    for (const char *p = name; *p; p++)
        if (!((*p >= 'a' && *p <= 'z') || (*p >= '0' && *p <= '9') || *p == '_'))
            return false;
    return true;
}

size_t wp_quote_ident(const wp_profile *profile, const char *name, char *out)
{
    const size_t len = strlen(name);
    if (is_plain(name) && !is_keyword(profile, name)) {
        memcpy(out, name, len + 1);
        return len;
    }
    char *p = out;
    *p++ = '"';
    for (const char *q = name; *q; q++) {
        if (*q == '"')
            *p++ = '"';
        *p++ = *q;
    }
    *p++ = '"';
    *p = '\0';
    return (size_t)(p - out);
}
