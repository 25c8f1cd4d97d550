#!/bin/bash
# Who did it, by recorded logs of a server whose sessions told who they are: tests/fixtures/who (tests/servers/who.sh made
# it, and asks real servers of several majors the same and more).
set -euo pipefail

# shellcheck source=tests/cli/lib.sh
source "$(dirname "$0")/lib.sh"

wal=$fixtures/who/wal
logs=$fixtures/who/logs
truth=$fixtures/who/truth # KEY|EVENT|USER|APPLICATION|PID|XID
export TZ=Asia/Kolkata    # the log's zone, IST, means that there alone

told() { awk -F'|' -v key="$1" -v field="$2" '$1 == key { print $field }' "$truth"; }

# ask KEY OPTION...: for the event of that key
ask() {
    local key=$1
    shift
    run --before "^$(told "$key" 2)\$" --database shop --format json "$@" "$wal"
    expect_status 0
}
# is FILTER WANT
is() {
    local got
    got=$(json_value "$1" out)
    [ "$got" = "$2" ] || miss "$1: got $got, want $2"
}
# answers KEY CERTAINTY: it is that session, and no other
answers() {
    is '.who | .certainty, .total, (.sessions | length)' "$2"$'\n1\n1'
    is '.who.sessions[0] | .user, .database, .application, .pid' "$(told "$1" 3)"$'\nshop\n'"$(told "$1" 4)"$'\n'"$(told "$1" 5)"
}
# place: the line that the answer names has the statement
place() {
    local file line
    file=$(json_value '.who.sessions[0].file' out)
    line=$(json_value '.who.sessions[0].line' out)
    sed -n "${line}p" "$file" | grep -qF -- "$1" || miss "$file:$line has no: $1"
}

# A clone had the same id for the same statement five minutes before, and committed it then.
sed 's/2026-11-30 10:58/2026-11-30 10:53/g' "$logs/ids.csv" >clone.csv
ask ids-late --log clone.csv
answers ids-late likely
is '.who.sessions[0].reason | contains("but its COMMIT was logged 5 min before the commit")' true
done_with 'a COMMIT that was logged minutes before the commit is of another transaction'

# The statement is undone, and what did it after that has no words.
sed "/TRUNCATE ids.late;/{p;s/TRUNCATE ids.late;/ROLLBACK TO one;/p;s/ROLLBACK TO one;/SELECT late()/}" "$logs/ids.csv" >undone.csv
ask ids-late --log undone.csv
answers ids-late proven
is '.who.sessions[0] | .statement, .statement_certainty' $'TRUNCATE ids.late;\nlikely'
done_with 'a statement that a savepoint undid is not proven'

for file in named.csv named.json ids.csv ids.log; do
    s=${file%.*}
    options=(--log "$logs/$file")
    [ "$file" != ids.log ] || options+=(--log-line-prefix '%m %p <%u> <%d> <%a> %x %v %c ')
    ask "$s-late" "${options[@]}"
    answers "$s-late" proven
    is '.who.sessions[0] | .statement, .statement_certainty' "TRUNCATE $s.late;"$'\nproven'
    place "TRUNCATE $s.late;"
    ask "$s-block" "${options[@]}"
    answers "$s-block" proven
    is '.who.sessions[0] | .statement, .statement_certainty' "DELETE FROM $s.block WHERE i > 3;"$'\nproven'
    place "DELETE FROM $s.block WHERE i > 3;"
    done_with "$file: a line with the transaction's id proves it, and its virtual id the statement"

    ask "$s-function" "${options[@]}"
    answers "$s-function" proven
    is '.who.sessions[0] | .statement_certainty, (.statement | contains("drop_it()"))' likely$'\ntrue'
    done_with "$file: the statement that called a function is likely the one"

    run --before-xid "$(told "$s-savepoint" 6)" --format json "${options[@]}" "$wal"
    answers "$s-savepoint" proven
    done_with "$file: by the id of a savepoint"

    for key in auto same too; do
        ask "$s-$key" "${options[@]}"
        answers "$s-$key" likely
        is '.who.sessions[0].reason | test(" [0-9.]+ s before the commit; .*before it gives one")' true
    done
    done_with "$file: a statement logged without an id is likely, and no other database, schema or rollback is taken for it"
done

for key in auto late block savepoint same too; do
    ask "badger-$key" --log "$logs/badger.log"
    answers "badger-$key" likely
    is '.who.sessions[0].reason | contains("add %x to log_line_prefix")' true
    is '.warnings | map(select(contains("log_line_prefix of"))) | length' 1
done
done_with 'stderr: the prefix is guessed, and that is said; without ids nothing is proven'

ask named-late --log "$logs/named.log"
is '.who | .certainty, (.sessions[0] | .user, .database, .application)' $'likely\nEve.O\'Hara\nshop\nnull'
ask named-late --log "$logs/named.log" --log "$logs/named.csv"
answers named-late proven
done_with 'logs of two formats: what one of them proves is told once'

run --before 'DROP TABLE ids.auto' --log "$logs/ids.log" "$wal"
expect_status 2
expect_err '--log-line-prefix'
run --before 'DROP TABLE ids.auto' --log "$logs/ids.log" --log-line-prefix '%m <%p> ' "$wal"
expect_status 2
expect_err 'no line begins as'
run --before 'DROP TABLE ids.auto' --log "$logs/ids.log" --log-line-prefix '%p ' "$wal"
expect_status 2
expect_err 'has none of %m, %t and %n'
run --before 'DROP TABLE ids.auto' --log-line-prefix '%m ' "$wal"
expect_status 2
expect_err '--log-line-prefix goes with --log'
run --before 'DROP TABLE ids.auto' --log "$wal/00000001000000000000000F.gz" "$wal"
expect_status 2
expect_err 'is no log of a server'
run --before 'DROP TABLE ids.auto' --log "$wal" "$wal"
expect_status 2
expect_err 'has no log of a server in it'
run --before 'DROP TABLE ids.auto' --log nowhere "$wal"
expect_status 2
expect_err 'nowhere'
done_with 'what is no log, and a prefix that is not known, are errors'

nobody() { # nobody WORDS: why nobody is told
    is '.who | .certainty, .total, (.sessions | length)' $'unknown\n0\n0'
    is ".who.reason | contains(\"$1\")" true
}
ask silent-late --log "$logs/silent.csv"
nobody 'no statement is logged'
ask ids-late --log "$logs/named.csv"
nobody 'the log goes from'
TZ=Europe/Madrid ask named-late --log "$logs/named.csv"
nobody 'zone \"IST\"'
done_with 'without statements, of another time, in a zone that means several: nobody, and why'

# The same lines in the name of another database.
sed 's/"shop"/"shop2"/' "$logs/named.csv" >other.csv
ask named-late --log other.csv
nobody 'in database \"shop2\"'
ask named-auto --log other.csv
is .who.certainty unknown
done_with 'the log of another cluster proves nothing'

# A copy in a folder, packed, under names that do not tell the order; and a torn last line.
mkdir folder
head -n 30 "$logs/named.csv" | gzip >folder/z.csv.gz
tail -n +31 "$logs/named.csv" >folder/a.csv
head -c 300 "$logs/silent.csv" >folder/torn.csv
echo 'not a log' >folder/README
ask named-late --log folder
answers named-late proven
is '.who.sessions[0] | .statement, .statement_certainty' "TRUNCATE named.late;"$'\nproven'
done_with 'a folder: packed files, by time, and a torn line'

# Another program's log among them; alone it is an error.
printf '%s\n' '2026-11-30 10:58:17.325 UTC [7] LOG C-0x1: shop/ana@10.0.0.7:5 login attempt' >folder/pgbouncer.log
ask named-late --log folder
answers named-late proven
is '.warnings | map(select(contains("pgbouncer.log"))) | length' 1
mkdir others
mv folder/pgbouncer.log others
run --before 'DROP TABLE named.auto' --log others "$wal"
expect_status 2
expect_err 'pgbouncer.log": its lines fit no common log_line_prefix'
done_with 'a folder with the log of another program'

# A torn entry with an open quote does not hide those after it.
{
    head -n 3 "$logs/named.csv"
    head -n 4 "$logs/named.csv" | tail -n 1 | sed 's/\(.*"\)[^"]*"[^"]*$/\1torn/'
    echo
    tail -n +5 "$logs/named.csv"
} >torn.csv
ask named-late --log torn.csv
answers named-late proven
done_with 'csv: a torn entry with an open quote'

# Two sessions that may have done it: both are told, and neither is chosen.
{
    cat "$logs/named.csv"
    grep -F 'DROP TABLE named.auto;' "$logs/named.csv" | grep '"ana"' | sed 's/"ana"/"zoe"/; s/,[0-9a-f]*\.[0-9a-f]*,/,6b0d5669.1,/; s/,[0-9]*,"\[local\]"/,77,"[local]"/'
} >two.csv
ask named-auto --log two.csv
is '.who | .certainty, .total, ([.sessions[].user] | sort | join(" "))' $'likely\n2\nana zoe'
run --before 'DROP TABLE named.auto' --database shop --log two.csv "$wal"
expect_err '2 sessions may have done it'
done_with 'two that may have done it are both told'

run --before 'TRUNCATE TABLE ids.late' --log "$logs/ids.csv" "$wal"
expect_err 'who         user "Eve.O'\''Hara", database "shop", application "night job", from [local], session '
expect_err "proven: the log line has transaction id $(told ids-late 6) ("
expect_err 'statement: TRUNCATE ids.late;'
done_with 'the story tells it'

# Of a long log only what is near is read; the lines have their numbers all the same.
{
    awk 'BEGIN {
        for (i = 0; i < 150000; i++)
            printf "2026-11-%02d %02d:%02d:%02d.000 UTC,\"app\",\"shop\",7,\"[local]\",6741c2f0.7,%d,\"SELECT\",2026-11-22 10:40:00 UTC,3/%d,0,LOG,00000,\"statement: SELECT %d\n\tFROM named.late\",,,,,,,,,\"web\",\"client backend\",,0\n",
                20 + i / 20000, i / 3600 % 24, i / 60 % 60, i % 60, i, i, i
    }'
    cat "$logs/named.csv"
} >long.csv
ask named-late --log long.csv
answers named-late proven
place 'TRUNCATE named.late;'
line=$(json_value '.who.sessions[0].xid_line' out)
sed -n "${line}p" long.csv | grep -qE ",$(json_value .event.xid out),LOG," || miss "line $line has no such id"
mkdir rotated
head -n 1000 long.csv | gzip >whole.gz
head -c 4000 whole.gz >rotated/log-1.csv.gz # cut: to read it is to warn
head -n 200000 long.csv | tail -n 1000 | gzip >rotated/log-3.csv.gz
tail -n 1000 long.csv | gzip >rotated/log-2.csv.gz
ask named-late --log rotated
answers named-late proven
is '.warnings | map(select(contains("cut"))) | length' 0
mv rotated/log-1.csv.gz rotated/other.csv.gz # may be of the same time
ask named-late --log rotated
answers named-late proven
is '.warnings | map(select(contains("cut"))) | length' 1
rm -r long.csv rotated
done_with 'a long log, and rotated ones'

# What pg_waldump says of them: origin: node 1.
for of in pg10:1012 pg15:1202 pg18:1295; do
    run --before-xid "${of#*:}" "$fixtures/${of%:*}/wal"
    expect_err '  origin      replication applied it, from origin 1: whoever did it did it on the other server'
done
run --before-xid 1201 "$fixtures/pg15/wal"
expect_not_err '  origin'
done_with 'a change that replication applied'

# Lines of a GB, zeros, lines that are nothing: in little memory, and what is sound is read.
hostile() { # hostile FILE: the fixture's entries after what is in it
    cat "$logs/named.csv" >>"$1"
    (limit_memory 300000; run --before "^TRUNCATE TABLE named.late\$" --format json --log "$1" "$wal"; cp out err "$work/said"; echo "$status" >"$work/said/status")
    cp "$work/said/out" out
    status=$(cat "$work/said/status")
    expect_status 0
    answers named-late proven
}
mkdir said
head -n 1 "$logs/named.csv" | tr -d '\n' >long.csv
head -c 300000000 /dev/zero | tr '\0' 'x' >>long.csv
echo >>long.csv
hostile long.csv
rm long.csv
{ head -n 1 "$logs/named.csv"; head -c 30000000 /dev/zero; echo; } >zeros.csv
hostile zeros.csv
{ head -n 1 "$logs/named.csv"; head -n 2 "$logs/named.csv" | tail -n 1 | sed 's/statement: .*/statement: open/'; awk 'BEGIN { for (i = 0; i < 2000000; i++) print "\"x\"" }'; } >quotes.csv
hostile quotes.csv
done_with 'long lines, zeros and open quotes take no memory, and hide nothing'

exit $((failures > 0))
