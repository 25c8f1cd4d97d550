/*
 * manifest.h - manifest.json of a report: how a file stands in it, and whether all are still what they were.
 */
#ifndef PITR_FIND_REPORT_MANIFEST_H
#define PITR_FIND_REPORT_MANIFEST_H

#include "base/log.h"
#include "cli/options.h"
#include "command/report/inputs.h"

/* {"kind":"wal","of":"source 1","name":"00000001000000000000000B.gz": how the line of a file begins; the second one after the kind. */
void manifest_file_key(const input_list *list, const input_file *one, text *out);
void manifest_place_key(const input_list *list, const input_file *one, text *out);

/*
 * `report --verify`: holds each file that the manifest names against what lies in the SOURCEs now, and prints a line each on stdout: same,
 * changed, missing, added. EXIT_FOUND: all are the same; EXIT_NOTHING: one is not; EXIT_TROUBLE, after the line of an error.
 */
exit_code manifest_verify(const char *manifest, const options *o);

#endif
