/*
 * fuzz_files.c - any bytes as one of the small files beside WAL: timeline history, backup label or .backup file,
 * backup_manifest, pg_filenode.map, pg_control.
 *
 * Input: a byte that chooses the file and, for pg_control, the major; then its bytes.
 */
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "archive/timeline_file.h"

/* A history that was taken must be one: timelines rise, each stretch begins where the one before ends. */
static void as_history(wp_view text)
{
    char message[512] = "";
    timeline_history history = { 0 };
    const wp_tli tli = 9;
    if (!timeline_parse(text, tli, &history, message)) {
        if (message[0] == '\0' || strchr(message, '\n'))
            abort();
        return;
    }
    const timeline_span *spans = history.spans;
    if (history.nspans == 0 || spans[history.nspans - 1].tli != tli || spans[0].begin != 0
        || spans[history.nspans - 1].end != UINT64_MAX)
        abort();
    for (size_t i = 1; i < history.nspans; i++)
        if (spans[i].tli <= spans[i - 1].tli || spans[i].begin != spans[i - 1].end)
            abort();
    timeline_free(&history);
}

static void as_label(wp_view text)
{
    wp_backup_label label;
    wp_error err;
    if (wp_backup_label_parse(text, &label, &err) >= 0
        && (label.start_lsn == 0 || strlen(label.label) >= sizeof label.label))
        abort();
}

static void as_manifest(wp_view text)
{
    wp_backup_manifest manifest;
    wp_backup_manifest_parse(text, &manifest);
}

static void as_map(wp_view bytes)
{
    wp_relmap_entry entries[WP_RELMAP_ENTRIES_MAX];
    wp_error err;
    size_t n = 0;
    if (wp_relmap_parse(bytes, entries, &n, &err) >= 0 && n > WP_RELMAP_ENTRIES_MAX)
        abort();
}

static void as_control(uint8_t number, wp_view bytes)
{
    wp_control control;
    wp_error err;
    (void)wp_control_parse(fuzz_choose_server(number).profile, bytes, &control, &err);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static void (*const files[])(wp_view) = { as_history, as_label, as_manifest, as_map };
    const size_t nfiles = sizeof files / sizeof *files;
    if (size == 0)
        return 0;
    uint8_t *exact = malloc(size); /* so that a sanitizer sees one read too many */
    if (!exact)
        return 0;
    memcpy(exact, data + 1, size - 1);
    const wp_view bytes = { exact, size - 1 };
    if (data[0] < nfiles)
        files[data[0]](bytes);
    else
        as_control((uint8_t)(data[0] - nfiles), bytes);
    free(exact);
    return 0;
}
