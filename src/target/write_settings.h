/*
 * write_settings.h - --write: puts a target's settings where the major of a data directory reads them.
 *
 * First a plan is made: the new content of files, and what else there is to say. Then it is carried out.
 */
#ifndef PITR_FIND_WRITE_SETTINGS_H
#define PITR_FIND_WRITE_SETTINGS_H

#include "recovery/data_directory.h"
#include "target/render.h"

/* postgresql.auto.conf, and recovery.conf or recovery.signal. */
#define SETTLE_FILES_MAX 2

typedef struct write_plan {
    data_directory_file files[SETTLE_FILES_MAX]; /* in the order they are to be put into place */
    size_t nfiles;
    text_list changes; /* what happens to settings that were there, one line each */
} write_plan;

/*
 * Plans to write the report's target into a data directory. Settings there that will have an effect of
 * their own are warned about. False with one line in message: no server would start with what is there, or it would not
 * recover as asked. Free in either case.
 */
bool write_settings_plan(const report *r, const data_directory *dir, write_plan *out,
                         text_list *warnings, char message[512]);
void write_settings_free(write_plan *plan);

#endif
