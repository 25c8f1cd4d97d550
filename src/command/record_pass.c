/* record_pass.c - see record_pass.h. */
#include "command/record_pass.h"

#include "base/message.h"
#include "scan/scan.h"

bool record_pass_decode(void *filter, const wp_record *record, wp_facts *facts)
{
    return wp_record_facts(filter, record, facts) >= 0;
}

bool record_pass_run(const record_pass *pass, char message[MESSAGE_BYTES])
{
    wp_record_filter filter = *pass->filter;
    scan_result seen;
    const scan_config config = { .jobs = pass->jobs,
                                 .show_progress = true,
                                 .callbacks = { .context = pass->context, .on_fact = pass->take },
                                 .stop = pass->stop,
                                 .on_record = record_pass_decode,
                                 .record_context = &filter };
    const scan_outcome outcome = scan_once(pass->wal, &config, &seen, message);
    return outcome != SCAN_FAILED;
}
