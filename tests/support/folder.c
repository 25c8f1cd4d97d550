/* folder.c - see folder.h. */
#include "folder.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define ZLIB_CONST
#include <zlib.h>

static void need(int is_good, const char *what)
{
    if (is_good)
        return;
    perror(what);
    abort();
}

folder folder_new(void)
{
    folder f = { "/tmp/pitr-find-test.XXXXXX" };
    need(mkdtemp(f.path) != NULL, "mkdtemp");
    return f;
}

static int remove_entry(const char *path, const struct stat *st, int type, struct FTW *at)
{
    (void)st;
    (void)type;
    (void)at;
    return remove(path);
}

void folder_remove(const folder *f)
{
    need(nftw(f->path, remove_entry, 16, FTW_DEPTH | FTW_PHYS) == 0, f->path);
}

const char *in_folder(const folder *f, const char *name)
{
    static char paths[16][256];
    static size_t next;
    char *path = paths[next++ % 16];
    const int n = snprintf(path, sizeof paths[0], "%s/%s", f->path, name);
    need(n > 0 && (size_t)n < sizeof paths[0], name);
    return path;
}

static void make_folders_to(char *path)
{
    for (char *at = strchr(path + 1, '/'); at; at = strchr(at + 1, '/')) {
        *at = '\0';
        (void)mkdir(path, 0700);
        *at = '/';
    }
}

void put_file(const folder *f, const char *name, wp_view bytes)
{
    char path[256];
    (void)snprintf(path, sizeof path, "%s", in_folder(f, name));
    make_folders_to(path);
    FILE *file = fopen(path, "wb");
    need(file != NULL, path);
    need(bytes.len == 0 || fwrite(bytes.bytes, bytes.len, 1, file) == 1, path);
    need(fclose(file) == 0, path);
}

void put_text(const folder *f, const char *name, const char *text)
{
    put_file(f, name, (wp_view){ (const uint8_t *)text, strlen(text) });
}

void put_subfolder(const folder *f, const char *name)
{
    char path[256];
    (void)snprintf(path, sizeof path, "%s/", in_folder(f, name));
    make_folders_to(path);
}

void put_gzip(blob *b, wp_view bytes)
{
    z_stream z = { 0 };
    need(deflateInit2(&z, Z_DEFAULT_COMPRESSION, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY)
             == Z_OK,
         "deflateInit2");
    const size_t room = deflateBound(&z, (uLong)bytes.len);
    uint8_t *out = malloc(room);
    need(out != NULL, "malloc");
    z.next_in = bytes.bytes;
    z.avail_in = (uInt)bytes.len;
    z.next_out = out;
    z.avail_out = (uInt)room;
    need(deflate(&z, Z_FINISH) == Z_STREAM_END, "deflate");
    put_raw(b, out, room - z.avail_out);
    (void)deflateEnd(&z);
    free(out);
}
