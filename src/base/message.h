/*
 * message.h - the one line that says what went wrong.
 *
 * Calls of the program that can fail take a buffer of MESSAGE_BYTES and write one line into it: no
 * newline, no "error:". Only main prints it.
 */
#ifndef PITR_FIND_MESSAGE_H
#define PITR_FIND_MESSAGE_H

#include <stdbool.h>

#define MESSAGE_BYTES 512

/* Writes the line (cut where it is too long) and returns false, so that a failing call ends in one statement. */
bool message_fail(char message[MESSAGE_BYTES], const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* The same for an allocation that failed. */
static inline bool message_no_memory(char message[MESSAGE_BYTES])
{
    (void)message_fail(message, "out of memory");
    return false;
}

#endif
