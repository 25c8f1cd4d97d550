/*
 * tables.h - the tables of a subject, found in the catalogs of the place.
 */
#ifndef PITR_FIND_TABLES_H
#define PITR_FIND_TABLES_H

#include "command/rescue/subject.h"
#include "rescue/extract.h"

/* A table whose rows are wanted: one that has a file of its own. */
typedef struct rescue_table {
    extract_database *database;          /* borrowed from the extract */
    const dictionary_relation *relation; /* from its dictionary */
    unsigned rows;                       /* bits of subject_rows */
    uint64_t told;                       /* rows that events tell of; 0: none */
} rescue_table;

typedef struct rescue_tables {
    const subject *subject;
    rescue_table *items; /* by schema and name */
    size_t count, room;
    bool is_missing; /* there is no such table, for certain as far as the catalogs are */
} rescue_tables;

/* For extract_config.resolve; context is a rescue_tables. */
bool rescue_tables_resolve(void *context, extract *e, bool is_final, dictionary_needs *needs,
                           char message[512]);

void rescue_tables_free(rescue_tables *t);

#endif
