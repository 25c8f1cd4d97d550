#!/usr/bin/env bash
# pitr-find rescue, on a recorded backup and WAL: what the server's COPY printed right before each incident is what it has to print
# (RECORD=1 tests/servers/rescue.sh).
#
#   rescue.sh PROGRAM
# shellcheck disable=SC2154 # the facts of a recording
set -euo pipefail

# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

rescue() { run rescue --backup "$base" "$@" "$wal"; }

expect_rows() { # expect_rows FILE [OUTPUT]: in any order
    local got=${2:-out}
    if [ ! -e "$got" ]; then
        miss "there is no $got"
    elif ! cmp -s <(sort "wanted/$1") <(sort "$got"); then
        miss "not the rows of $1: $(diff -a <(sort "wanted/$1") <(sort "$got") | grep -a '^[<>]' | cut -c1-150 | head -n 4 || true)"
    fi
}
expect_some_rows() { # fewer, and none that is not among them
    local more
    more=$(comm -13 <(sort "wanted/$1") <(sort out) | wc -l)
    [ "$more" -eq 0 ] || miss "$more rows that $1 has not"
    [ "$(wc -l <out)" -lt "$(wc -l <"wanted/$1")" ] || miss "$(wc -l <out) rows"
}

for fixture in "$fixtures"/rescue/*.tar.xz; do
    major=$(basename "$fixture" .tar.xz)
    rm -rf backup wal wanted
    tar -xJf "$fixture"
    # shellcheck source=/dev/null
    . ./facts
    base=backup/data wal=wal
    at_drop=(--before-xid "$xid_drop" --database shop)

    # ---- rows ----

    n=0
    for file in wanted/drop/*; do
        name=${file#wanted/drop/}
        [[ $name != vals.* ]] || continue
        rescue "${at_drop[@]}" --table "\"${name%%.*}\".\"${name#*.}\"" --format copy
        expect_status 0
        expect_rows "drop/$name"
        expect_not_err warning
        n=$((n + 1))
    done
    [ "$n" -ge 28 ] || miss "only $n tables"
    done_with "$major: each table before the first incident"

    for at in "--before-xid $xid_drop" "--before-lsn $lsn_drop" "--before-time $time_drop" '--restore-point before the drop' '--before DROP TABLE public.acc'; do
        rescue "${at%% *}" "${at#* }" --database shop --table sales.item --format copy
        expect_status 0
        expect_rows drop/sales.item
    done
    rescue --before-lsn "$lsn_database" --database other --table stock --format copy
    expect_status 0
    expect_rows database/public.stock
    run rescue --backup "$base" --before-xid "$xid_mixed" --database shop --table LARGE --format copy --memory 1 "$wal"
    expect_status 0
    expect_rows mixed/sales.large
    mkdir packed
    for file in wal/*; do gzip -c "$file" >"packed/${file##*/}.gz"; done
    wal=packed
    rescue "${at_drop[@]}" --table sales.item --format copy -j 2
    expect_status 0
    expect_rows drop/sales.item
    run rescue --backup "$base" "${at_drop[@]}" --table sales.item --format copy -q --from-command 'gzip -dc packed/%f.gz >%p'
    expect_status 0
    expect_no_err
    expect_rows drop/sales.item
    wal=wal
    done_with "$major: the ways to say where"

    rescue --before 'TRUNCATE' --output truncated --format copy
    expect_status 0
    expect_no_out
    expect_rows truncate/public.wide truncated/public.wide.copy
    expect_rows truncate/sales.refilled truncated/sales.refilled.copy
    rescue --before 'DROP TABLE sales\.measures$' --output measures --format copy
    expect_status 0
    for file in wanted/parted/*; do expect_rows "${file#wanted/}" "measures/${file##*/}.copy"; done
    [ "$(find measures -type f | wc -l)" -eq "$(find wanted/parted -type f | wc -l)" ] || miss "$(ls measures)"
    rescue --before 'DROP DATABASE' --output other --format copy
    expect_status 0
    expect_rows database/public.stock other/public.stock.copy
    expect_rows database/public.second other/public.second.copy
    rescue --before 'DROP MATERIALIZED VIEW' --format copy
    expect_status 0
    expect_rows matview/sales.totals
    rescue --before 'DROP TABLE sales\.lost' --format copy
    expect_status 0
    expect_rows mixed/sales.lost
    done_with "$major: what DROP and TRUNCATE took"

    for case in 'DELETE FROM sales\."Bestellung é"|delete_all/sales.Bestellung é' 'DELETE FROM sales\.item|deleted' 'UPDATE sales\.customers|update_all/sales.customers' \
        'UPDATE sales\.toasts|updated'; do
        rescue --before "${case%|*}" --format copy
        expect_status 0
        expect_rows "${case#*|}"
    done
    rescue --before 'DELETE FROM sales\.item' --all --format copy
    expect_status 0
    expect_rows delete_some/sales.item
    rescue --before 'UPDATE sales\.toasts' --all --format copy
    expect_status 0
    expect_rows update_some/sales.toasts
    done_with "$major: the rows that DELETE and UPDATE took"

    # ---- formats ----

    for name in sales.item sales.orders; do
        rescue "${at_drop[@]}" --table $name --format csv
        expect_status 0
        expect_rows csv/$name
    done
    rescue "${at_drop[@]}" --table sales.item --format json
    expect_status 0
    jq -cS '{id, name, price, is_sold, doc, noted, note}' out >json 2>&1 || miss "JSON: $(tail -n 1 json)"
    expect_rows json/sales.item json
    rescue "${at_drop[@]}" --table sales.customers --format sql
    expect_status 0
    # The rows between COPY and its end are those of COPY.
    sed '1,/^COPY .*FROM stdin;$/d; /^\\\.$/,$d' out >rows
    expect_rows drop/sales.customers rows
    for words in "SET client_encoding = 'UTF8';" 'CREATE TYPE sales.address AS (' 'CREATE TABLE sales.customers (' 'PRIMARY KEY (id)' 'UNIQUE (name)' 'setval('; do
        expect_out "$words"
    done
    rescue "${at_drop[@]}" --table sales.customers --into '"Größe".anew'
    expect_status 0
    expect_out 'COPY "Größe".anew ('
    rescue --before 'DELETE FROM sales\.item' --format insert
    expect_status 0
    [ "$(grep -c '^INSERT INTO sales.item ' out)" -eq "$(wc -l <wanted/deleted)" ] || miss "$(grep -c '^INSERT' out) of INSERT"
    rescue --before 'UPDATE sales\.toasts' --format undo
    expect_status 0
    [ "$(grep -c '^UPDATE sales.toasts SET ' out)" -eq "$(wc -l <wanted/updated)" ] || miss "$(grep -c '^UPDATE' out) of UPDATE"
    done_with "$major: formats"

    # Whatever its table, a column of a type that cannot be printed is refused before the first byte.
    rescue --before 'DROP SCHEMA vals' --output vals --format copy
    expect_error "--skip-column"
    [ ! -e vals ] || [ -z "$(ls vals)" ] || miss "files: $(ls vals)"
    rescue --before 'DROP SCHEMA vals' --output vals --format copy --skip-column a --skip-column b
    expect_status 0
    expect_rows schema/vals.t_int vals/vals.t_int.copy
    [ "$(cat vals/vals.t_odd.copy)" = 3 ] || miss "$(cat vals/vals.t_odd.copy)"
    rescue --before 'DROP SCHEMA vals' --output raw --format copy --raw
    [ "$(cut -c1-3 raw/vals.t_odd.copy)" = '\\x' ] || miss "raw: $(cat raw/vals.t_odd.copy)"
    rescue "${at_drop[@]}" --table sales.orders --format copy --skip-column doc --skip-column parts
    expect_status 0
    cut -f 1-6,9- wanted/drop/sales.orders >wanted/skipped
    expect_rows skipped
    rescue "${at_drop[@]}" --table sales.orders --skip-column no_such
    expect_error no_such
    done_with "$major: columns that are left out"

    # ---- backups of other forms ----

    mkdir -p tars
    oid=$(basename "$base"/pg_tblspc/*)
    echo "$oid /somewhere" >tablespace_map
    tar --exclude='./pg_tblspc/*' -czf tars/base.tar.gz -C "$work" tablespace_map -C "$base" .
    tar -czf "tars/$oid.tar.gz" -C backup/space .
    for base in tars tars/base.tar.gz; do
        for name in sales.in_space sales.toasts; do
            rescue "${at_drop[@]}" --table $name --format copy
            expect_status 0
            expect_rows drop/$name
        done
    done
    base=backup/data
    done_with "$major: a backup of tar archives"

    # ---- doubt ----

    # flip FILE OFFSET
    flip() {
        local byte
        rm -rf flipped
        cp -r backup flipped
        byte=$(od -An -tu1 -j "$2" -N 1 "flipped/data/$1")
        poke "flipped/data/$1" "$2" "\\x$(printf %x $((byte ^ 255)))"
    }
    flip "$quiet" $((8192 + 8000))
    base=flipped/data
    rescue "${at_drop[@]}" --table sales.quiet --format copy --report report
    expect_status 3
    expect_some_rows drop/sales.quiet
    expect_err checksum
    [ "$(json_value '.status, .tables[0].certain, .tables[0].doubt.damaged_blocks, .backup.has_checksums' report | xargs)" = '3 false 1 true' ] || miss "report: $(cut -c1-900 report)"
    [ "$(json_value '.tables[0].rows' report)" -eq "$(wc -l <out)" ] || miss 'rows of the report'
    rescue "${at_drop[@]}" --table sales.quiet --format copy --strict --output strict
    expect_status 2
    expect_no_out
    [ ! -e strict ] || [ -z "$(ls strict)" ] || miss "--strict: $(ls strict)"
    rescue "${at_drop[@]}" --table sales.item --format copy --strict
    expect_status 0
    expect_rows drop/sales.item
    flip "$one" 8000
    rescue "${at_drop[@]}" --table sales.one --format copy
    expect_status 0
    expect_rows drop/sales.one
    rm -rf flipped
    cp -r backup flipped
    truncate -s 0 flipped/data/global/1262
    rescue "${at_drop[@]}" --table sales.one
    expect_error 'pg_database has no row'
    base=backup/data
    done_with "$major: a damaged page of the backup"

    # Within a block; at its end, which the manifest alone tells; the whole file. And all ends of transactions.
    bytes=$(stat -c %s "backup/data/$quiet")
    for left in $((bytes - 100)) $((bytes - 8192)) none; do
        rm -rf flipped
        cp -r backup flipped
        [ "$left" = none ] || truncate -s "$left" "flipped/data/$quiet"
        [ "$left" != none ] || rm "flipped/data/$quiet"
        base=flipped/data
        printf '{ "Files": [\n{ "Path": "%s", "Size": %d },\n{ "Path": "global/1262", "Size": %d }\n] }\n' "$quiet" "$bytes" \
            "$(stat -c %s backup/data/global/1262)" >backup_manifest
        [ "$left" != $((bytes - 8192)) ] || cp backup_manifest flipped/data/
        rescue "${at_drop[@]}" --table sales.quiet --format copy --report report
        expect_status 3
        expect_some_rows drop/sales.quiet
        [ "$(json_value '.tables[0].certain, .backup.differing_files' report | xargs)" = "$([ "$left" = $((bytes - 8192)) ] && echo true 1 || echo false 0)" ] ||
            miss "cut to $left: report: $(cut -c1-500 report)"
    done
    rescue "${at_drop[@]}" --table sales.item --format copy
    expect_status 0
    cp backup_manifest flipped/data/
    cp "backup/data/$quiet" "flipped/data/$quiet"
    rescue "${at_drop[@]}" --table sales.quiet --format copy
    expect_status 0
    expect_rows drop/sales.quiet
    dd if=/dev/zero of=flipped/data/pg_xact/0000 bs=8192 count=1 2>/dev/null
    rescue "${at_drop[@]}" --table sales.quiet --format copy
    [ "$status" -eq 3 ] || expect_rows drop/sales.quiet
    base=backup/data
    done_with "$major: files of the backup that are cut, lost or of zeros"

    mkdir gap
    ln wal/* gap/
    middle=$((($(number "$backup_stop") + $(number "$lsn_drop")) / 2))
    rm "gap/$(printf '00000001%08X%08X' 0 $((middle >> 20)))"
    wal=gap
    rescue "${at_drop[@]}" --table sales.orders --format copy --report report
    expect_status 3
    expect_err 'is missing'
    [ "$(json_value .wal_is_cut report)" = true ] || miss "report: $(cut -c1-300 report)"
    rescue "${at_drop[@]}" --table sales.orders --format copy --strict
    expect_status 2
    expect_no_out
    rescue --before 'DELETE FROM sales\.item' --format copy
    expect_status 2
    expect_no_out
    rm gap/*
    ln wal/* gap/
    rm "gap/$(printf '00000001%08X%08X' 0 $(($(number "$backup_start") >> 20)))"
    for name in sales.item sales.late; do # the second one is not in the backup
        rescue "${at_drop[@]}" --table $name
        expect_error 'the WAL between them is needed'
    done
    wal=wal
    done_with "$major: WAL is missing"

    rescue "${at_drop[@]}" --table sales.scratch --format copy
    expect_status 3
    expect_no_out
    expect_err unlogged
    rescue "${at_drop[@]}" --table sales.no_such
    expect_status 1
    expect_no_out
    rescue --before 'DROP TABLE public\.no_such'
    expect_status 1
    expect_no_out
    rescue --before-lsn "$backup_start" --database shop --table sales.item
    expect_status 2
    expect_no_out
    for name in sales.late sales.refilled; do
        run rescue "${at_drop[@]}" --table $name --format copy wal
        [ "$status" -eq 3 ] || [ "$status" -eq 2 ] || miss "without a backup: status $status"
        [ "$(comm -13 <(sort wanted/drop/$name) <(sort out) | wc -l)" -eq 0 ] || miss "without a backup: rows that $name has not"
    done
    done_with "$major: what is not there"

    # ---- what does not go together ----

    for case in '' '--before DROP --before-lsn 0/1' '--before-lsn 0/1000000' '--before DROP --table x --all' '--before DROP --into x --output y' \
        '--before DROP --format nonsense' '--before DROP --after DELETE' '--before DROP --memory x' '--before TRUNCATE --format copy' '--before DROP.SCHEMA --into x --skip-column a --skip-column b'; do
        read -ra words <<<"$case"
        rescue "${words[@]}"
        expect_error ''
    done
    run rescue --before DROP --strict wal
    expect_error --backup
    run rescue --before 'DROP TABLE public' --backup no_such wal
    expect_error no_such
    done_with "$major: what is refused"
    rm -rf packed truncated strict measures other vals raw tars gap flipped
done

# Servers for which there is no package: multixacts of 8 bytes, and pages of the visibility map in records of tables.
for fixture in "$fixtures"/redo-backups/*.tar.xz; do
    major=$(basename "$fixture" .tar.xz)
    rm -rf base wanted recorded
    tar -xJf "$fixture"
    mkdir recorded
    tar -C recorded -xJf "$fixtures/redo/$major.tar.xz"
    for name in acc big hist kid par; do
        run rescue --backup base --before-lsn "$(cat end)" --database bench --table "$name" --format copy recorded
        expect_status 0
        expect_rows "$name"
        expect_not_err warning
    done
    done_with "$major: each table at the end of the recording"
done

# Without a backup: what transactions of the WAL removed is on pages that the WAL has whole, and so are the catalogs' rows of the table. How many
# rows each took is what the server said.
while IFS=$'\t' read -r nth rows; do
    run rescue --before 'DELETE FROM public.order_items' --pick "$nth" --format copy "$fixtures/demo/wal"
    expect_status 3
    [ "$(wc -l <out)" -eq "$rows" ] || miss "DELETE number $nth: $(wc -l <out) rows, not $rows"
    [ "$(cut -f1,2 out | sort -u | wc -l)" -eq "$rows" ] || miss "DELETE number $nth: a row is there twice"
    expect_err 'there is no backup'
done < <(awk -F'\t' '$11 == "order_items" && $14 == "DELETE FROM" { print ++n "\t" $13 }' "$fixtures/demo/expect.tsv")
[ "$(awk -F'\t' '$11 == "order_items" && $14 == "DELETE FROM"' "$fixtures/demo/expect.tsv" | wc -l)" -eq 2 ] || miss 'not two DELETEs'
run rescue --before 'DROP TABLE public.orders' "$fixtures/demo/wal"
expect_status 3
grep -qF 'CREATE TABLE public.orders (' out || miss 'no CREATE TABLE'
for major in 9.5 9.6; do
    run rescue --before 'DROP TABLE public.p1' --format copy "$fixtures/pg$major/wal"
    expect_status 3
    [ "$(wc -l <out)" -eq 1 ] || miss "$major: $(wc -l <out) rows, not 1" # one INSERT after TRUNCATE
done
done_with 'out of WAL alone'
exit $((failures > 0))
