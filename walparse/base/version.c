/*
 * version.c - the library's version, given by the build.
 */
#include <walparse/walparse.h>

const char *wp_version(void)
{
    return WP_VERSION_STRING;
}
