/* again.c - see again.h. */
#include "target/again.h"

#include <inttypes.h>

#include "archive/fetch_command.h"
#include "cli/command.h"

/* What does not say which event is meant: that is what changes. --dsn only gives names, and may hold a password. */
static const option_id kept[] = {
    OPT_BACKUP,      OPT_SYSTEM_ID, OPT_CIPHER_PASS_FILE, OPT_TARGET,       OPT_FORMAT, OPT_ACTION,
    OPT_INSPECTABLE, OPT_WRITE,     OPT_RESTORE_COMMAND,  OPT_FROM_COMMAND,
};

static void add_word(text *out, const char *word)
{
    text_add(out, " ");
    if (*word != '\0' && *word != '-' && command_is_plain(word))
        text_add(out, word);
    else
        text_add_shell(out, word);
}

static void add_option(const options *o, option_id id, text *out)
{
    const option_row *row = &option_table[id];
    const void *field = (const char *)o + row->at;
    char word[32];
    if (!o->given[id])
        return;
    const option_use *use = command_option(o->command, row);
    text_addf(out, " --%s", row->name);
    if (row->type == OPTION_STRING)
        add_word(out, *(const char *const *)field);
    else if (row->type == OPTION_WORD)
        text_addf(out, " %s", options_word(option_words(use), *(const unsigned *)field, word));
    else if (row->type == OPTION_NUMBER)
        text_addf(out, " %" PRIu64, *(const uint64_t *)field);
}

void again_before_xid(const report *r, wp_xid xid, text *out)
{
    const options *o = r->options;
    char lsn[WP_LSN_TEXT_BYTES];
    text_addf(out, "pitr-find --before-xid %u", xid);
    for (size_t i = 0; i < sizeof kept / sizeof *kept; i++)
        add_option(o, kept[i], out);
    /* On another timeline another transaction may have that number. */
    if (o->given[OPT_TIMELINE] || r->archive->ntimelines > 1)
        text_addf(out, " --timeline %u", r->archive->timeline);
    /* Only then it says where reading begins. */
    if (o->from_command != NULL && o->given[OPT_FROM_LSN])
        text_addf(out, " --from-lsn %s", wp_lsn_format(o->from_lsn, lsn));
    for (size_t i = 0; i < o->nsources; i++)
        add_word(out, o->sources[i]);
}
