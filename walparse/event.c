/*
 * event.c - the words of events.
 */
#include <walparse/event.h>

#include <stddef.h>

typedef struct kind_words {
    const char *name;
    const char *verb; /* NULL: the whole name */
} kind_words;

static const kind_words kinds[WP_EVENT_KINDS] = {
    [WP_EVENT_DROP_TABLE] = { "DROP TABLE", NULL },
    [WP_EVENT_DROP_INDEX] = { "DROP INDEX", NULL },
    [WP_EVENT_DROP_VIEW] = { "DROP VIEW", NULL },
    [WP_EVENT_DROP_MATERIALIZED_VIEW] = { "DROP MATERIALIZED VIEW", NULL },
    [WP_EVENT_DROP_SEQUENCE] = { "DROP SEQUENCE", NULL },
    [WP_EVENT_DROP_FOREIGN_TABLE] = { "DROP FOREIGN TABLE", NULL },
    [WP_EVENT_DROP_SCHEMA] = { "DROP SCHEMA", NULL },
    [WP_EVENT_DROP_DATABASE] = { "DROP DATABASE", NULL },
    [WP_EVENT_DROP_TABLESPACE] = { "DROP TABLESPACE", NULL },
    [WP_EVENT_DROP_EXTENSION] = { "DROP EXTENSION", NULL },
    [WP_EVENT_DROP_ROLE] = { "DROP ROLE", NULL },
    [WP_EVENT_TRUNCATE] = { "TRUNCATE TABLE", NULL },
    [WP_EVENT_TABLE_DROP_COLUMN] = { "ALTER TABLE DROP COLUMN", "ALTER TABLE" },
    [WP_EVENT_FOREIGN_TABLE_DROP_COLUMN] = { "ALTER FOREIGN TABLE DROP COLUMN",
                                             "ALTER FOREIGN TABLE" },
    [WP_EVENT_DELETE] = { "DELETE FROM", NULL },
    [WP_EVENT_UPDATE] = { "UPDATE", NULL },
    [WP_EVENT_TABLE_SET_SCHEMA] = { "ALTER TABLE SET SCHEMA", "ALTER TABLE" },
    [WP_EVENT_VIEW_SET_SCHEMA] = { "ALTER VIEW SET SCHEMA", "ALTER VIEW" },
    [WP_EVENT_MATERIALIZED_VIEW_SET_SCHEMA] = { "ALTER MATERIALIZED VIEW SET SCHEMA",
                                                "ALTER MATERIALIZED VIEW" },
    [WP_EVENT_SEQUENCE_SET_SCHEMA] = { "ALTER SEQUENCE SET SCHEMA", "ALTER SEQUENCE" },
    [WP_EVENT_FOREIGN_TABLE_SET_SCHEMA] = { "ALTER FOREIGN TABLE SET SCHEMA",
                                            "ALTER FOREIGN TABLE" },
    [WP_EVENT_TABLE_RENAME] = { "ALTER TABLE RENAME TO", "ALTER TABLE" },
    [WP_EVENT_INDEX_RENAME] = { "ALTER INDEX RENAME TO", "ALTER INDEX" },
    [WP_EVENT_VIEW_RENAME] = { "ALTER VIEW RENAME TO", "ALTER VIEW" },
    [WP_EVENT_MATERIALIZED_VIEW_RENAME] = { "ALTER MATERIALIZED VIEW RENAME TO",
                                            "ALTER MATERIALIZED VIEW" },
    [WP_EVENT_SEQUENCE_RENAME] = { "ALTER SEQUENCE RENAME TO", "ALTER SEQUENCE" },
    [WP_EVENT_FOREIGN_TABLE_RENAME] = { "ALTER FOREIGN TABLE RENAME TO", "ALTER FOREIGN TABLE" },
    [WP_EVENT_TABLE_RENAME_COLUMN] = { "ALTER TABLE RENAME COLUMN", "ALTER TABLE" },
    [WP_EVENT_VIEW_RENAME_COLUMN] = { "ALTER VIEW RENAME COLUMN", "ALTER VIEW" },
    [WP_EVENT_MATERIALIZED_VIEW_RENAME_COLUMN] = { "ALTER MATERIALIZED VIEW RENAME COLUMN",
                                                   "ALTER MATERIALIZED VIEW" },
    [WP_EVENT_FOREIGN_TABLE_RENAME_COLUMN] = { "ALTER FOREIGN TABLE RENAME COLUMN",
                                               "ALTER FOREIGN TABLE" },
    [WP_EVENT_REWRITE_TABLE] = { "REWRITE TABLE", NULL },
    [WP_EVENT_REWRITE_MATERIALIZED_VIEW] = { "REWRITE MATERIALIZED VIEW", NULL },
    [WP_EVENT_CREATE_TABLE] = { "CREATE TABLE", NULL },
    [WP_EVENT_CREATE_INDEX] = { "CREATE INDEX", NULL },
    [WP_EVENT_CREATE_VIEW] = { "CREATE VIEW", NULL },
    [WP_EVENT_CREATE_MATERIALIZED_VIEW] = { "CREATE MATERIALIZED VIEW", NULL },
    [WP_EVENT_CREATE_SEQUENCE] = { "CREATE SEQUENCE", NULL },
    [WP_EVENT_CREATE_FOREIGN_TABLE] = { "CREATE FOREIGN TABLE", NULL },
    [WP_EVENT_INSERT] = { "INSERT INTO", NULL },
};

bool wp_event_kind_has_schema(wp_event_kind kind)
{
    return kind < WP_EVENT_DROP_SCHEMA || kind > WP_EVENT_DROP_ROLE;
}

const char *wp_event_kind_name(wp_event_kind kind)
{
    return (unsigned)kind < WP_EVENT_KINDS ? kinds[kind].name : "?";
}

const char *wp_event_kind_verb(wp_event_kind kind)
{
    return (unsigned)kind < WP_EVENT_KINDS && kinds[kind].verb ? kinds[kind].verb
                                                               : wp_event_kind_name(kind);
}

bool wp_event_kind_locks(wp_event_kind kind)
{
    return kind != WP_EVENT_DELETE && kind != WP_EVENT_UPDATE && kind < WP_EVENT_CREATE_TABLE;
}
