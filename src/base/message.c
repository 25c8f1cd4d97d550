/* message.c - see message.h. */
#include "base/message.h"

#include <stdarg.h>
#include <stdio.h>

bool message_fail(char message[MESSAGE_BYTES], const char *format, ...)
{
    va_list args;
    va_start(args, format);
    (void)vsnprintf(message, MESSAGE_BYTES, format, args);
    va_end(args);
    return false;
}
