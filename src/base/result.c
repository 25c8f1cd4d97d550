/* result.c - see result.h. */
#include "base/result.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/log.h"

bool result_print(text *out)
{
    const bool is_good = !out->failed
                         && (out->len == 0 || fwrite(out->bytes, 1, out->len, stdout) == out->len)
                         && fflush(stdout) == 0;
    if (!is_good)
        log_error("cannot write the result: %s", out->failed ? "out of memory" : strerror(errno));
    text_free(out);
    return is_good;
}

exit_code result_trouble(const char *message)
{
    log_error("%s", message);
    return EXIT_TROUBLE;
}
