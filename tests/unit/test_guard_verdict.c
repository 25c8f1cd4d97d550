/*
 * test_guard_verdict.c - when a delayed standby is in time, where it stands, and whether it can go back.
 *
 * What servers do is held against this by tests/servers/guard.sh.
 */
#include "command/watch/guard_verdict.h"
#include "command/watch/standby.h"

#include "cases.h"

#define SECOND INT64_C(1000000)
#define COMMITTED (1000 * SECOND)

/* A DROP that locks at 0x200 and commits at 0x300, at second 1000, on a standby with a delay of 30 s. */
typedef struct verdict_case {
    const char *name;
    guard_pause pause;
    bool tells_paused;
    bool is_promoted;
    wp_lsn replayed;
    int seconds_later; /* the standby's clock, after the commit */
    int64_t delay_ms, still_ms;
    bool is_immediate, locks_nothing, lock_is_unknown;
    guard_answer answer;
    guard_place place;
    int64_t left_ms; /* INT64_MIN: not known */
} verdict_case;

#define UNKNOWN INT64_MIN

static const verdict_case verdicts[] = {
    { "asked, and waits for an earlier commit", GUARD_PAUSE_ASKED, true, false, 0x100, 3, 30000, 0,
      false, false, false, GUARD_IN_TIME, GUARD_BEFORE_LOCK, 27000 },
    { "right before the lock", GUARD_PAUSE_ASKED, true, false, 0x200, 3, 30000, 0, false, false,
      false, GUARD_IN_TIME, GUARD_BEFORE_LOCK, 27000 },
    { "the lock is replayed", GUARD_PAUSE_ASKED, true, false, 0x240, 3, 30000, 0, false, false,
      false, GUARD_IN_TIME, GUARD_BEFORE_END, 27000 },
    { "right before the commit", GUARD_PAUSE_ASKED, true, false, 0x300, 3, 30000, 0, false, false,
      false, GUARD_IN_TIME, GUARD_BEFORE_END, 27000 },
    { "right before the commit, not asked yet", GUARD_NOT_PAUSED, true, false, 0x300, 3, 30000, 0,
      false, false, false, GUARD_OPEN, GUARD_BEFORE_END, 27000 },
    { "the commit is replayed", GUARD_PAUSE_ASKED, true, false, 0x340, 31, 30000, 0, false, false,
      false, GUARD_TOO_LATE, GUARD_AFTER, -1000 },
    { "paused after the commit", GUARD_PAUSED, true, false, 0x340, 31, 30000, 0, false, false,
      false, GUARD_TOO_LATE, GUARD_AFTER, -1000 },
    { "it is due: the commit may be replayed just now", GUARD_PAUSE_ASKED, true, false, 0x300, 30,
      30000, 0, false, false, false, GUARD_OPEN, GUARD_BEFORE_END, 0 },
    { "it is due for long: still only asked", GUARD_PAUSE_ASKED, true, false, 0x300, 60, 30000,
      60000, false, false, false, GUARD_OPEN, GUARD_BEFORE_END, -30000 },
    { "it is due, and paused", GUARD_PAUSED, true, false, 0x300, 31, 30000, 0, false, false, false,
      GUARD_IN_TIME, GUARD_BEFORE_END, -1000 },
    { "before 14, it is due", GUARD_PAUSE_ASKED, false, false, 0x300, 31, 30000, 100, false, false,
      false, GUARD_OPEN, GUARD_BEFORE_END, -1000 },
    { "before 14, it is due and stands still", GUARD_PAUSE_ASKED, false, false, 0x240, 34, 30000,
      GUARD_STILL_MS, false, false, false, GUARD_IN_TIME, GUARD_BEFORE_END, -4000 },
    { "before 14, it stands still, and may be applying the commit", GUARD_PAUSE_ASKED, false, false,
      0x300, 34, 30000, GUARD_STILL_MS, false, false, false, GUARD_OPEN, GUARD_BEFORE_END, -4000 },
    { "the same, with the header of a page between", GUARD_PAUSE_ASKED, false, false, 0x2D8, 34,
      30000, GUARD_STILL_MS, false, false, false, GUARD_OPEN, GUARD_BEFORE_END, -4000 },
    { "before 14, asked in time right before the commit", GUARD_PAUSE_ASKED, false, false, 0x300,
      29, 30000, 0, false, false, false, GUARD_IN_TIME, GUARD_BEFORE_END, 1000 },
    { "the delay is not known", GUARD_PAUSE_ASKED, false, false, 0x100, 1, -1, 100, false, false,
      false, GUARD_OPEN, GUARD_BEFORE_LOCK, UNKNOWN },
    { "no delay", GUARD_PAUSE_ASKED, true, false, 0x300, 1, 0, 100, false, false, false, GUARD_OPEN,
      GUARD_BEFORE_END, -1000 },
    { "what acts at once does not wait", GUARD_PAUSE_ASKED, true, false, 0x100, 1, 30000, 100, true,
      true, false, GUARD_OPEN, GUARD_BEFORE_LOCK, UNKNOWN },
    { "what acts at once, paused", GUARD_PAUSED, true, false, 0x100, 1, 30000, 100, true, true,
      false, GUARD_IN_TIME, GUARD_BEFORE_LOCK, UNKNOWN },
    { "a DELETE locks nothing", GUARD_PAUSE_ASKED, true, false, 0x300, 3, 30000, 0, false, true,
      false, GUARD_IN_TIME, GUARD_BEFORE_LOCK, 27000 },
    { "where it was locked is not known", GUARD_PAUSE_ASKED, true, false, 0x100, 3, 30000, 0, false,
      false, true, GUARD_IN_TIME, GUARD_PLACE_UNKNOWN, 27000 },
    { "it was promoted", GUARD_NOT_PAUSED, true, true, 0x100, 3, 30000, 0, false, false, false,
      GUARD_TOO_LATE, GUARD_AFTER, 27000 },
};

static void judges(void **state)
{
    const verdict_case *c = *state;
    const guard_bounds bounds = { .end = 0x300,
                                  .is_delayed = !c->is_immediate,
                                  .locks = !c->locks_nothing,
                                  .lock = c->locks_nothing || c->lock_is_unknown ? 0 : 0x200,
                                  .commit_time = COMMITTED };
    const guard_look look = { .is_in_recovery = !c->is_promoted,
                              .pause = c->pause,
                              .tells_paused = c->tells_paused,
                              .replayed = c->replayed,
                              .clock = COMMITTED + c->seconds_later * SECOND,
                              .delay_ms = c->delay_ms };
    const guard_verdict v = guard_judge(&bounds, &look, c->still_ms);
    assert_int_equal(v.answer, c->answer);
    assert_int_equal(v.place, c->place);
    assert_int_equal(v.has_left, c->left_ms != UNKNOWN);
    if (v.has_left)
        assert_int_equal(v.left_ms, c->left_ms);
}

typedef struct back_case {
    const char *name;
    wp_lsn min_recovery, inspectable;
    bool want;
} back_case;

static const back_case backs[] = {
    { "consistent before the lock", 0x100, 0x200, true },
    { "consistent at the lock", 0x200, 0x200, true },
    { "consistent after it only", 0x201, 0x200, false },
    { "where it is consistent is not known", 0, 0x200, false },
    { "where it is locked is not known", 0x100, 0, false },
};

static void goes_back(void **state)
{
    const back_case *c = *state;
    const guard_look look = { .min_recovery = c->min_recovery };
    assert_int_equal(guard_can_go_back(&look, c->inspectable), c->want);
}

/* As SHOW recovery_min_apply_delay says, in ms. */
typedef struct delay_case {
    const char *name;
    int64_t want;
} delay_case;

static const delay_case delays[] = {
    { "0", 0 },        { "200", 200 },      { "30s", 30000 },     { "5min", 300000 },
    { "1h", 3600000 }, { "2d", 172800000 }, { "500 ms", 500 },    { "1.5s", 1500 },
    { "", -1 },        { "-1", -1 },        { "30 seconds", -1 }, { "30S", -1 },
    { "99d", -1 },     { "nan", -1 },
};

static void reads_delays(void **state)
{
    const delay_case *c = *state;
    assert_int_equal(standby_delay_ms(c->name), c->want);
}

int main(void)
{
    int failed = RUN_CASES("verdicts", verdicts, judges);
    failed += RUN_CASES("ways back", backs, goes_back);
    failed += RUN_CASES("delays", delays, reads_delays);
    return failed;
}
