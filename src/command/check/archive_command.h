/*
 * archive_command.h - what can be said of an archive_command by reading it.
 */
#ifndef PITR_FIND_ARCHIVE_COMMAND_H
#define PITR_FIND_ARCHIVE_COMMAND_H

/* From worst to best. */
typedef enum archive_command_flaw {
    ARCHIVE_COMMAND_EMPTY, /* nothing is archived, and pg_wal grows */
    ARCHIVE_COMMAND_NOTHING, /* it does nothing, and says that it did: the server throws the WAL away */
    ARCHIVE_COMMAND_NO_FILE,    /* it names neither %p nor %f */
    ARCHIVE_COMMAND_HIDES,      /* it ends well even where it fails */
    ARCHIVE_COMMAND_MOVES,      /* it takes the server's file away */
    ARCHIVE_COMMAND_OVERWRITES, /* it writes over a file that is there */
    ARCHIVE_COMMAND_SOUND       /* nothing of that is seen in it */
} archive_command_flaw;

/* NULL: empty. What a program does that it calls is not known. */
archive_command_flaw archive_command_judge(const char *command);

#endif
