/*
 * value.h - rows of tables as text: bytes of a row in, what COPY TO prints of each column out.
 *
 *     wp_tuple_deform(&config, row, columns, ncolumns, datums);
 *     for each column:
 *         if (datums[i].kind == WP_DATUM_EXTERNAL)
 *             // read the chunks of datums[i].value_oid from the TOAST table, one after the other, then:
 *             wp_datum_of_chunks(&datums[i], chunks, &datums[i]);
 *         text.len = 0;
 *         wp_value_text(&config, columns[i].typid, &datums[i], &text); // not of a WP_DATUM_NULL
 *         wp_copy_escape((wp_view){ text.bytes, text.len }, &line);
 *
 * The text is that of the server's own output functions with TimeZone UTC and bytea_output hex, and with DateStyle ISO,
 * IntervalStyle postgres and extra_float_digits 3, as pg_dump sets these three, in the encoding of the database. What has no
 * decoder here is refused, never guessed. The bytes may say anything: what contradicts itself is damaged.
 */
#ifndef WALPARSE_VALUE_H
#define WALPARSE_VALUE_H

#include <walparse/profile.h>

#ifdef __cplusplus
extern "C" {
#endif

/* How a call ends. */
typedef enum wp_value_status {
    WP_VALUE_OK,
    WP_VALUE_NO_DECODER, /* the type, or one that it is made of, is not known here */
    WP_VALUE_DAMAGED,    /* the bytes contradict themselves or the type */
    WP_VALUE_EXTERNAL,   /* the value lies in the TOAST table */
    /*
     * The text is longer than text_bytes_max; the value is nested deeper than 64 arrays, rows and the like or 1000 containers of a jsonb;
     * or it is packed by lz4, and this build has none.
     */
    WP_VALUE_LIMIT,
    WP_VALUE_NO_MEMORY
} wp_value_status;

/*
 * A column, as its row of pg_attribute says. COPY TO prints no generated columns (attgenerated is not empty): rows have the values of
 * stored ones, and of virtual ones a NULL.
 */
typedef struct wp_column {
    wp_oid typid;
    int16_t typlen;  /* attlen; -1: varlena, -2: a C string */
    char align;      /* attalign: c, s, i or d */
    bool is_dropped; /* attisdropped: it takes its room, but has no value */
    wp_view missing; /* attmissingval, as wp_datum_unpack() gives it; bytes NULL: none */
} wp_column;

/* A column of a catalog. */
typedef struct wp_catalog_column {
    const char *name;
    wp_column column;
} wp_catalog_column;

#define WP_CATALOG_COLUMNS_MAX 40

/**
 * Columns of pg_attribute (1249), whose own rows tell those of all other catalogs, and of those that are needed where pg_attribute is not there, or
 * not yet, or not as a whole: pg_class (1259), pg_database (1262), pg_type (1247), pg_namespace (2615), pg_enum (3501), pg_range (3541). In order of
 * attnum. Returns how many; 0: it is none of these. The system column oid of 9.5 to 11 is not among them.
 */
WP_API size_t wp_catalog_columns(const wp_profile *profile, wp_oid catalog,
                                 wp_catalog_column out[WP_CATALOG_COLUMNS_MAX]);

/* How a value is stored. */
typedef enum wp_datum_kind {
    WP_DATUM_NULL,
    WP_DATUM_PLAIN,
    WP_DATUM_PGLZ,
    WP_DATUM_LZ4,
    WP_DATUM_EXTERNAL /* in the TOAST table: ask there for value_oid */
} wp_datum_kind;

/* A column's value in a row. */
typedef struct wp_datum {
    wp_datum_kind kind;
    wp_view bytes;      /* without the header of a varlena; borrowed from the row, or the column */
    uint32_t raw_bytes; /* of one that is packed or external: its length when it is unpacked */
    uint32_t external_bytes;     /* of an external one: of its chunks together */
    wp_oid value_oid, toast_oid; /* chunk_id, and the TOAST table's OID */
} wp_datum;

/* A type, as its row of pg_type says. What is not of its kind is not looked at. */
typedef struct wp_type {
    char kind;      /* typtype: b, c, d, e, r or m */
    int16_t typlen; /* as of wp_column */
    char align;
    char delim;               /* typdelim of an element's type */
    wp_oid element;           /* b: typelem of an array type; 0: none, a type of an extension */
    wp_oid base;              /* d: typbasetype; r: rngsubtype; m: rngtypid, the range's type */
    const wp_column *columns; /* c: of its table or type */
    size_t ncolumns;
} wp_type;

typedef struct wp_value_config {
    const wp_profile *profile;
    uint8_t max_align; /* 8, or 4 for 32-bit x86 servers; must be set: else all rows are damaged */
    bool lc_monetary_is_c; /* or a locale that prints $1,000.00 as C does; else money is refused */
    /* Of a value's text; 0: 1 GiB. Values made to do harm take a minute to reach that: set less for files of strangers. */
    size_t text_bytes_max;
    /* A type that is none of the server's own. NULL: it is not known. Borrowed until the call that asks for it ends. */
    const wp_type *(*type)(void *context, wp_oid typid);
    /* The label of a value of an enum (pg_enum.oid, enumlabel). False: there is none. */
    bool (*enum_label)(void *context, wp_oid typid, wp_oid value, wp_view *label);
    /*
     * What regclass and the like print for an object, quoted as there. False: there is no such object, its number is printed. Of 0 it
     * is not asked: that is nobody's.
     */
    bool (*object_name)(void *context, wp_oid typid, wp_oid object, wp_view *name);
    void *context; /* callbacks may be NULL: what they would tell is refused */
} wp_value_config;

/*
 * A text that grows. Starts as {0}. Free it with wp_text_free(). It holds len bytes, and no NUL after them. len may be made smaller. bytes
 * has room bytes of malloc(): a caller who appends bytes of his own makes room with realloc() first.
 */
typedef struct wp_text {
    uint8_t *bytes;
    size_t len, room;
} wp_text;

/**
 * The columns of a row (a heap tuple with its header, as long as its line pointer says), one datum a column. A column that the row does
 * not have yet is its missing value, or NULL. WP_VALUE_DAMAGED: datums are undefined; so is a row that does not end where its last
 * column does.
 */
WP_API wp_value_status wp_tuple_deform(const wp_value_config *config, wp_view tuple,
                                       const wp_column *columns, size_t ncolumns, wp_datum *datums);

/**
 * An external value whose chunks' data is there, in order of chunk_seq: plain or packed. The bytes stay the caller's. external and out may
 * be the same. WP_VALUE_DAMAGED: they are not as many as the pointer says.
 */
WP_API wp_value_status wp_datum_of_chunks(const wp_datum *external, wp_view chunks, wp_datum *out);

/** Appends a value's bytes as they are stored, unpacked. WP_VALUE_EXTERNAL: they are not here. */
WP_API wp_value_status wp_datum_unpack(const wp_value_config *config, const wp_datum *datum,
                                       wp_text *text);

/** Appends what COPY TO prints of a value, not escaped yet. A datum that is NULL is the caller's to tell. */
WP_API wp_value_status wp_value_text(const wp_value_config *config, wp_oid typid,
                                     const wp_datum *datum, wp_text *text);

/** Can values of this type be told? That of an array, a domain, a range or a row goes by all it is made of. */
WP_API bool wp_value_has_decoder(const wp_value_config *config, wp_oid typid);

/** Appends a value as a field of COPY's text format: backslashes and control characters escaped. \N is the caller's. */
WP_API wp_value_status wp_copy_escape(wp_view value, wp_text *text);

/** Says a status in a few words. Never NULL. */
WP_API const char *wp_value_status_text(wp_value_status status);

/** NULL and {0} are fine; it is {0} afterwards. */
WP_API void wp_text_free(wp_text *text);

#ifdef __cplusplus
}
#endif
#endif
