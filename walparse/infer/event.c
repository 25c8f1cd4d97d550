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
    [WP_EVENT_DROP_PROPERTY_GRAPH] = { "DROP PROPERTY GRAPH", NULL },
    [WP_EVENT_DROP_SCHEMA] = { "DROP SCHEMA", NULL },
    [WP_EVENT_DROP_DATABASE] = { "DROP DATABASE", NULL },
    [WP_EVENT_DROP_TABLESPACE] = { "DROP TABLESPACE", NULL },
    [WP_EVENT_DROP_EXTENSION] = { "DROP EXTENSION", NULL },
    [WP_EVENT_DROP_ROLE] = { "DROP ROLE", NULL },
    [WP_EVENT_DROP_FUNCTION] = { "DROP FUNCTION", NULL },
    [WP_EVENT_DROP_PROCEDURE] = { "DROP PROCEDURE", NULL },
    [WP_EVENT_DROP_AGGREGATE] = { "DROP AGGREGATE", NULL },
    [WP_EVENT_DROP_TYPE] = { "DROP TYPE", NULL },
    [WP_EVENT_DROP_TRIGGER] = { "DROP TRIGGER", NULL },
    [WP_EVENT_DROP_POLICY] = { "DROP POLICY", NULL },
    [WP_EVENT_DROP_RULE] = { "DROP RULE", NULL },
    [WP_EVENT_TABLE_DROP_CONSTRAINT] = { "ALTER TABLE DROP CONSTRAINT", "ALTER TABLE" },
    [WP_EVENT_FOREIGN_TABLE_DROP_CONSTRAINT] = { "ALTER FOREIGN TABLE DROP CONSTRAINT",
                                                 "ALTER FOREIGN TABLE" },
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
    [WP_EVENT_PROPERTY_GRAPH_SET_SCHEMA] = { "ALTER PROPERTY GRAPH SET SCHEMA",
                                             "ALTER PROPERTY GRAPH" },
    [WP_EVENT_TABLE_RENAME] = { "ALTER TABLE RENAME TO", "ALTER TABLE" },
    [WP_EVENT_INDEX_RENAME] = { "ALTER INDEX RENAME TO", "ALTER INDEX" },
    [WP_EVENT_VIEW_RENAME] = { "ALTER VIEW RENAME TO", "ALTER VIEW" },
    [WP_EVENT_MATERIALIZED_VIEW_RENAME] = { "ALTER MATERIALIZED VIEW RENAME TO",
                                            "ALTER MATERIALIZED VIEW" },
    [WP_EVENT_SEQUENCE_RENAME] = { "ALTER SEQUENCE RENAME TO", "ALTER SEQUENCE" },
    [WP_EVENT_FOREIGN_TABLE_RENAME] = { "ALTER FOREIGN TABLE RENAME TO", "ALTER FOREIGN TABLE" },
    [WP_EVENT_PROPERTY_GRAPH_RENAME] = { "ALTER PROPERTY GRAPH RENAME TO", "ALTER PROPERTY GRAPH" },
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
    [WP_EVENT_CREATE_PROPERTY_GRAPH] = { "CREATE PROPERTY GRAPH", NULL },
    [WP_EVENT_INSERT] = { "INSERT INTO", NULL },
    [WP_EVENT_CREATE_FUNCTION] = { "CREATE FUNCTION", NULL },
    [WP_EVENT_CREATE_PROCEDURE] = { "CREATE PROCEDURE", NULL },
    [WP_EVENT_CREATE_AGGREGATE] = { "CREATE AGGREGATE", NULL },
    [WP_EVENT_CREATE_TYPE] = { "CREATE TYPE", NULL },
    [WP_EVENT_CREATE_TRIGGER] = { "CREATE TRIGGER", NULL },
    [WP_EVENT_CREATE_POLICY] = { "CREATE POLICY", NULL },
    [WP_EVENT_CREATE_RULE] = { "CREATE RULE", NULL },
    [WP_EVENT_TABLE_ADD_CONSTRAINT] = { "ALTER TABLE ADD CONSTRAINT", "ALTER TABLE" },
    [WP_EVENT_FOREIGN_TABLE_ADD_CONSTRAINT] = { "ALTER FOREIGN TABLE ADD CONSTRAINT",
                                                "ALTER FOREIGN TABLE" },
    [WP_EVENT_CREATE_SCHEMA] = { "CREATE SCHEMA", NULL },
    [WP_EVENT_CREATE_EXTENSION] = { "CREATE EXTENSION", NULL },
    [WP_EVENT_CREATE_ROLE] = { "CREATE ROLE", NULL },
    [WP_EVENT_CREATE_TABLESPACE] = { "CREATE TABLESPACE", NULL },
    [WP_EVENT_CREATE_DATABASE] = { "CREATE DATABASE", NULL },
};

bool wp_event_kind_has_schema(wp_event_kind kind)
{
    return kind < WP_EVENT_DROP_SCHEMA
           || (kind > WP_EVENT_DROP_ROLE && kind < WP_EVENT_CREATE_SCHEMA);
}

static bool is_function_or_type(wp_event_kind kind)
{
    return (kind >= WP_EVENT_DROP_FUNCTION && kind <= WP_EVENT_DROP_TYPE)
           || (kind >= WP_EVENT_CREATE_FUNCTION && kind <= WP_EVENT_CREATE_TYPE);
}

bool wp_event_kind_names_relation(wp_event_kind kind)
{
    return wp_event_kind_has_schema(kind) && !is_function_or_type(kind);
}

bool wp_event_kind_is_database(wp_event_kind kind)
{
    return kind == WP_EVENT_DROP_DATABASE || kind == WP_EVENT_CREATE_DATABASE;
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
    return kind != WP_EVENT_DELETE && kind != WP_EVENT_UPDATE && kind < WP_EVENT_CREATE_TABLE
           && !is_function_or_type(kind);
}
