/*
 * extract.h - replays the WAL until the wanted tables, with all that belongs to them, are as they were at a place.
 *
 * Which files that takes is known for certain only from the catalogs at the place: so the base backup's own catalogs give a guess, and
 * where the guess was wrong the pass is made again.
 */
#ifndef PITR_FIND_EXTRACT_H
#define PITR_FIND_EXTRACT_H

#include "rescue/dictionary.h"
#include "rescue/file_set.h"
#include "rescue/replay.h"

/* A database whose catalogs are followed. */
typedef struct extract_database {
    wp_oid spc, oid;
    const dictionary_database *row; /* of pg_database; NULL: it is not there at that place */
    dictionary *dictionary;         /* NULL: there is none */
    dictionary_database unknown;    /* row where there is no backup, and the WAL does not have it */
} extract_database;

typedef struct extract {
    replay replay;
    extract_database *databases;
    size_t ndatabases, databases_room;
    dictionary_database *rows; /* of pg_database */
    size_t nrows;
    heap_sums catalogs; /* what was not certain of those that dictionaries were read from */
    unsigned passes;    /* over the WAL */
    file_set files;     /* that are followed, besides catalogs */
} extract;

/* For resolve: another database is needed, too. False: out of memory. */
bool extract_add_database(extract *e, wp_oid db);

typedef struct extract_config {
    const archive *wal;
    backup_blocks *base; /* NULL: none */
    wp_lsn until;
    size_t memory_bytes;
    bool show_progress;
    /*
     * Finds the tables in the dictionaries (again, from the start), and adds their files to needs. is_final: these are the catalogs of the place, not those of the
     * backup. False with one line in message ends it where is_final; else it is a guess that failed.
     */
    bool (*resolve)(void *context, extract *e, bool is_final, dictionary_needs *needs,
                    char message[512]);
    void *context;
} extract_config;

/*
 * dbs: databases whose catalogs are needed. False with one line in message. Free with extract_free() in either case.
 */
bool extract_run(const extract_config *config, const wp_oid *dbs, size_t ndbs, extract *out,
                 char message[512]);

/* What is not certain of all catalogs that were read so far, those that the dictionaries were asked for later, too. */
heap_sums extract_catalog_sums(const extract *e);

void extract_free(extract *e);

#endif
