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

# Each thing that is looked at has its line in the manual, and is looked for by the suite with servers.
sed -n 's/^ *X([A-Z_]*, "\([a-z_]*\)").*/\1/p' "$root/src/command/check/verdicts.h" >topics
[ "$(wc -l <topics)" -ge 20 ] || miss "only $(wc -l <topics) topics found"
sed -n '/^## What is looked at/,/^## Which/s/^| `\([a-z_]*\)` .*/\1/p' "$root/docs/manual/check.md" | sort | diff <(sort topics) - >difference ||
    miss "the manual and verdicts.h: $(cat difference)"
while read -r topic; do
    grep -qE "says (note|unknown|warning|critical) $topic\b" "$root/tests/servers/check.sh" || miss "no server has $topic wrong"
done < <(grep -vx window topics)
done_with 'what is looked at is told, and tested'

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
fails 'a password with an at sign' 'write one in a password as %40' check 'postgresql://ana:pass@very-secret@db1/shop'
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

# A server that answers every question with rows of anything: no crash, and no time without end.
if has python3; then
    cat >odd.py <<'PY'
import random, socket, struct, sys
listener = socket.socket(socket.AF_UNIX)
listener.bind(sys.argv[1] + "/.s.PGSQL.1")
listener.listen(8)
odd = [None, b"", b"0", b"-1", b"t", b"f", b"9223372036854775807", b"-9223372036854775808", b"99999999999999999999", b"0/0", b"FFFFFFFF/FFFFFFFF",
       b"0/1000028", b"000000010000000000000001", b"FFFFFFFFFFFFFFFFFFFFFFFF", b"00000001000000000000000", b"wal_level", b"archive_mode", b"on", b"always",
       b"archive_command", b"cp %p /a/%f", b"wal_segment_size", b"16777216", b"8kB", b"-2147483648kB", b"\xff\xfe|;\x1b[31m\n", b"%s%n%d",
       b"x" * 3000, b"lost", b"unreserved", b"physical", b"replication", b"all", b"+", b"150018", b"7711163574169809782", b"806000000000000"]
def message(kind, body): return kind + struct.pack("!I", len(body) + 4) + body
def answer(dice):
    columns = dice.randrange(10)
    out = message(b"T", struct.pack("!H", columns) + b"".join(b"c\0" + struct.pack("!IHIhih", 0, 0, 25, -1, -1, 0) for _ in range(columns)))
    for _ in range(dice.choice([0, 1, 1, 3, 30])):
        values = [dice.choice(odd) for _ in range(columns)]
        out += message(b"D", struct.pack("!H", columns) + b"".join(struct.pack("!i", -1) if v is None else struct.pack("!I", len(v)) + v for v in values))
    return out + message(b"C", b"SELECT\0")
seed = 0
while True:
    peer, _ = listener.accept()
    file = peer.makefile("rwb")
    file.read(struct.unpack("!I", file.read(4))[0] - 4)
    dice = random.Random(seed)
    seed += 1
    file.write(message(b"R", struct.pack("!I", 0)) + message(b"S", b"server_version\x0015.18\0") + message(b"Z", b"I"))
    file.flush()
    try:
        while True:
            kind = file.read(1)
            if kind != b"Q": break
            sql = file.read(struct.unpack("!I", file.read(4))[0] - 4)
            if sql.startswith(b"SET"): out = message(b"C", b"SET\0")
            elif dice.random() < 0.1: out = message(b"E", b"SERROR\0C" + dice.choice([b"42501", b"42883"]) + b"\0Mno\0\0")
            else: out = answer(dice) + (answer(dice) if dice.random() < 0.05 else b"")
            file.write(out + message(b"Z", b"I"))
            file.flush()
    except OSError: pass
    peer.close()
PY
    mkdir odd wal
    cp "$fixtures"/demo/wal/*.gz wal
    python3 odd.py "$work/odd" &
    children+=($!)
    for _ in $(seq 200); do [ -S odd/.s.PGSQL.1 ] && break || sleep 0.05; done
    for format in '--format json' '--format table' --nagios '--switch --switch-timeout 1'; do
        for _ in $(seq 15); do
            # shellcheck disable=SC2086
            run check $format --archive wal "host=$work/odd port=1 user=a"
            [ "$status" -le 3 ] || miss "status $status: $(head -c 300 err)"
            [ "$status" -ne 0 ] || miss "all well: $(head -c 300 out)"
            ! grep -q "$(printf '\033')" out || miss 'a control character gets through'
            [ "$format" != '--format json' ] || [ ! -s out ] || jq -e .findings out >/dev/null 2>&1 || miss "no JSON: $(head -c 300 out)"
        done
    done
    done_with 'a server that answers anything'
fi

# The bare program, where it is built.
bare=$(dirname "$program")/tests/pitr-find-bare
if [ -x "$bare" ]; then
    run_program "$bare" check "$nowhere"
    expect_error 'this pitr-find was built without'
    done_with 'built without libpq'
fi

exit $((failures > 0))
