/* keyring.c - see keyring.h. */
#include "codec/keyring.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/message.h"

#define PASSPHRASE_BYTES_MAX 4096

static char *list[KEYRING_MAX];
static size_t count;

void keyring_add(const char *passphrase)
{
    if (*passphrase == '\0' || count == KEYRING_MAX)
        return;
    for (size_t i = 0; i < count; i++)
        if (strcmp(list[i], passphrase) == 0)
            return;
    list[count] = strdup(passphrase);
    count += list[count] != NULL;
}

static bool load_file(const char *path, char *message)
{
    char line[PASSPHRASE_BYTES_MAX] = "";
    FILE *file = fopen(path, "r");
    if (!file)
        return message_fail(message, "cannot open \"%s\": %s", path, strerror(errno));
    const bool is_read = fgets(line, sizeof line, file) || !ferror(file);
    const int why = errno;
    (void)fclose(file);
    line[strcspn(line, "\r\n")] = '\0';
    const bool has_any = *line != '\0';
    keyring_add(line);
    explicit_bzero(line, sizeof line);
    if (!is_read)
        return message_fail(message, "cannot read \"%s\": %s", path, strerror(why));
    return has_any || message_fail(message, "\"%s\" has no passphrase in its first line", path);
}

bool keyring_load(const char *file, char message[MESSAGE_BYTES])
{
    static const char *const names[] = { "PITR_CIPHER_PASS", "PGBACKREST_REPO1_CIPHER_PASS" };
    if (file && !load_file(file, message))
        return false;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const char *value = getenv(names[i]);
        if (value)
            keyring_add(value);
    }
    return true;
}

size_t keyring_count(void)
{
    return count;
}

const char *keyring_at(size_t i)
{
    return i < count ? list[i] : "";
}

void keyring_clear(void)
{
    while (count > 0) {
        count--;
        explicit_bzero(list[count], strlen(list[count]));
        free(list[count]);
        list[count] = NULL;
    }
}
