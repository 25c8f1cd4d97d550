/*
 * find_who.h - asks a server's log for the transaction that was found (server_log/who.h).
 */
#ifndef PITR_FIND_FIND_WHO_H
#define PITR_FIND_FIND_WHO_H

#include "cli/options.h"
#include "search/search.h"
#include "server_log/who.h"

/* As --log and --log-line-prefix say. False: there is none. What it points to is the options'. */
bool find_who_config(const options *o, who_config *out);

/* False with one line in message. Free the answer with who_free() in any case. */
bool find_who(const options *o, const search_result *found, who_answer *out, text_list *warnings,
              char message[512]);

#endif
