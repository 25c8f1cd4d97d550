/*
 * fail.h - filling in a wp_error.
 */
#ifndef WPI_FAIL_H
#define WPI_FAIL_H

#include <stdarg.h>
#include <stdio.h>

#include <walparse/status.h>

/* Writes the text (when err is not NULL) and returns status. */
__attribute__((format(printf, 4, 5))) static inline wp_status wpi_fail(wp_error *err,
                                                                       wp_status status, wp_lsn lsn,
                                                                       const char *format, ...)
{
    if (err) {
        va_list args;
        va_start(args, format);
        (void)vsnprintf(err->text, sizeof err->text, format, args);
        va_end(args);
        err->status = status;
        err->lsn = lsn;
    }
    return status;
}

#endif
