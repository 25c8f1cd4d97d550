/*
 * event.c - the words of events.
 */
#include <walparse/event.h>

static const char *const kind_names[WP_EVENT_KINDS] = {
    [WP_EVENT_DROP_TABLE] = "DROP TABLE",
    [WP_EVENT_DROP_INDEX] = "DROP INDEX",
    [WP_EVENT_DROP_VIEW] = "DROP VIEW",
    [WP_EVENT_DROP_MATERIALIZED_VIEW] = "DROP MATERIALIZED VIEW",
    [WP_EVENT_DROP_SEQUENCE] = "DROP SEQUENCE",
    [WP_EVENT_DROP_FOREIGN_TABLE] = "DROP FOREIGN TABLE",
    [WP_EVENT_DROP_SCHEMA] = "DROP SCHEMA",
    [WP_EVENT_DROP_DATABASE] = "DROP DATABASE",
    [WP_EVENT_DROP_TABLESPACE] = "DROP TABLESPACE",
    [WP_EVENT_DROP_EXTENSION] = "DROP EXTENSION",
    [WP_EVENT_DROP_ROLE] = "DROP ROLE",
    [WP_EVENT_TRUNCATE] = "TRUNCATE TABLE",
    [WP_EVENT_DELETE] = "DELETE FROM",
    [WP_EVENT_UPDATE] = "UPDATE",
    [WP_EVENT_INSERT] = "INSERT INTO",
};

bool wp_event_kind_has_schema(wp_event_kind kind)
{
    return kind < WP_EVENT_DROP_SCHEMA || kind > WP_EVENT_DROP_ROLE;
}

const char *wp_event_kind_name(wp_event_kind kind)
{
    return (unsigned)kind < WP_EVENT_KINDS ? kind_names[kind] : "?";
}
