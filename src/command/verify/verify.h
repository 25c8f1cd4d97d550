/*
 * verify.h - `verify`: is the archive whole, and from where to where can be recovered with it?
 */
#ifndef PITR_FIND_VERIFY_H
#define PITR_FIND_VERIFY_H

#include "cli/command.h"
#include "verification/verification.h"

/* In the order of the words of --format. */
typedef enum verify_format {
    VERIFY_TABLE,
    VERIFY_JSON,
    VERIFY_CSV,
    VERIFY_PROMETHEUS,
    VERIFY_FORMATS
} verify_format;

/* render_verify.c, by verify_format. */
extern void (*const render_verify[VERIFY_FORMATS])(const verification *v, text *out);

/* render_prometheus.c: metrics of an archive, and of one that cannot be read. */
void render_verify_metrics(const verification *v, text *out);
void render_verify_down(const char *source, text *out);

extern const command verify_command;

#endif
