/*
 * who_of_biography.h - asks a server's log for a transaction whose biography is known (server_log/who.h).
 */
#ifndef PITR_FIND_WHO_OF_BIOGRAPHY_H
#define PITR_FIND_WHO_OF_BIOGRAPHY_H

#include "command/biography.h"

/* False with one line in message. Free the answer with who_free() in any case. */
bool who_of_biography(const who_config *config, const biography *b, who_answer *out,
                      text_list *warnings, char message[512]);

#endif
