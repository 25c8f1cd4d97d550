/*
 * fuzz_tar.c - any bytes as a tar archive.
 *
 * Input: a byte that chooses, then the archive, packed or not. Its members are listed; bit 0 set: some bytes of each
 * are read on the way, as many as the other bits say. Then each is read through its own path, the last one first.
 */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "file/input.h"
#include "file/tar.h"

#define MEMBERS_MAX 64
#define MEMBER_BYTES_MAX ((size_t)4 << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

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

/* False: the archive ends here. */
static bool read_some(tar *t, const tar_member *m, size_t wanted, char *message)
{
    uint8_t some[256];
    const size_t n = m->size < wanted ? (size_t)m->size : wanted;
    return n > sizeof some || tar_read(t, some, n, message);
}

/* A path must lead back to where it came from. */
static char *path_of(const char *archive, const tar_member *m)
{
    char split[PATH_MAX];
    uint64_t header_at;
    char *path = tar_path_make(archive, m);
    if (path
        && (!tar_path_split(path, split, &header_at) || strcmp(split, archive) != 0
            || header_at != m->header_at))
        abort();
    return path;
}

static size_t list(const char *path, uint8_t choice, char *members[MEMBERS_MAX])
{
    char message[512];
    size_t n = 0;
    tar *t = tar_open(path, message);
    tar_member m;
    while (t && n < MEMBERS_MAX && tar_next(t, &m, message) == TAR_MEMBER) {
        if (strlen(m.name) >= sizeof m.name)
            abort();
        if ((members[n] = path_of(path, &m)))
            n++;
        if ((choice & 1) && !read_some(t, &m, choice >> 1, message))
            break;
    }
    tar_close(t);
    return n;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char path[64];
    char *members[MEMBERS_MAX];
    if (size == 0)
        return 0;
    const int fd = memfd_create("tar", MFD_CLOEXEC);
    if (fd < 0 || write(fd, data + 1, size - 1) != (ssize_t)(size - 1))
        abort();
    (void)snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    const size_t n = list(path, data[0], members);
    input *in = NULL;
    for (size_t i = n; i-- > 0; free(members[i]))
        in = read_member(members[i], in);
    input_free(in);
    (void)close(fd);
    return 0;
}
