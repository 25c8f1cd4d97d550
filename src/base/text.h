/*
 * text.h - growing strings, and quoting values for the places they are printed to.
 *
 * An allocation that fails marks the text as failed, and nothing is added any more: check `failed`
 * once, at the end. A zeroed struct is an empty text.
 */
#ifndef PITR_FIND_TEXT_H
#define PITR_FIND_TEXT_H

#include <stdbool.h>
#include <stddef.h>

typedef struct text {
    char *bytes; /* NUL-terminated once something was added */
    size_t len, room;
    bool failed;
} text;

void text_add(text *out, const char *chars);
void text_add_bytes(text *out, const char *bytes, size_t len);
void text_addf(text *out, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Never NULL. */
const char *text_chars(const text *in);
void text_clear(text *in);
void text_free(text *in);

/* 'value' as PostgreSQL's configuration files read it. */
void text_add_conf(text *out, const char *value);
/* 'value' as every POSIX shell reads it. */
void text_add_shell(text *out, const char *value);
/* The same, bare where nothing in it means anything to a shell. */
void text_add_word(text *out, const char *value);
/*
 * "value" for JSON. Control characters and direction marks are escaped, and bytes that are not UTF-8 become
 * U+FFFD: those are told whole by the members below.
 */
void text_add_json(text *out, const char *value);
/* "key":"value", or null; and, where the value is not UTF-8, "key_bytes" with its bytes in hex. */
void text_add_json_member(text *out, const char *key, const char *value);
/* Only ,"key_bytes", where the value is not UTF-8. */
void text_add_json_bytes(text *out, const char *key, const char *value);
/* "value" of a label of Prometheus and OpenMetrics. Bytes that are not UTF-8 become U+FFFD. */
void text_add_metric_label(text *out, const char *value);
/*
 * A CSV field after RFC 4180, quoted where it has to be: one line of UTF-8. What text_add_visible() spells out is
 * spelled out, and a backslash is doubled, so that every byte can be told.
 */
void text_add_csv(text *out, const char *value);
/* For people: control characters, direction marks and bytes that are not UTF-8 are spelled out. */
void text_add_visible(text *out, const char *value);

/* Columns that a string of UTF-8 takes on a terminal. */
size_t text_columns(const char *chars, size_t len);
/* Bytes of its first characters, as many as fit into so many columns. */
size_t text_fitting(const char *chars, size_t len, size_t columns);

/* A list of strings that are kept. Zeroed: empty. */
typedef struct text_list {
    char **items;
    size_t count, room;
} text_list;

/* Adds a string; without memory for it the list stays as it is. */
void text_list_addf(text_list *list, const char *format, ...) __attribute__((format(printf, 2, 3)));
void text_list_free(text_list *list);

#endif
