/*
 * fuzz_catalogue.c - any bytes as a file of an archiver's catalogue.
 *
 * Input: a byte that chooses the file's name, then the bytes.
 */
#include <stdlib.h>

#include "archive/archiver_catalog.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct {
    layout_kind kind;
    const char *path;
} names[] = {
    { LAYOUT_PGBACKREST, "r/archive.info" },
    { LAYOUT_PGBACKREST, "r/backup.info" },
    { LAYOUT_BARMAN, "s/base/20261122T222055/backup.info" },
    { LAYOUT_BARMAN, "s/identity.json" },
    { LAYOUT_WALG, "base_000000010000000000000010_backup_stop_sentinel.json" },
    { LAYOUT_PROBACKUP, "main/TOWJ27/backup.control" },
    { LAYOUT_RMAN, "20261122/222055/backup.ini" },
    { LAYOUT_PGMONETA, "20261122222055/backup.info" },
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    const size_t at = data[0] % (sizeof names / sizeof *names);
    catalogue got = { 0 };
    if (!archiver_catalog_parse(names[at].kind, names[at].path, (wp_view){ data + 1, size - 1 },
                                &got))
        abort();
    for (size_t i = 0; i < got.nbackups; i++)
        if (!got.backups[i].id[0] || got.backups[i].stop < got.backups[i].start)
            abort();
    archiver_catalog_free(&got);
    return 0;
}
