/*
 * simulate.h - `simulate`: where a server would really stop for given recovery settings.
 *
 * The rules of stopping are walparse/stop.h, those of the settings settings.h. This brings both together with
 * an archive: which backup, which timeline, what the transactions around the stop did.
 */
#ifndef PITR_FIND_SIMULATE_H
#define PITR_FIND_SIMULATE_H

#include "archive/archive.h"
#include "archive/backup_label.h"
#include "base/log.h"
#include "cli/command.h"
#include "recovery/settings.h"
#include "scan/scan.h"
#include "base/text.h"

extern const command simulate_command;

/* In options.own. */
typedef struct simulate_operands {
    char *const *settings; /* name=value words; the first may be a file instead */
    size_t nsettings;
    bool has_file;
} simulate_operands;

/* In the order of the words of --format. */
typedef enum simulate_format { SIMULATE_TEXT, SIMULATE_JSON, SIMULATE_FORMATS } simulate_format;

/* So many events of a transaction are kept. */
#define SIMULATED_EVENTS_MAX 20

/* What one transaction did: a line for each event. */
typedef struct simulated_xact {
    text lines; /* each with a NUL after it */
    size_t count;
    uint64_t total;
} simulated_xact;

typedef struct simulation {
    const options *options;
    const wp_profile *profile;
    const archive *archive;
    const conf_lines *lines;
    recovery recovery;
    findings findings;
    bool has_backup;       /* backup holds; else it is assumed to start at `start` */
    bool backup_was_found; /* among the .backup files of the archive, not given */
    label_file backup;
    wp_lsn start;
    wp_tli timeline; /* that the server follows; 0: it does not get that far */
    wp_stop_config config;
    const wp_stop_result *result; /* NULL: it does not get that far */
    simulated_xact last, next;    /* of the last transaction that is kept, the first that is lost */
    bool is_last_at_stop;         /* that one ends right where recovery stops, and is applied */
    const scan_result *scan;
} simulation;

/* True when the server stops, and where it was asked to. */
bool simulation_is_as_asked(const simulation *s);

/* The FATAL message it ends in, empty when it does not. */
const char *simulation_fatal(const simulation *s, char buf[WP_STOP_TEXT_BYTES]);

/* Once the result is there; wal: the segments that the server follows. */
void simulation_add_findings(simulation *s, const archive *wal);

/* By simulate_format. */
extern void (*const render_simulation[SIMULATE_FORMATS])(const simulation *s, text *out);

exit_code simulate_run(const options *o);

#endif
