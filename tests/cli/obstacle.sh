#!/bin/bash
# Proves what is said where the target was found and no server can get to it yet: do not start one, what recovery
# needs, where to look for it.
#
# What a server does at a gap is in the release notes of 13: "Generate an error if recovery does not reach the specified
# recovery target. Previously, a standby would promote itself upon reaching the end of WAL".
#
#   tests/cli/obstacle.sh [PITR_FIND]        (default build/pitr-find)
set -euo pipefail
# shellcheck source=tests/cli/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

silence="would give no error: it would replay the WAL before that, go into service"
stop='  next        do NOT start a server yet: '

# The first line of `next`, and neither the steps of a start nor those of a trial.
expect_stop() {
    expect_err "$stop$1"
    expect_not_err 'then start the server'
    expect_not_err '  trial  '
}

# ---- a gap ----------------------------------------------------------------------------------------

for major in 11 12 13; do
    cp -r "$fixtures/pg$major/wal" "gap$major"
    rm "gap$major"/00000001000000000000000C*
    run --before 'DROP TABLE public\.after_3$' "gap$major"
    expect_status 3
    in_range "$(setting recovery_target_lsn)" "pg$major" drop_table_after_vacuum_full_pg_class
    expect_stop 'recovery needs 00000001000000000000000C (missing)'
    comment='# NOT RESTORABLE YET, do not start a server: recovery needs 00000001000000000000000C (missing)'
    if [ "$major" -lt 13 ]; then
        expect_err "PostgreSQL $major $silence"
        expect_line "$comment; PostgreSQL $major would go into service there without an error"
    else
        expect_not_err "$silence"
        expect_line "$comment"
    fi
    expect_err 'look for it in pg_wal of the production server, in pg_wal of the base backup, and in other copies'
    expect_err 'or give as --backup a base backup that began at 0/D00000 or later'
    expect_err '              then run pitr-find again'
    done_with "$major: a gap before the target"

    run --before 'DROP TABLE public\.after_3$' "$fixtures/pg$major/wal"
    expect_status 0
    expect_not_err 'do NOT start'
    expect_not_out 'NOT RESTORABLE'
    expect_err 'then start the server'
    done_with "$major: no gap"
done

# ---- the history file ------------------------------------------------------------------------------

cp -r "$fixtures/timelines12/wal" lost
rm lost/00000003.history.gz
run --before 'DROP TABLE public\.on_third' lost
expect_status 3 # so `&&` does not go on
expect_stop 'recovery needs 00000003.history (missing)'
expect_err 'what belongs in the history file is said above'
expect_not_err "$silence"
done_with 'a history file that is missing'

# ---- the backup ------------------------------------------------------------------------------------

base=$fixtures/pg15-backup/base.tar.gz wal=$fixtures/pg15-backup/wal
run --before 'DROP TABLE shop\.early' --database app --backup "$base" "$wal"
expect_status 3
expect_err 'restorable  no: this backup is too new'
expect_stop 'this backup is too new: one is needed that ended before '
expect_err '              restore an older backup, then run pitr-find again with that one'
done_with 'a backup that is newer than the target'

# The backup starts in segment 10, as the .backup file says. Without that neither it nor its end is here.
cp -r "$wal" late
rm late/000000010000000000000010*
for _ in gap late; do
    run --before 'DROP TABLE shop\.orders' --database app --backup "$base" late
    expect_status 3
    expect_stop 'recovery needs 000000010000000000000010 (missing)'
    expect_not_err 'too new'
    rm -f late/00000001000000000000000F*
done
done_with 'an archive that begins after the start of the backup'

[ "$failures" -eq 0 ]
