#!/bin/bash
# Proves what is said of a trial restore, in the story and in the comments of the settings: what keeps it out of
# production's port, archive and subscriptions, and what the WAL demands of it.
#
# The values demanded are those the servers of the fixtures ran with (expect.tsv; tools/fixtures/cluster.py).
#
#   tests/cli/trial.sh [PITR_FIND]        (default build/pitr-find)
set -euo pipefail
# shellcheck source=tests/cli/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

# expect_both PART: in the story, and in a comment of the settings.
expect_both() {
    expect_err "$1"
    grep '^#' out | grep -qF -- "$1" || miss "no comment of stdout has: $1 ($(head -c 900 out))"
}

# Nothing but comments and settings, and of them one target.
expect_valid() {
    ! grep -vE "^#|^[a-z_]+ = '.*'\$" out || miss 'stdout has more than comments and settings'
    [ "$(grep -c '^recovery_target_\(name\|lsn\|xid\|time\) =' out)" -eq 1 ] || miss 'not one target'
    cp out conf
    run simulate conf "$1"
    expect_status 0
}

for major in 12 17; do
    wal=$fixtures/timelines$major/wal
    run --before 'DROP TABLE public\.on_third' "$wal"
    expect_status 0
    expect_both 'its own folder, port and unix_socket_directories'
    expect_both 'archive_mode = off'
    expect_both 'max_logical_replication_workers = 0'
    for setting in max_connections max_worker_processes max_wal_senders max_prepared_transactions max_locks_per_transaction; do
        expect_both "$setting = $(told timelines$major $setting text)"
    done
    expect_both "do not call pg_wal_replay_resume() until you are sure. It ends recovery for good. For a later target: stop the server, change the target, start it. For an earlier target: restore the backup again"
    expect_line "archive_mode = 'off'"
    expect_valid "$wal"
    done_with "$major: a trial restore keeps out of production's way, and has what the WAL demands"
done

run --before 'DROP TABLE' "$fixtures/pg9.6/wal"
expect_status 0
expect_both 'archive_mode = off, in postgresql.conf (recovery.conf does not take it)'
expect_both 'max_connections = 100, max_worker_processes = 8, max_prepared_transactions = 5'
expect_both 'pg_xlog_replay_resume()'
expect_not_out max_logical_replication_workers
! grep -q '^archive_mode' out || miss 'recovery.conf has archive_mode, which is FATAL'
done_with '9.6: recovery.conf has recovery settings only, and there are no subscriptions'

run --before 'DROP TABLE' "$fixtures/pg15-stops/wal"
expect_both 'max_locks_per_transaction: no lower than in production (this WAL does not tell its values)'
run --before 'DROP TABLE shop\.orders' --database app --backup "$fixtures/pg15-backup/base.tar.gz" "$fixtures/pg15-backup/wal"
expect_both 'max_connections = 100, max_worker_processes = 8, max_wal_senders = 10, max_prepared_transactions = 10, max_locks_per_transaction = 64'
run --before 'DROP TABLE' --format json "$fixtures/pg15-stops/wal"
expect_json '.needs | key("max_connections")' null
run --before 'DROP TABLE public\.on_third' --format json "$fixtures/timelines17/wal"
expect_json .needs '{"max_connections":130,"max_worker_processes":8,"max_wal_senders":10,"max_prepared_transactions":10,"max_locks_per_transaction":77}'
done_with 'what is demanded comes from the WAL or the backup, or is said not to be known'

for action in promote shutdown; do
    run --before 'DROP TABLE public\.on_third' --action $action "$fixtures/timelines17/wal"
    expect_not_err pg_wal_replay_resume
    [ $action = shutdown ] || expect_both 'it promotes by itself at the target'
done
done_with 'a server that does not pause needs no word about resuming'

[ "$failures" -eq 0 ]
