/* libpq.c - see libpq.h. */
#ifdef WITH_LIBPQ

#include "server/libpq.h"

#include <dlfcn.h>
#include <string.h>

#include "base/message.h"

#define LIBRARY "libpq.so.5" /* the name of all its versions since 8.0 */

/* ISO C has no cast from an object to a function. */
static bool find(void *library, const char *name, void *out, char message[MESSAGE_BYTES])
{
    void *at = dlsym(library, name);
    if (!at)
        return message_fail(message, "this %s has no %s: install a newer libpq5", LIBRARY, name);
    memcpy(out, &at, sizeof at);
    return true;
}

bool libpq_load(libpq *out, const char *who, char message[MESSAGE_BYTES])
{
    void *library = dlopen(LIBRARY, RTLD_NOW | RTLD_LOCAL);
    if (!library)
        return message_fail(message, "%s needs %s, which cannot be loaded: install libpq5", who,
                            LIBRARY);
    bool is_good = true;
#define LIBPQ_FIND(name) is_good = is_good && find(library, #name, &out->name, message);
    LIBPQ_FUNCTIONS(LIBPQ_FIND)
#undef LIBPQ_FIND
    return is_good;
}

#endif
