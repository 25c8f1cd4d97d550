#!/bin/bash
# Proves that a suite of tests/servers in which a statement fails says so, wherever the output of that statement goes.
#
#   tests/cli/verdicts.sh [PITR_FIND]        (default build/pitr-find)
set -euo pipefail
# shellcheck source=tests/cli/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

# A psql that fails as a real one does at a statement's error.
cat >psql <<'SH'
#!/bin/sh
echo 'ERROR:  relation "nowhere" does not exist' >&2
exit 3
SH
chmod +x psql

# suite STATEMENT: the beginning of one, and that statement
suite() {
    cat >suite.sh <<SH
set -euo pipefail
. '$root/tests/servers/lib.sh'
stop_all_clusters() { :; }
give_to_owner() { :; }
psql=$work/psql
work_in verdicts
step='the statement'
$1
pass 'it went on'
SH
    TMPDIR=$work run_program bash suite.sh
}

while read -r statement; do
    suite "$statement"
    expect_status 3
    expect_line 'not ok - verdicts ended with status 3 after: the statement'
    expect_not_out 'it went on'
    done_with "a statement that fails: $statement"
done <<'STATEMENTS'
sql . -c 'SELECT 1'
sql . -c 'SELECT 1' >log
sql . -c 'SELECT 1' >log 2>&1
sql . >log 2>&1 <<<'SELECT 1'
said=$(sql . -c 'SELECT 1' 2>&1)
nested() { sql . >/dev/null 2>&1; }; nested >log
STATEMENTS
suite "sql . -c 'SELECT 1' >log 2>&1 || true"
expect_status 0
expect_line 'ok - it went on'
done_with 'a statement that may fail'

[ "$failures" -eq 0 ]
