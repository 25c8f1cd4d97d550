/* verify_command.c - from options to what is printed. See verify.h. */
#include "command/verify/verify.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/message.h"

static bool print(const verification *v)
{
    text out = { 0 };
    render_verify[v->options->format](v, &out);
    const bool is_good =
        !out.failed && fwrite(out.bytes, 1, out.len, stdout) == out.len && fflush(stdout) == 0;
    if (!is_good)
        log_error("cannot write the result: %s", out.failed ? "out of memory" : strerror(errno));
    text_free(&out);
    return is_good;
}

exit_code verify_run(const options *o)
{
    verification v = { .options = o, .parameters = { -1, -1, -1, -1, -1 } };
    char message[MESSAGE_BYTES];
    exit_code code = EXIT_TROUBLE;
    if (!verify(&v, message))
        log_error("%s", message);
    else if (print(&v))
        code = v.problems_total == 0 ? EXIT_FOUND : EXIT_NOTHING;
    verification_free(&v);
    return code;
}
