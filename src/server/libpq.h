/*
 * libpq.h - libpq, loaded when a server is to be asked: the 25 libraries it brings along would double the time this
 * program takes to find a drop in a segment.
 */
#ifndef PITR_FIND_LIBPQ_H
#define PITR_FIND_LIBPQ_H

#ifdef WITH_LIBPQ

#include <stdbool.h>

#include <libpq-fe.h>

// clang-format off
#define LIBPQ_FUNCTIONS(each) \
    each(PQclear) each(PQconnectPoll) each(PQconnectStartParams) each(PQconninfoFree) \
    each(PQconninfoParse) each(PQconsumeInput) each(PQerrorMessage) each(PQfinish) each(PQflush) \
    each(PQfreemem) each(PQgetCopyData) each(PQgetResult) each(PQgetisnull) each(PQgetlength) \
    each(PQgetvalue) each(PQisBusy) each(PQnfields) each(PQntuples) \
    each(PQputCopyData) each(PQputCopyEnd) each(PQresultErrorField) each(PQresultStatus) \
    each(PQsendQuery) each(PQserverVersion) each(PQsetErrorVerbosity) each(PQsetNoticeProcessor) \
    each(PQsetSingleRowMode) each(PQsetnonblocking) each(PQsocket) each(PQstatus)
// clang-format on

typedef struct libpq {
#define LIBPQ_MEMBER(name) __typeof__(name) *name;
    LIBPQ_FUNCTIONS(LIBPQ_MEMBER)
#undef LIBPQ_MEMBER
} libpq;

/*
 * Loads the library, once; it stays until the program ends. who: what needs it, for the one line in message: "--dsn". False:
 * it is not there.
 */
bool libpq_load(libpq *out, const char *who, char message[512]);

#endif
#endif
