/*
 * plain_file.c - see plain_file.h.
 */
#include "backup/plain_file.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/opened.h"

int plain_file_open(const char *path)
{
    const int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    if (fd >= 0)
        opened_note(path);
    return fd;
}

bool plain_file_read(int fd, uint8_t *buf, size_t room, off_t at, size_t *len)
{
    for (*len = 0; *len < room;) {
        const ssize_t n = pread(fd, buf + *len, room - *len, at + (off_t)*len);
        if (n < 0 && errno != EINTR)
            return false;
        if (n == 0)
            break;
        *len += n > 0 ? (size_t)n : 0;
    }
    return true;
}
