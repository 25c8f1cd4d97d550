/*
 * settings.h - recovery settings as a server of a major reads them, and what is wrong with them.
 *
 * Pure but for time zones (server_time.h).
 */
#ifndef PITR_FIND_SETTINGS_H
#define PITR_FIND_SETTINGS_H

#include <walparse/walparse.h>

#include "recovery/conf_lines.h"

typedef enum finding_level {
    FINDING_NOTE,
    FINDING_WARNING,
    FINDING_ELSEWHERE, /* the server takes it for something else than was meant */
    FINDING_FATAL      /* the server does not start with it */
} finding_level;

typedef struct finding {
    finding_level level;
    const char *rule; /* a short name for scripts: "octal-xid" */
    char text[400];
} finding;

#define FINDINGS_MAX 40

typedef struct findings {
    finding items[FINDINGS_MAX];
    size_t count;
} findings;

void findings_add(findings *list, finding_level level, const char *rule, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
bool findings_have(const findings *list, finding_level level);

typedef enum recovery_timeline {
    RECOVERY_TIMELINE_LATEST,
    RECOVERY_TIMELINE_CURRENT, /* the backup's */
    RECOVERY_TIMELINE_NUMBER
} recovery_timeline;

typedef enum recovery_then {
    RECOVERY_PAUSES,
    RECOVERY_PROMOTES,
    RECOVERY_SHUTS_DOWN
} recovery_then;

typedef struct recovery {
    wp_stop_config stop; /* without profile, start and backup */
    const char *target;  /* name of the setting that counts; NULL: none */
    const char *value;   /* as it stands in the lines; borrowed */
    recovery_timeline timeline;
    wp_tli tli; /* RECOVERY_TIMELINE_NUMBER */
    recovery_then then;
    char fatal[WP_STOP_TEXT_BYTES
               + 200]; /* the server ends with this before it replays anything; empty: none */
    bool is_unclear;   /* the value cannot be judged: a finding says why */
} recovery;

/* What the server makes of the lines. They must outlive the result. */
void recovery_read(const wp_profile *profile, const conf_lines *lines, recovery *out,
                   findings *found);

/* The setting of recovery that a misspelt name was meant to be; NULL: none, or it is not misspelt. */
const char *recovery_meant(const char *name);

/* "pauses", "promotes", "shuts down". */
extern const char *const recovery_then_words[3];

#endif
