/* verify_command.c - from options to what is printed. See verify.h. */
#include "command/verify/verify.h"

#include "base/message.h"
#include "base/result.h"

static bool print_verification(const verification *v)
{
    text out = { 0 };
    render_verify[v->options->format](v, &out);
    return result_print(&out);
}

exit_code verify_run(const options *o)
{
    verification v = { .options = o, .parameters = { -1, -1, -1, -1, -1 } };
    char message[MESSAGE_BYTES];
    exit_code code = EXIT_TROUBLE;
    if (!verify(&v, message))
        log_error("%s", message);
    else if (print_verification(&v))
        code = v.problems_total == 0 ? EXIT_FOUND : EXIT_NOTHING;
    verification_free(&v);
    return code;
}
