/*
 * object_name.h - the name of a relation as people write it: orders, public.orders, "Odd schema"."Odd name".
 */
#ifndef PITR_FIND_OBJECT_NAME_H
#define PITR_FIND_OBJECT_NAME_H

#include <stdbool.h>

#include <walparse/types.h>

typedef struct object_name {
    char schema[WP_NAME_BYTES]; /* empty: none was named */
    char name[WP_NAME_BYTES];
} object_name;

/* As SQL reads it: what is not quoted is in lower case; as_it_is: it is not. False: it is no such name. */
bool object_name_parse(const char *written, bool as_it_is, object_name *out);

#endif
