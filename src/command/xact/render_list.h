/*
 * render_list.h - the transactions of a window: table, JSON lines, CSV.
 */
#ifndef PITR_FIND_RENDER_LIST_H
#define PITR_FIND_RENDER_LIST_H

#include "base/text.h"
#include "command/xact/ledger.h"

/* In the order of the words of --format. */
typedef enum xact_format { XACT_TABLE, XACT_JSON, XACT_CSV, XACT_FORMATS } xact_format;

/* A finished ledger. */
extern void (*const render_list[XACT_FORMATS])(const ledger *from, text *out);

#endif
