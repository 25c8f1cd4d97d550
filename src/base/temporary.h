/*
 * temporary.h - temporary files and folders that go away however the program ends, by a signal too.
 *
 * For one thread at a time but for the calls that say otherwise.
 */
#ifndef PITR_FIND_TEMPORARY_H
#define PITR_FIND_TEMPORARY_H

#include <stdbool.h>
#include <sys/types.h>

/* So many may be there at once, files and folders together. */
#define TEMPORARY_MAX 16

/*
 * Makes an empty file, readable by its owner alone, in the folder of `beside` (a path that need not exist).
 * Returns its descriptor and sets *path; -1 with one line in message. End it with temporary_drop() or
 * temporary_keep(), which free the path.
 */
int temporary_file(const char *beside, char **path, char message[512]);

/* Makes a private folder in $TMPDIR, else /tmp. NULL with one line in message. End it with temporary_drop(). */
char *temporary_folder(char message[512]);

/* Removes a file (which need not be there), or a folder with all that is in it, and frees the path. NULL is fine. */
void temporary_drop(char *path);

/*
 * May a file be written under this name: is there nothing, or a regular file to be replaced? A device, a pipe, a
 * folder or a symbolic link is not replaced. False with one line in message.
 */
bool temporary_check(const char *name, char message[512]);

/*
 * Gives the file its name, if temporary_check() lets it, and makes sure that both are on disk. False with one line in message; the path
 * is freed, and the file removed if need be, in either case.
 */
bool temporary_keep(char *path, int fd, const char *name, char message[512]);

/* Process groups that get a SIGTERM when this program is ended by a signal. Any thread. */
void temporary_watch(pid_t group);
void temporary_unwatch(pid_t group);
/* Sends them one now. */
void temporary_end_groups(void);

#endif
