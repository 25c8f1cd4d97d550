/* xid_epoch.c - see xid_epoch.h. */
#include "search/xid_epoch.h"

#include <inttypes.h>
#include <unistd.h>

#include "base/message.h"
#include "base/result.h"
#include "scan/scan.h"
#include "search/wal_reach.h"

#define HALF_OF_ALL_XIDS (UINT64_C(1) << 31)

typedef struct epochs {
    uint64_t asked, next; /* next: of the last checkpoint; 0: none */
    bool is_here;
    wal_reach reach;
} epochs;

static bool decode_record(void *context, const wp_record *record, wp_facts *facts)
{
    (void)context;
    return wp_checkpoint_facts(record, facts) >= 0;
}

static void take_fact(void *context, const wp_fact *fact)
{
    epochs *seen = context;
    wal_reach_take(&seen->reach, fact);
    if (fact->kind != WP_FACT_CHECKPOINT)
        return;
    const wp_fact_checkpoint *checkpoint = (const void *)fact;
    const uint64_t next = (uint64_t)checkpoint->next_epoch << 32 | checkpoint->next_xid;
    const uint64_t apart = next > seen->asked ? next - seen->asked : seen->asked - next;
    seen->next = next;
    seen->is_here |= apart < HALF_OF_ALL_XIDS;
}

static bool read_epochs(const archive *wal, unsigned jobs, epochs *seen, bool *is_whole,
                        char message[MESSAGE_BYTES])
{
    scan_result result;
    const scan_config config = { .jobs = jobs,
                                 .show_progress = !isatty(STDOUT_FILENO),
                                 .callbacks = { .context = seen, .on_fact = take_fact },
                                 .stop = &seen->is_here,
                                 .on_record = decode_record };
    const scan_outcome outcome = scan_once(wal, &config, &result, message);
    *is_whole = outcome != SCAN_FAILED && result.ndamages == 0 && wal->nconflicts == 0;
    return outcome != SCAN_FAILED;
}

static void tell_other_epoch(const epochs *seen, const archive *wal)
{
    char begin[WP_LSN_TEXT_BYTES], end[WP_LSN_TEXT_BYTES];
    log_story("pitr-find: no transaction %" PRIu64
              " along timeline %u: that is %u of epoch %u, and by the last checkpoint of this WAL, "
              "which begins at %s and ends at %s, the next one is %u of epoch %u",
              seen->asked, wal->timeline, (wp_xid)(seen->asked & UINT32_MAX),
              (unsigned)(seen->asked >> 32), wp_lsn_format(seen->reach.begin, begin),
              wp_lsn_format(seen->reach.end, end), (wp_xid)(seen->next & UINT32_MAX),
              (unsigned)(seen->next >> 32));
}

bool xid_epoch_is_here(const archive *wal, uint64_t xid, unsigned jobs, exit_code *code)
{
    char message[MESSAGE_BYTES];
    epochs seen = { .asked = xid };
    bool is_whole;
    *code = EXIT_FOUND;
    if (xid <= UINT32_MAX)
        return true;
    if (!read_epochs(wal, jobs, &seen, &is_whole, message)) {
        *code = result_trouble(message);
        return false;
    }
    if (seen.is_here)
        return true;
    if (seen.next == 0) {
        log_warning("no checkpoint in this WAL tells its epoch: what is told of transaction %u may "
                    "be of another one than %" PRIu64,
                    (wp_xid)(xid & UINT32_MAX), xid);
        *code = EXIT_DOUBT;
        return true;
    }
    tell_other_epoch(&seen, wal);
    if (!is_whole)
        log_warning("some of the WAL could not be read: see pitr-find verify");
    *code = is_whole ? EXIT_NOTHING : EXIT_DOUBT;
    return false;
}
