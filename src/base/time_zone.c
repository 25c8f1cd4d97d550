/* time_zone.c - see time_zone.h. */
#include "base/time_zone.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

static bool is_letter(char c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

/* "America/Argentina/Buenos_Aires", "Etc/GMT+5": parts begin with a letter, so none is a way up or out. */
static bool is_spelt_like_one(const char *name)
{
    const size_t len = strlen(name);
    char before = '/';
    if (len == 0 || len >= ZONE_NAME_BYTES)
        return false;
    for (; *name != '\0'; before = *name++) {
        const bool is_good =
            before == '/' ? is_letter(*name) : is_letter(*name) || strchr("/_+-0123456789", *name);
        if (!is_good)
            return false;
    }
    return before != '/';
}

/* Every file of the database begins like that; the folder has others as well. */
static bool is_zone_file(const char *path)
{
    char magic[4];
    struct stat st;
    if (stat(path, &st) != 0 || !S_ISREG(st.st_mode))
        return false;
    FILE *file = fopen(path, "re");
    if (file == NULL)
        return false;
    const bool is_one = fread(magic, 1, sizeof magic, file) == sizeof magic
                        && memcmp(magic, "TZif", sizeof magic) == 0;
    (void)fclose(file);
    return is_one;
}

bool time_zone_is_known(const char *name)
{
    char path[4096];
    const char *folder = getenv("TZDIR"); /* the C library heeds it, too */
    if (folder == NULL || *folder == '\0')
        folder = "/usr/share/zoneinfo";
    if (!is_spelt_like_one(name))
        return false;
    const int len = snprintf(path, sizeof path, "%s/%s", folder, name);
    return len > 0 && (size_t)len < sizeof path && is_zone_file(path);
}

bool time_zone_enter(const char *name, time_zone_before *before)
{
    const char *old = getenv("TZ");
    before->name = old != NULL ? strdup(old) : NULL;
    if ((old != NULL && before->name == NULL) || setenv("TZ", name, 1) != 0) {
        free(before->name);
        return false;
    }
    tzset();
    return true;
}

void time_zone_leave(time_zone_before *before)
{
    if (before->name != NULL)
        (void)setenv("TZ", before->name, 1);
    else
        (void)unsetenv("TZ");
    tzset();
    free(before->name);
    before->name = NULL;
}
