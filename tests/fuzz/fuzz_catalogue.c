/*
 * fuzz_catalogue.c - any bytes as a file of an archiver's catalogue, and as a tar archive.
 *
 * Input: a byte that chooses, then the bytes. Below the number of names: a file of that name. Otherwise a
 * tar archive: its members are listed, and each is read through its own path, the last one first.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "catalogue.h"
#include "input.h"
#include "tar.h"

#define MEMBERS_MAX 64
#define MEMBER_BYTES_MAX ((size_t)4 << 20)

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

static void as_catalogue(size_t at, const uint8_t *data, size_t size)
{
    catalogue got = { 0 };
    if (!catalogue_parse(names[at].kind, names[at].path, (wp_view){ data, size }, &got))
        abort();
    for (size_t i = 0; i < got.nbackups; i++)
        if (!got.backups[i].id[0] || got.backups[i].stop < got.backups[i].start)
            abort();
    catalogue_free(&got);
}

static input *read_member(const char *path, input *in)
{
    char message[512];
    wp_view got = { 0 };
    size_t total = 0;
    in = input_open(path, in, message);
    while (in && input_read(in, &got, message) && got.len > 0 && total < MEMBER_BYTES_MAX)
        total += got.len;
    return in;
}

static void as_tar(const uint8_t *data, size_t size)
{
    char path[64], message[512];
    char *members[MEMBERS_MAX];
    size_t n = 0;
    const int fd = memfd_create("tar", MFD_CLOEXEC);
    if (fd < 0 || write(fd, data, size) != (ssize_t)size)
        abort();
    (void)snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    tar *t = tar_open(path, message);
    tar_member m;
    while (t && n < MEMBERS_MAX && tar_next(t, &m, message) == TAR_MEMBER)
        if ((members[n] = tar_path_make(path, &m)))
            n++;
    tar_close(t);
    input *in = NULL;
    for (size_t i = n; i-- > 0; free(members[i]))
        in = read_member(members[i], in);
    input_free(in);
    (void)close(fd);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    if (data[0] < sizeof names / sizeof *names)
        as_catalogue(data[0], data + 1, size - 1);
    else
        as_tar(data + 1, size - 1);
    return 0;
}
