/*
 * output.h - a report's folder. A report that lies there is never replaced by another one.
 */
#ifndef PITR_FIND_REPORT_OUTPUT_H
#define PITR_FIND_REPORT_OUTPUT_H

#include "base/text.h"

typedef struct output_file {
    const char *name;
    const text *content;
} output_file;

/*
 * Before all the work: can the folder be used, or be made, and is there no report in another format? False with one line in message.
 */
bool output_check(const char *folder, const char *name, char message[512]);

/*
 * Makes the folder where it is missing, and writes the files, two at most, readable by their owner alone. Nothing is put into place before all is written. A file that
 * is there with the same bytes is left as it is. False with one line in message: one is there with others.
 */
bool output_write(const char *folder, const output_file *files, size_t nfiles, char message[512]);

#endif
