/*
 * saved_pages.c - see saved_pages.h. Mirrors bin/pg_waldump/pg_waldump.c, create_fullpage_directory() and XLogRecordSaveFPWs().
 */
#include "command/dump/saved_pages.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"

/* Images that do not unpack are told one by one up to here. */
#define BROKEN_TOLD_MAX 64
/* TIMELINE-LSN.TABLESPACE.DATABASE.FILE.BLOCK_FORK */
#define PAGE_NAME_BYTES 96
/* Rows of tables are in them: they are as private as a data directory. */
#define FOLDER_MODE 0700
#define FILE_MODE 0600

static const char *const forks[] = { "main", "fsm", "vm", "init" };

/* ---- the folder ------------------------------------------------------------------------------ */

/* Makes the folder and those above it that are missing. False: errno says why. */
static bool make_folders(const char *path)
{
    char *name = strdup(path);
    bool is_good = name != NULL;
    for (char *end = name; is_good && end != NULL;) {
        end = strchr(end + strspn(end, "/"), '/');
        if (end != NULL)
            *end = '\0';
        is_good = mkdir(name, FOLDER_MODE) == 0 || errno == EEXIST;
        if (end != NULL)
            *end = '/';
    }
    const int error = errno;
    free(name);
    errno = error;
    return is_good;
}

/* -1: it cannot be read, errno says why. */
static int is_empty(int fd)
{
    const int copy = openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *folder = copy >= 0 ? fdopendir(copy) : NULL;
    if (folder == NULL) {
        if (copy >= 0)
            (void)close(copy);
        return -1;
    }
    int empty = 1;
    errno = 0;
    for (const struct dirent *entry; empty == 1 && (entry = readdir(folder)) != NULL;)
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
            empty = 0;
    if (errno != 0)
        empty = -1;
    const int error = errno;
    (void)closedir(folder);
    errno = error;
    return empty;
}

bool saved_pages_open(saved_pages *pages, const char *folder, const archive *wal)
{
    *pages = (saved_pages){ .folder = folder, .wal = wal, .fd = -1 };
    pages->page = malloc(wal->block_size);
    if (pages->page == NULL)
        return message_no_memory(pages->message);
    if (make_folders(folder))
        pages->fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    const int empty = pages->fd >= 0 ? is_empty(pages->fd) : -1;
    if (empty < 0)
        return message_fail(pages->message, "cannot use %.300s for pages: %s", folder,
                            strerror(errno));
    return empty
           || message_fail(pages->message,
                           "--save-fullpage takes a folder that is empty or does not exist: "
                           "%.300s has files",
                           folder);
}

void saved_pages_close(saved_pages *pages)
{
    if (pages->nbroken > BROKEN_TOLD_MAX)
        log_warning("%" PRIu64 " more page images could not be saved",
                    pages->nbroken - BROKEN_TOLD_MAX);
    if (pages->fd >= 0)
        (void)close(pages->fd);
    free(pages->page);
}

/* ---- pages ----------------------------------------------------------------------------------- */

static bool note_broken(saved_pages *pages, const wp_fact_image *image, const char *why)
{
    if (pages->nbroken++ < BROKEN_TOLD_MAX) {
        (void)fflush(stdout);
        log_warning("the image of block %" PRIu32 " of %" PRIu32 "/%" PRIu32 "/%" PRIu32
                    ", fork %u, in the record at %" PRIX32 "/%" PRIX32 " %s",
                    image->block, image->locator.spc, image->locator.db, image->locator.rel,
                    image->fork, (uint32_t)(image->fact.lsn >> 32), (uint32_t)image->fact.lsn, why);
    }
    return true;
}

static bool fail_to_write(saved_pages *pages, const char *name)
{
    pages->is_failed = true;
    return message_fail(pages->message, "cannot write %.300s/%s: %s", pages->folder, name,
                        strerror(errno));
}

/* False: errno says why. */
static bool write_whole(int fd, const uint8_t *bytes, size_t len)
{
    for (size_t done = 0; done < len;) {
        const ssize_t n = write(fd, bytes + done, len - done);
        if (n < 0 && errno != EINTR)
            return false;
        done += n > 0 ? (size_t)n : 0;
    }
    return true;
}

/* What could not be written whole is not left there. */
static bool write_page(saved_pages *pages, const char *name)
{
    const int fd = openat(pages->fd, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, FILE_MODE);
    if (fd < 0)
        return fail_to_write(pages, name);
    const bool is_written = write_whole(fd, pages->page, pages->wal->block_size);
    const int error = errno;
    const bool is_closed = close(fd) == 0;
    if (is_written && is_closed)
        return true;
    if (!is_written)
        errno = error;
    const bool is_told = fail_to_write(pages, name);
    (void)unlinkat(pages->fd, name, 0);
    return is_told;
}

bool saved_pages_take(saved_pages *pages, const wp_fact_image *image)
{
    const wp_lsn lsn = image->fact.lsn;
    const archive_segment *segment = archive_segment_of(pages->wal, lsn);
    if (image->fork >= sizeof forks / sizeof *forks)
        return note_broken(pages, image, "is of no fork that a server has");
    switch (
        wp_image_restore(pages->wal->info.profile, image, pages->page, pages->wal->block_size)) {
    case WP_OK:
        break;
    case WP_ERR_LIMIT:
        return note_broken(pages, image, "is packed by a method that cannot be unpacked here");
    default:
        return note_broken(pages, image, "does not unpack to a page");
    }
    char name[PAGE_NAME_BYTES];
    (void)snprintf(name, sizeof name,
                   "%08" PRIX32 "-%08" PRIX32 "-%08" PRIX32 ".%" PRIu32 ".%" PRIu32 ".%" PRIu32
                   ".%" PRIu32 "_%s",
                   segment != NULL ? segment->tli : pages->wal->timeline, (uint32_t)(lsn >> 32),
                   (uint32_t)lsn, image->locator.spc, image->locator.db, image->locator.rel,
                   image->block, forks[image->fork]);
    return write_page(pages, name);
}
