/* sha256.c - see sha256.h. Uses OpenSSL's libcrypto. */
#include "codec/sha256.h"

#include <stdio.h>

#include "base/message.h"

char *sha256_text(const uint8_t digest[SHA256_BYTES], char buf[SHA256_TEXT_BYTES])
{
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < SHA256_BYTES; i++) {
        buf[2 * i] = digits[digest[i] >> 4];
        buf[2 * i + 1] = digits[digest[i] & 15];
    }
    buf[SHA256_TEXT_BYTES - 1] = '\0';
    return buf;
}

#ifdef WITH_CRYPTO

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>

#define CHUNK_BYTES ((size_t)1 << 20)

bool sha256_is_here(char message[MESSAGE_BYTES])
{
    (void)message;
    return true;
}

const char *sha256_library(void)
{
    return OpenSSL_version(OPENSSL_VERSION);
}

bool sha256_of(const void *bytes, size_t len, uint8_t out[SHA256_BYTES],
               char message[MESSAGE_BYTES])
{
    return EVP_Digest(bytes, len, out, NULL, EVP_sha256(), NULL) == 1
           || message_fail(message, "libcrypto makes no SHA-256");
}

static bool read_all(int fd, EVP_MD_CTX *context, uint8_t *chunk, uint64_t *size)
{
    ssize_t n;
    for (*size = 0; (n = read(fd, chunk, CHUNK_BYTES)) != 0;) {
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0 || EVP_DigestUpdate(context, chunk, (size_t)n) != 1)
            return false;
        *size += (uint64_t)n;
    }
    return true;
}

static bool digest_fd(int fd, uint8_t out[SHA256_BYTES], uint64_t *size)
{
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    uint8_t *chunk = malloc(CHUNK_BYTES);
    errno = ENOMEM;
    const bool is_good =
        context != NULL && chunk != NULL && EVP_DigestInit_ex(context, EVP_sha256(), NULL) == 1
        && read_all(fd, context, chunk, size) && EVP_DigestFinal_ex(context, out, NULL) == 1;
    const int error = errno;
    free(chunk);
    EVP_MD_CTX_free(context);
    errno = error;
    return is_good;
}

bool sha256_of_file(const char *path, uint8_t out[SHA256_BYTES], uint64_t *size,
                    char message[MESSAGE_BYTES])
{
    /* A pipe that nobody writes to is not waited for. */
    const int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    struct stat status;
    const bool is_file = fd >= 0 && fstat(fd, &status) == 0 && S_ISREG(status.st_mode);
    const bool is_good = is_file && digest_fd(fd, out, size);
    const int error = fd >= 0 && !is_file ? EINVAL : errno;
    if (fd >= 0)
        (void)close(fd);
    return is_good || message_fail(message, "cannot read \"%.300s\": %s", path, strerror(error));
}

#else

bool sha256_is_here(char message[MESSAGE_BYTES])
{
    return message_fail(message,
                        "this build has no libcrypto, and so no SHA-256: see \"Install\" in "
                        "README.md");
}

const char *sha256_library(void)
{
    return "";
}

bool sha256_of(const void *bytes, size_t len, uint8_t out[SHA256_BYTES],
               char message[MESSAGE_BYTES])
{
    (void)bytes, (void)len, (void)out;
    return sha256_is_here(message);
}

bool sha256_of_file(const char *path, uint8_t out[SHA256_BYTES], uint64_t *size,
                    char message[MESSAGE_BYTES])
{
    (void)path, (void)out, (void)size;
    return sha256_is_here(message);
}

#endif
