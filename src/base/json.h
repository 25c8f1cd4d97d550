/*
 * json.h - members of JSON objects, "key":value. What is not known is null. Strings: text_add_json_member().
 */
#ifndef PITR_FIND_JSON_H
#define PITR_FIND_JSON_H

#include <walparse/types.h>

#include "base/text.h"

/* 0: not known. */
void json_number(text *out, const char *key, uint64_t value);

/* 0: not known. */
void json_lsn(text *out, const char *key, wp_lsn lsn);

/* WP_TIME_UNKNOWN, and times that have no text: not known. */
void json_time(text *out, const char *key, wp_time time);

/* NULL or empty: not known. */
void json_string(text *out, const char *key, const char *value);

#endif
