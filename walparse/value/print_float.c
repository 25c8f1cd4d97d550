/*
 * Floating-point numbers: utils/adt/float.c, common/d2s.c, common/f2s.c.
 *
 * Digits come from exact arithmetic on long integers. The shortest ones are those of a number nearer to the value than to its
 * neighbours; one just as near to a neighbour is not taken, as in the server. Digits of a fixed number are rounded as printf does.
 */
#include <stdio.h>

#include "value/value.h"

#define WORDS 40 /* 2^1076 and 10^324 have room, with some bits to spare */
#define DIGITS_MAX 20

typedef struct number {
    uint32_t words[WORDS]; /* lowest first */
    int n;
} number;

static void number_set(number *a, uint64_t value)
{
    memset(a, 0, sizeof *a);
    a->words[0] = (uint32_t)value;
    a->words[1] = (uint32_t)(value >> 32);
    a->n = a->words[1] ? 2 : a->words[0] ? 1 : 0;
}

static void number_multiply(number *a, uint32_t by)
{
    uint64_t carry = 0;
    for (int i = 0; i < a->n; i++) {
        carry += (uint64_t)a->words[i] * by;
        a->words[i] = (uint32_t)carry;
        carry >>= 32;
    }
    if (carry && a->n < WORDS)
        a->words[a->n++] = (uint32_t)carry;
}

static void number_shift(number *a, int bits)
{
    for (; bits >= 31; bits -= 31)
        number_multiply(a, UINT32_C(1) << 31);
    if (bits > 0)
        number_multiply(a, UINT32_C(1) << bits);
}

static void number_power10(number *a, int power)
{
    for (; power >= 9; power -= 9)
        number_multiply(a, 1000000000);
    for (; power > 0; power--)
        number_multiply(a, 10);
}

static int number_compare(const number *a, const number *b)
{
    for (int i = (a->n > b->n ? a->n : b->n) - 1; i >= 0; i--)
        if (a->words[i] != b->words[i])
            return a->words[i] < b->words[i] ? -1 : 1;
    return 0;
}

static number number_sum(const number *a, const number *b)
{
    number sum = { .n = a->n > b->n ? a->n : b->n };
    uint64_t carry = 0;
    for (int i = 0; i < sum.n; i++) {
        carry += (uint64_t)a->words[i] + b->words[i];
        sum.words[i] = (uint32_t)carry;
        carry >>= 32;
    }
    if (carry && sum.n < WORDS)
        sum.words[sum.n++] = (uint32_t)carry;
    return sum;
}

/* a - b, which is not negative. */
static void number_subtract(number *a, const number *b)
{
    uint64_t borrow = 0;
    for (int i = 0; i < a->n; i++) {
        const uint64_t word = (uint64_t)a->words[i] - b->words[i] - borrow;
        a->words[i] = (uint32_t)word;
        borrow = word >> 63;
    }
    while (a->n > 0 && a->words[a->n - 1] == 0)
        a->n--;
}

/* The next digit of r / s, which is below 10; r becomes ten times what is left. */
static int next_digit(number *r, const number *s)
{
    int digit = 0;
    while (number_compare(r, s) >= 0) {
        number_subtract(r, s);
        digit++;
    }
    return digit;
}

/* A number above zero as 0.DIGITS times 10 to the power of point. */
typedef struct decimal {
    char digits[DIGITS_MAX + 1];
    int n, point;
} decimal;

static void round_up(decimal *d)
{
    int i = d->n - 1;
    while (i >= 0 && d->digits[i] == '9')
        i--;
    if (i < 0) {
        d->digits[0] = '1';
        d->n = 1;
        d->point++;
        return;
    }
    d->digits[i]++;
    d->n = i + 1;
}

/* mantissa times 2 to the power of exponent, as r / s, scaled so that it is 0.1 or more, and below 1: then times 10. */
typedef struct fraction {
    number r, s, low, high; /* low, high: half the distance to the neighbours */
} fraction;

static void fraction_scale(fraction *f, int *point)
{
    /* 10^point is found by comparing; the first guess comes from the number of bits. */
    int guess = 0;
    if (f->r.n > f->s.n + 1)
        guess = (int)((f->r.n - f->s.n - 1) * 9.6);
    else if (f->s.n > f->r.n + 1)
        guess = -(int)((f->s.n - f->r.n - 1) * 9.6);
    if (guess > 0) {
        number_power10(&f->s, guess);
    } else if (guess < 0) {
        number_power10(&f->r, -guess);
        number_power10(&f->low, -guess);
        number_power10(&f->high, -guess);
    }
    *point = guess;
    while (number_compare(&f->r, &f->s) >= 0) {
        number_multiply(&f->s, 10);
        ++*point;
    }
    for (;;) {
        number ten = f->r;
        number_multiply(&ten, 10);
        if (number_compare(&ten, &f->s) >= 0)
            break;
        f->r = ten;
        number_multiply(&f->low, 10);
        number_multiply(&f->high, 10);
        --*point;
    }
}

static void fraction_of(fraction *f, uint64_t mantissa, int exponent, bool is_power)
{
    /* All is doubled, and once more where the lower neighbour is half as far. */
    const int extra = is_power ? 2 : 1;
    number_set(&f->r, mantissa);
    number_set(&f->s, 1);
    number_set(&f->low, 1);
    number_set(&f->high, 1);
    number_shift(&f->r, extra + (exponent > 0 ? exponent : 0));
    number_shift(&f->s, extra + (exponent < 0 ? -exponent : 0));
    number_shift(&f->low, exponent > 0 ? exponent : 0);
    number_shift(&f->high, (is_power ? 1 : 0) + (exponent > 0 ? exponent : 0));
}

static void shortest(fraction *f, decimal *d)
{
    /* The upper neighbour's half may be nearer to the next power of ten than the value itself is. */
    const number top = number_sum(&f->r, &f->high);
    if (number_compare(&top, &f->s) > 0) {
        number_multiply(&f->s, 10);
        d->point++;
    }
    for (d->n = 0; d->n < DIGITS_MAX;) {
        number_multiply(&f->r, 10);
        number_multiply(&f->low, 10);
        number_multiply(&f->high, 10);
        d->digits[d->n] = (char)('0' + next_digit(&f->r, &f->s));
        d->n++;
        const number above = number_sum(&f->r, &f->high);
        const bool may_stay = number_compare(&f->r, &f->low) < 0;
        const bool may_rise = number_compare(&above, &f->s) > 0;
        if (!may_stay && !may_rise)
            continue;
        const number twice = number_sum(&f->r, &f->r);
        const int half = number_compare(&twice, &f->s);
        const bool is_odd = (d->digits[d->n - 1] - '0') % 2;
        if (may_rise && (!may_stay || half > 0 || (half == 0 && is_odd)))
            round_up(d);
        break;
    }
}

static void fixed(fraction *f, int ndigits, decimal *d)
{
    for (d->n = 0; d->n < ndigits; d->n++) {
        number_multiply(&f->r, 10);
        d->digits[d->n] = (char)('0' + next_digit(&f->r, &f->s));
    }
    const number twice = number_sum(&f->r, &f->r);
    const int half = number_compare(&twice, &f->s);
    if (half > 0 || (half == 0 && (d->digits[d->n - 1] - '0') % 2))
        round_up(d);
}

/* As %g does: without an exponent from 0.0001 up to so many digits before the point. */
static void put_decimal(wpi_value *v, decimal *d, int plain_max)
{
    while (d->n > 1 && d->digits[d->n - 1] == '0')
        d->n--;
    if (d->n == 1 && d->digits[0] == '0')
        d->n = 0;
    const int exponent = d->point - 1;
    if (exponent < -4 || exponent >= plain_max) {
        wpi_print_bytes(v, d->digits, 1);
        if (d->n > 1) {
            wpi_putc(v, '.');
            wpi_print_bytes(v, d->digits + 1, (size_t)d->n - 1);
        }
        wpi_putf(v, "e%c%02d", exponent < 0 ? '-' : '+', exponent < 0 ? -exponent : exponent);
    } else if (d->point <= 0) {
        wpi_puts(v, "0.");
        wpi_print_repeated(v, '0', (size_t)-d->point);
        wpi_print_bytes(v, d->digits, (size_t)d->n);
    } else {
        const int whole = d->n < d->point ? d->n : d->point;
        wpi_print_bytes(v, d->digits, (size_t)whole);
        wpi_print_repeated(v, '0', (size_t)(d->point - whole));
        if (d->n > whole) {
            wpi_putc(v, '.');
            wpi_print_bytes(v, d->digits + whole, (size_t)(d->n - whole));
        }
    }
}

/* What differs between the two types. */
typedef struct float_format {
    int mantissa_bits, exponent_bits;
    int plain_digits; /* FLT_DIG, DBL_DIG: before an exponent is written */
    int more_digits;  /* with extra_float_digits 3, before numbers were the shortest */
} float_format;

static void put_number(wpi_value *v, uint64_t bits, const float_format *format)
{
    const uint64_t mantissa = bits & ((UINT64_C(1) << format->mantissa_bits) - 1);
    const int exponent_max = (1 << format->exponent_bits) - 1;
    const int exponent = (int)(bits >> format->mantissa_bits) & exponent_max;
    const bool is_negative = bits >> (format->mantissa_bits + format->exponent_bits) & 1;
    if (exponent == exponent_max && mantissa) {
        wpi_puts(v, "NaN");
        return;
    }
    if (is_negative)
        wpi_putc(v, '-');
    if (exponent == exponent_max) {
        wpi_puts(v, "Infinity");
        return;
    }
    if (exponent == 0 && mantissa == 0) {
        wpi_putc(v, '0');
        return;
    }
    const int bias = exponent_max / 2 + format->mantissa_bits;
    fraction f;
    fraction_of(&f, exponent ? mantissa | UINT64_C(1) << format->mantissa_bits : mantissa,
                (exponent ? exponent : 1) - bias, mantissa == 0 && exponent > 1);
    decimal d = { .n = 0 };
    fraction_scale(&f, &d.point);
    if (v->config->profile->value.float_is_shortest) {
        shortest(&f, &d);
        put_decimal(v, &d, format->plain_digits);
    } else {
        fixed(&f, format->more_digits, &d);
        put_decimal(v, &d, format->more_digits);
    }
}

void wpi_print_double(wpi_value *v, uint64_t bits)
{
    static const float_format format = { 52, 11, 15, 18 };
    put_number(v, bits, &format);
}

void wpi_print_float(wpi_value *v, uint32_t bits)
{
    static const float_format format = { 23, 8, 6, 9 };
    put_number(v, bits, &format);
}

wp_value_status wpi_print_float4(wpi_value *v, wp_view bytes)
{
    wpi_print_float(v, wpi_u32(bytes.bytes));
    return WP_VALUE_OK;
}

wp_value_status wpi_print_float8(wpi_value *v, wp_view bytes)
{
    wpi_print_double(v, wpi_u64(bytes.bytes));
    return WP_VALUE_OK;
}
