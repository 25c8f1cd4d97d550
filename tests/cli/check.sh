#!/bin/bash
# `check` without a server: the command line, and what is said where there is none.
#
#   tests/cli/check.sh [PITR_FIND]        (default build/pitr-find)
set -euo pipefail
# shellcheck source=tests/cli/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

mkdir archive
nowhere="host=$work port=1 user=somebody password=very-secret"

fails 'no DSN' 'no DSN: say which server' check --archive archive
fails 'two DSNs' 'check takes one DSN: an archive is given by --archive' check host=a host=b
fails 'no duration' '--max-backup-age takes a number and s, min, h or d, like 7d (not "soon")' check --max-backup-age soon host=a
fails 'a duration without unit' '--max-archive-lag takes' check --max-archive-lag 60 host=a
fails 'no such check' '--skip takes the name of a check' check --skip checksum host=a
fails 'a plugin has its own format' '--nagios has a format of its own' check --nagios --format json host=a
fails 'a time limit for no switch' '--switch-timeout goes with --switch' check --switch-timeout 5 host=a
fails 'an archive that is not there' '--archive: cannot open "none_such": No such file' check --archive none_such "$nowhere"
fails 'a backup that is not there' '--backup: cannot open "none_such": No such file' check --backup none_such "$nowhere"
fails 'an option of others' '--before is not an option of `check`' check --before x host=a

# Built without libpq it says so; the rest is of programs that have it.
run check "$nowhere"
if grep -q 'was built without' err; then
    expect_error 'install libpq-dev and build it again'
    done_with 'built without libpq'
    exit $((failures > 0))
fi
expect_error 'cannot connect to the server: '
expect_not_err very-secret
done_with 'no server: one line, without the password'
fails 'no connection string' 'is not a connection string' check 'very-secret='
run check very-secret
expect_not_err very-secret
done_with 'and nothing of it is told'

run check --nagios "$nowhere"
expect_status 2
expect_no_err
grep -qx 'PITR CRITICAL - cannot connect to the server: .*' out || miss "a plugin: $(cat out)"
expect_not_out very-secret
done_with 'a plugin says so on stdout'

# A server that takes the connection and says nothing, and one that says what no server says.
if has python3; then
    cat >server.py <<'PY'
import socket, sys, time
listener = socket.socket(socket.AF_UNIX)
listener.bind(sys.argv[1] + "/.s.PGSQL.1")
listener.listen(8)
while True:
    peer, _ = listener.accept()
    if sys.argv[2] == "silent":
        time.sleep(30)
    peer.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")
    peer.close()
PY
    for kind in silent strange; do
        mkdir "$kind"
        python3 server.py "$work/$kind" "$kind" &
        children+=($!)
        for _ in $(seq 200); do [ -S "$kind/.s.PGSQL.1" ] && break || sleep 0.05; done
        run check "host=$work/$kind port=1 user=a connect_timeout=2"
        expect_error 'cannot connect to the server: '
        done_with "a $kind server"
    done
fi

# The bare program, where it is built.
bare=$(dirname "$program")/tests/pitr-find-bare
if [ -x "$bare" ]; then
    run_program "$bare" check "$nowhere"
    expect_error 'this pitr-find was built without'
    done_with 'built without libpq'
fi

exit $((failures > 0))
