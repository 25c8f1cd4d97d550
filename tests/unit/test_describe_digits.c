/*
 * test_describe_digits.c - numbers as text; snprintf says what is right.
 */
#include <stdio.h>

#include "describe/digits.h"

#include "cases.h"

static const uint32_t numbers[] = { 0,          1,          9,         10,        99,
                                    100,        999,        1000,      9999,      10000,
                                    99999,      100000,     999999,    1000000,   9999999,
                                    10000000,   99999999,   100000000, 999999999, 1000000000,
                                    0x01234567, 0x89ABCDEF, UINT32_MAX };

static void check(const char *end, const char *got, const char *want)
{
    assert_int_equal(end - got, strlen(want));
    assert_memory_equal(got, want, strlen(want));
}

static void decimal_as_printf(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(numbers); i++) {
        char got[32], want[32];
        snprintf(want, sizeof want, "%u", (unsigned)numbers[i]);
        check(wpi_add_u32(got, numbers[i]), got, want);
    }
}

static void wide_as_printf(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(numbers); i++)
        for (int width = 0; width <= WPI_U32_CHARS; width++) {
            char got[32], want[32];
            snprintf(want, sizeof want, "%*u", width, (unsigned)numbers[i]);
            check(wpi_add_u32_wide(got, numbers[i], (unsigned)width), got, want);
        }
}

static void lsn_as_printf(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(numbers); i++)
        for (size_t j = 0; j < COUNT(numbers); j++) {
            char got[32], want[32];
            snprintf(want, sizeof want, "%X/%08X", (unsigned)numbers[i], (unsigned)numbers[j]);
            check(wpi_add_lsn_padded(got, (uint64_t)numbers[i] << 32 | numbers[j]), got, want);
            snprintf(want, sizeof want, "%X/%X", (unsigned)numbers[i], (unsigned)numbers[j]);
            check(wpi_add_lsn(got, (uint64_t)numbers[i] << 32 | numbers[j]), got, want);
        }
}

static void hex_as_printf(void **state)
{
    (void)state;
    for (unsigned value = 0; value < 256; value++) {
        char got[32], want[32];
        snprintf(want, sizeof want, "%02X", value);
        check(wpi_add_hex(got, value, 2), got, want);
    }
}

/* Decimal points of de_DE.UTF-8 and ps_AF.UTF-8. */
static void any_point_is_a_point(void **state)
{
    (void)state;
    static const char *const rows[][2] = {
        { "-12.500000", "-12.500000" },
        { "12,500000", "12.500000" },
        { "12\xD9\xAB"
          "5",
          "12.5" },
        { "1,5e+300", "1.5e+300" },
        { "-nan", "-nan" },
        { "inf", "inf" },
        { "7", "7" },
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        char got[32];
        check(wpi_add_printed(got, rows[i][0]), got, rows[i][1]);
    }
}

static void short_bytes_as_memcpy(void **state)
{
    (void)state;
    static const char bytes[] = "0123456789abcdefghijklmnopqrstuvwxyz";
    for (size_t n = 0; n < 32; n++) {
        char got[33];
        memset(got, '#', sizeof got);
        assert_ptr_equal(wpi_add_short(got, bytes, n), got + n);
        assert_memory_equal(got, bytes, n);
        assert_int_equal(got[n], '#');
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(decimal_as_printf),    cmocka_unit_test(wide_as_printf),
        cmocka_unit_test(lsn_as_printf),        cmocka_unit_test(hex_as_printf),
        cmocka_unit_test(any_point_is_a_point), cmocka_unit_test(short_bytes_as_memcpy),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
