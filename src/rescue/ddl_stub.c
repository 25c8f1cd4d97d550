#include "rescue/ddl.h"
#include <stdlib.h>
struct ddl {
    int x;
};
ddl *ddl_new(dictionary *d, const heap *h)
{
    (void)d;
    (void)h;
    return calloc(1, sizeof(ddl));
}
void ddl_free(ddl *d)
{
    free(d);
}
bool ddl_files(ddl *d, const dictionary_relation *r, dictionary_needs *out, char message[512])
{
    (void)d;
    (void)r;
    (void)out;
    (void)message;
    return true;
}
void ddl_preamble(const dictionary_database *db, text *out)
{
    (void)db;
    text_add(out, "");
}
bool ddl_before_rows(ddl *d, const dictionary_relation *r, const ddl_options *o, text *out,
                     ddl_gaps *gaps, char message[512])
{
    (void)d;
    (void)r;
    (void)o;
    (void)out;
    (void)gaps;
    (void)message;
    return true;
}
bool ddl_after_rows(ddl *d, const dictionary_relation *r, const ddl_options *o, text *out,
                    ddl_gaps *gaps, char message[512])
{
    (void)d;
    (void)r;
    (void)o;
    (void)out;
    (void)gaps;
    (void)message;
    return true;
}
bool ddl_key(ddl *d, const dictionary_relation *r, size_t *columns, size_t room, size_t *n,
             char message[512])
{
    (void)d;
    (void)r;
    (void)columns;
    (void)room;
    *n = 0;
    (void)message;
    return true;
}
