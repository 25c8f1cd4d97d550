/*
 * visible.h - which rows of a page are there: rows of pages at an LSN (redo.h), and how the transactions ended that made and removed them.
 *
 *     wp_fates_record(fates, &record, &err);     // each record that wp_redo_record() is given
 *     ...
 *     while (wp_page_next_row(page, &item, &tuple))
 *         wp_row_judge(fates, redo, tuple, place, &verdict, &err);
 *
 * A row is there when a transaction that begins at that LSN, on a server that has replayed as much, would see it. Hints that are set are
 * trusted: a page of the backup was read, and an image written, after the transactions ended that its hints tell of. Missing ones say
 * nothing.
 */
#ifndef WALPARSE_VISIBLE_H
#define WALPARSE_VISIBLE_H

#include <walparse/redo.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * What became of a transaction, or a subtransaction, up to where replay has come. A subtransaction commits when its transaction does, and
 * may be aborted before.
 */
typedef enum wp_xid_fate {
    WP_XID_UNKNOWN, /* neither the WAL nor pg_xact of the backup tells */
    WP_XID_COMMITTED,
    WP_XID_ABORTED,
    WP_XID_NOT_ENDED /* in progress, prepared, or it died with the server */
} wp_xid_fate;

typedef struct wp_fates wp_fates;

/** block_bytes: BLCKSZ. Free it with wp_fates_free(). WP_ERR_NOMEM, WP_ERR_USAGE. */
WP_API wp_status wp_fates_new(const struct wp_profile *profile, uint32_t block_bytes,
                              wp_fates **out, wp_error *err);

/** Takes the ends of transactions out of a record; each one must be given, of whatever manager. WP_ERR_NOMEM, WP_ERR_DAMAGE. */
WP_API wp_status wp_fates_record(wp_fates *fates, const wp_record *record, wp_error *err);

/**
 * An end that the WAL has told counts; else what pg_xact of redo's backup says (WP_REDO_XACT must be a wanted file of it). That is all:
 * who ended before the redo point is in pg_xact before the checkpoint ends with which the backup begins, and the WAL has the others. pg_xact
 * was copied at some time during the backup, so before the end of the backup this may tell of ends that are still to come; from there on,
 * and the target is never before, the WAL has told them all. Without pg_xact, who began after the WAL's first list of transactions in progress
 * has not ended unless the WAL tells so. Fails as wp_redo_page().
 */
WP_API wp_status wp_fates_of(wp_fates *fates, wp_redo *redo, wp_xid xid, wp_xid_fate *out,
                             wp_error *err);

/** NULL is fine. */
WP_API void wp_fates_free(wp_fates *fates);

/**
 * Steps to the next row of a page of a table, one whose line pointer is a normal one. *item is 0 at first, then the row's number. False: there is
 * none. Of a row that lies outside the page's rows nothing is handed out, len is 0: it is one in doubt.
 */
WP_API bool wp_page_next_row(wp_view page, uint16_t *item, wp_view *tuple);

/**
 * May a page of the backup be one of a table or sequence: are its header's numbers in order, do no two rows share bytes, and do
 * only rows have some? A new page, all zeros, is one without rows. Of one that the server reads
 * without a word this may be false: it would lose rows there. max_align: as in wp_redo_config.
 */
WP_API bool wp_page_is_of_table(wp_view page, uint8_t max_align);

typedef enum wp_row_state { WP_ROW_THERE, WP_ROW_NOT_THERE, WP_ROW_IN_DOUBT } wp_row_state;

/* Why a row is in doubt. */
typedef enum wp_row_doubt {
    WP_ROW_DOUBT_NONE,
    WP_ROW_DOUBT_MAKER,     /* nobody knows how the transaction ended that made it */
    WP_ROW_DOUBT_REMOVER,   /* the same of the one that removed or replaced it */
    WP_ROW_DOUBT_MULTIXACT, /* the members of its multixact are not known */
    WP_ROW_DOUBT_HEADER,    /* its header contradicts itself */
    WP_ROW_DOUBTS
} wp_row_doubt;

typedef struct wp_row_place {
    uint32_t block;
    uint16_t item;
} wp_row_place;

typedef struct wp_row_verdict {
    wp_row_state state;
    wp_row_doubt doubt;
    wp_xid xid; /* or multixact, of the doubt */
    /*
     * Of a row that is there, or whose maker has not ended: the transaction (or subtransaction) that has removed or replaced it and has not
     * ended; 0: none.
     */
    wp_xid remover;
    bool is_replaced;   /* by that one: t_ctid leads to a newer version */
    bool is_moved;      /* and that is in another partition, nobody knows where */
    wp_row_place newer; /* of a replaced row that was not moved */
} wp_row_verdict;

/**
 * tuple: with its header; at: where it lies. Bytes of pages that redo handed out are lost by this call: tuple must be a copy. All three
 * logs (wp_redo_log) must be wanted files of redo. Fails as wp_redo_page().
 */
WP_API wp_status wp_row_judge(wp_fates *fates, wp_redo *redo, wp_view tuple, wp_row_place at,
                              wp_row_verdict *out, wp_error *err);

#ifdef __cplusplus
}
#endif
#endif
