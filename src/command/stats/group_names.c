/* group_names.c - see group_names.h. */
#include "command/stats/group_names.h"

#include <inttypes.h>

/* NULL: it is not known, or there is none. */
typedef struct group_name {
    const char *name;
    const char *toast_of; /* the table that a TOAST table or its index belongs to */
    const char *database; /* of a relation */
} group_name;

bool group_names_are_told(totals_by by)
{
    return by == BY_RELATION || by == BY_DATABASE;
}

static bool has_relations(const totals *from)
{
    return from->by == BY_RELATION;
}

static group_name name_of(const totals *from, const totals_group *group)
{
    const totals_key *key = &group->key;
    if (from->names == NULL || key->high > UINT32_MAX)
        return (group_name){ 0 };
    const wp_locator file = { .spc = (wp_oid)(key->low >> 32),
                              .db = (wp_oid)key->high,
                              .rel = (wp_oid)key->low };
    const char *database = relation_names_of_database(from->names, file.db);
    if (!has_relations(from)) {
        relation_names_ask_database(from->names, file.db, from->names_at);
        return (group_name){ .name = database };
    }
    return (group_name){
        .name = relation_names_of_file(from->names, &file, from->names_at),
        .toast_of = relation_names_of_toasted(from->names, &file, from->names_at),
        .database = database,
    };
}

void group_names_add_table_head(const totals *from, text *out)
{
    if (!group_names_are_told(from->by))
        return;
    text_addf(out, "  %-*s", GROUP_NAMES_BAR_COLUMNS, "");
    if (has_relations(from))
        text_addf(out, "  %-16s", "database");
    text_add(out, "  name");
}

static void add_padded(const char *name, size_t columns, text *out)
{
    text visible = { 0 };
    text_add_visible(&visible, name != NULL ? name : "-");
    const size_t taken = text_columns(text_chars(&visible), visible.len);
    text_addf(out, "  %s%*s", text_chars(&visible), taken < columns ? (int)(columns - taken) : 0,
              "");
    out->failed = out->failed || visible.failed;
    text_free(&visible);
}

void group_names_add_table(const totals *from, const totals_group *group, int bar, text *out)
{
    const group_name it = name_of(from, group);
    if (!group_names_are_told(from->by) || (it.name == NULL && it.database == NULL))
        return;
    text_addf(out, "%*s", bar > 0 ? GROUP_NAMES_BAR_COLUMNS - bar : GROUP_NAMES_BAR_COLUMNS + 2,
              "");
    if (has_relations(from))
        add_padded(it.database, 16, out);
    add_padded(it.name, 0, out);
    if (it.toast_of == NULL)
        return;
    text_add(out, " (");
    text_add_visible(out, it.toast_of);
    text_add(out, ")");
}

void group_names_add_csv_head(const totals *from, text *out)
{
    if (group_names_are_told(from->by))
        text_add(out, has_relations(from) ? ",name,toast_of,database_name" : ",name");
}

static void add_field(const char *value, text *out)
{
    text_add(out, ",");
    if (value != NULL)
        text_add_csv(out, value);
}

void group_names_add_csv(const totals *from, const totals_group *group, text *out)
{
    const group_name it = name_of(from, group);
    if (!group_names_are_told(from->by))
        return;
    add_field(it.name, out);
    if (!has_relations(from))
        return;
    add_field(it.toast_of, out);
    add_field(it.database, out);
}

void group_names_add_json(const totals *from, const totals_group *group, text *out)
{
    const group_name it = name_of(from, group);
    if (!group_names_are_told(from->by))
        return;
    text_add(out, ",");
    text_add_json_member(out, "name", it.name);
    if (!has_relations(from))
        return;
    text_add(out, ",");
    text_add_json_member(out, "toast_of", it.toast_of);
    text_add(out, ",");
    text_add_json_member(out, "database_name", it.database);
}

/* A label's value is UTF-8, in which a backslash, a quote and a new line are escaped: what cannot be printed is spelled out first. */
static void add_label(const char *label, const char *value, text *out)
{
    text visible = { 0 };
    text_add_visible(&visible, value != NULL ? value : "");
    text_addf(out, ",%s=\"", label);
    for (const char *at = text_chars(&visible); *at != '\0'; at++)
        text_addf(out, *at == '"' || *at == '\\' ? "\\%c" : "%c", *at);
    text_add(out, "\"");
    out->failed = out->failed || visible.failed;
    text_free(&visible);
}

void group_names_add_labels(const totals *from, const totals_group *group, text *out)
{
    const group_name it = name_of(from, group);
    if (!group_names_are_told(from->by))
        return;
    add_label("name", it.name, out);
    if (!has_relations(from))
        return;
    add_label("toast_of", it.toast_of, out);
    add_label("database_name", it.database, out);
}
