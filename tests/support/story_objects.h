/*
 * story_objects.h - functions, types, triggers, policies, rules, constraints, roles ... of a story.
 */
#ifndef TEST_STORY_OBJECTS_H
#define TEST_STORY_OBJECTS_H

#include "story.h"

#define PG_TABLESPACE 1213u
#define PG_TYPE 1247u
#define PG_PROC 1255u
#define PG_CLASS 1259u
#define PG_AUTHID 1260u
#define PG_CONSTRAINT 2606u
#define PG_REWRITE 2618u
#define PG_TRIGGER 2620u
#define PG_EXTENSION 3079u
#define PG_POLICY 3256u

typedef struct object {
    wp_oid catalog, oid;
    const char *name;
    wp_oid nsp;       /* 0: public */
    wp_oid table;     /* of a trigger, policy, rule, constraint; the relation of a type of rows */
    char kind;        /* prokind, typtype, contype; 0: f, b, c */
    bool is_internal; /* a trigger's tgisinternal; of a type: typcategory is that of arrays */
    wp_oid parent;    /* of a trigger or constraint of a partition, where the version has it */
    wp_oid index;     /* of a constraint */
    size_t more;      /* bytes behind the columns of fixed width */
} object;

void object_insert(story *s, const object *o);
void object_update(story *s, const object *o);
void object_delete(story *s, const object *o);

#endif
