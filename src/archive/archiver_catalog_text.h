/*
 * archiver_catalog_text.h - the two kinds of text that archivers write their catalogues in: lines, and JSON.
 *
 * Pure, for any bytes.
 */
#ifndef PITR_FIND_ARCHIVER_CATALOG_TEXT_H
#define PITR_FIND_ARCHIVER_CATALOG_TEXT_H

#include <walparse/types.h>

/* Longer sections and keys are not known to any archiver: their lines are passed over. */
#define ARCHIVER_CATALOG_KEY_BYTES 128

/* Lines of "[section]" and "key = value"; what follows # or ; at a line's begin is left out. */
typedef struct archiver_catalog_lines {
    wp_view rest; /* set this to the text, and nothing else */
    char section[ARCHIVER_CATALOG_KEY_BYTES];
    char key[ARCHIVER_CATALOG_KEY_BYTES];
    wp_view value; /* without blanks and one pair of quotes around it */
} archiver_catalog_lines;

/* Moves on to the next key. False: there is none. */
bool archiver_catalog_lines_next(archiver_catalog_lines *lines);

/*
 * The value of a key of a JSON object, at its own level: a string without its quotes, or the text of a
 * number or word. False: not there, no text that fits into room, or the bytes are no object.
 */
bool archiver_catalog_json_get(wp_view object, const char *key, char *out, size_t room);

/* A decimal number of 64 bits, and nothing else. */
bool archiver_catalog_number(const char *chars, uint64_t *out);

#endif
