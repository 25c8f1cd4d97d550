/*
 * conf_lines.h - settings as people hand them over: a configuration file, or name=value words.
 */
#ifndef PITR_FIND_CONF_LINES_H
#define PITR_FIND_CONF_LINES_H

#include <walparse/types.h>

/* One setting. */
typedef struct conf_line {
    char *name;    /* in lower case */
    char *value;   /* without its quotes */
    unsigned line; /* in the file, counted from 1; 0: a word of the command line */
} conf_line;

/* Start with all zero. */
typedef struct conf_lines {
    conf_line *items;
    size_t count, room;
    unsigned bad_line;   /* the first line no server reads; 0: none */
    char bad_near[80];   /* what it stumbles over; empty: the end of the line */
    bool has_include;    /* other files belong to it, which are not read here: */
    conf_line *includes; /* name: include, include_if_exists or include_dir */
    size_t nincludes, includes_room;
} conf_lines;

/*
 * Adds the lines of a file, read as servers do (guc-file.l): name, an optional "=", a value that is quoted
 * unless it is a plain word or number. A line that is wrong is noted, and nothing after it is read. False:
 * out of memory.
 */
bool conf_lines_add_text(conf_lines *out, wp_view text);

/* True for "name=value". */
bool conf_lines_is_word(const char *word);

/* Adds such a word; the value is what follows, or what its quotes hold. False: out of memory. */
bool conf_lines_add_word(conf_lines *out, const char *word);

/* The last line of that name; NULL: none. */
const conf_line *conf_lines_find(const conf_lines *lines, const char *name);

void conf_lines_free(conf_lines *lines);

#endif
