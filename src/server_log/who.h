/*
 * who.h - who did it: joins what a server's log says with a transaction of its WAL.
 *
 * Proven is only what a line with the transaction's id says, in the same database and at a time that fits; and what
 * the same session logged under that line's virtual transaction id. Everything else is likely at best.
 */
#ifndef PITR_FIND_WHO_H
#define PITR_FIND_WHO_H

#include <walparse/types.h>

#include "base/text.h"

/* So many that may have done it are told. */
#define WHO_SUSPECTS_MAX 5
/* So much of a statement is told. */
#define WHO_STATEMENT_BYTES ((size_t)64 << 10)
/* So many of the transaction's events are looked for in statements. */
#define WHO_EVENTS_MAX 16

typedef enum who_certainty { WHO_UNKNOWN, WHO_LIKELY, WHO_PROVEN } who_certainty;

typedef struct who_config {
    const char *const *logs; /* files and folders */
    size_t nlogs;
    const char *prefix; /* log_line_prefix of stderr logs; NULL: it is guessed */
} who_config;

typedef struct who_question {
    wp_xid xid; /* of the top-level transaction */
    const wp_xid *subxids;
    size_t nsubxids;
    wp_time commit_time;
    bool is_prepared;     /* committed by COMMIT PREPARED: by any session, at any later time */
    bool is_rolled_back;  /* commit_time is that of its rollback */
    const char *database; /* NULL: its name is not known */
    /* "DROP TABLE public.orders": what it did, what matters most first. */
    const char *events[WHO_EVENTS_MAX];
    size_t nevents;
} who_question;

/* A session that did it, or may have. Strings are owned by the answer; NULL: not known. */
typedef struct who_suspect {
    char *user, *database, *application, *client, *session_id, *virtual_xid, *statement;
    bool is_statement_cut;
    uint64_t statements; /* of the transaction that may have done it, as far as they are logged */
    who_certainty certainty, statement_certainty;
    uint64_t pid; /* 0: not known */
    wp_time time; /* of the line */
    char *file;   /* of the line that tells of the statement; of another one, where none does */
    uint64_t line;
    char *proof_file; /* of the line that has the transaction's id; NULL: none has */
    uint64_t proof_line;
    char *reason; /* of its certainty, in words */
} who_suspect;

typedef struct who_answer {
    who_certainty certainty;
    who_suspect
        items[WHO_SUSPECTS_MAX]; /* the likeliest first: by time the nearest to the commit */
    size_t count;
    uint64_t total; /* that there are; they may be more than those told */
    char *reason;   /* WHO_UNKNOWN: why; else NULL */
} who_answer;

/*
 * Reads the log. False with one line in message: it cannot be read, or its prefix has to be given. For the time when
 * there are no threads (base/time_text.h). Free the answer in any case.
 */
bool who_ask(const who_config *config, const who_question *q, who_answer *out, text_list *warnings,
             char message[512]);
void who_free(who_answer *answer);

/* "proven", "likely", "unknown". */
const char *who_certainty_word(who_certainty certainty);

#endif
