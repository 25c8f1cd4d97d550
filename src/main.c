/*
 * main.c - pitr-find: finds the incident in archived WAL, and the recovery target right before it.
 */
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include "command/commands.h"
#include "codec/keyring.h"
#include "base/log.h"
#include "base/message.h"

static bool path_exists(const char *path)
{
    return access(path, F_OK) == 0;
}

static exit_code print(const text *out)
{
    if (out->failed) {
        log_error("out of memory");
        return EXIT_TROUBLE;
    }
    const bool printed = fputs(text_chars(out), stdout) >= 0 && fflush(stdout) == 0;
    if (!printed)
        log_error("cannot write to standard output");
    return printed ? EXIT_FOUND : EXIT_TROUBLE;
}

static int run(const options *o)
{
    char message[MESSAGE_BYTES];
    if (!keyring_load(o->cipher_pass_file, message)) {
        log_error("%s", message);
        return (int)o->command->trouble;
    }
    const exit_code code = o->command->run(o);
    keyring_clear();
    return (int)code;
}

int main(int argc, char **argv)
{
    options o;
    char message[MESSAGE_BYTES];
    signal(SIGPIPE, SIG_DFL);
    signal(SIGXFSZ, SIG_IGN); /* a file that may not grow is an error of write(), to be told */
    const bool is_valid = command_parse(&commands, argc, argv, path_exists, &o, message);
    log_start(o.quiet);
    if (!is_valid) {
        log_error("%s", message);
        return (int)o.command->trouble;
    }
    if (!o.help && !o.version)
        return run(&o);
    text out = { 0 };
    if (o.help)
        command_help(&commands, o.command, &out);
    else
        text_addf(&out, "pitr-find %s (libwalparse %s)\n", PITR_FIND_VERSION, wp_version());
    const exit_code code = print(&out);
    text_free(&out);
    return (int)code;
}
