# shellcheck shell=bash
# xact_list.sh - what the list of `xact` and the biographies of the same transactions say; after json.sh.

# A row of the list, made of a biography. Rows of catalogs are left out: those of a file, or a relation, below 16384, and those whose name says it.
row_of_biography='
def toast_of: ((.name // "") | capture("^pg_toast\\.pg_toast_(?<table>[0-9]+)")? | .table) // "99999" | tonumber;
def is_catalog: (.file | split("/")[2] | tonumber) < 16384 or toast_of < 16384
    or ((.name // "") | test("^(pg_catalog|information_schema)\\."));
def rows(f): [.relations[] | select(is_catalog | not) | f] | add // 0;
{ xid, first_lsn, "end": .end, end_lsn, time, records, bytes, image_bytes, begins_here, subtransactions: (.subtransactions | length),
  rows_inserted: rows(.kept.inserted + .unknown.inserted), rows_updated: rows(.kept.updated + .unknown.updated),
  rows_deleted: rows(.kept.deleted + .unknown.deleted), rolled_back_inserted: rows(.rolled_back.inserted),
  rolled_back_updated: rows(.rolled_back.updated), rolled_back_deleted: rows(.rolled_back.deleted) }'

# differing_rows PITR_FIND WAL [FILTER]: a line for each transaction of the list (that jq's FILTER selects) of which the list says something else
# than the biography. Leaves the ids compared in the file xids.
differing_rows() {
    local program=$1 wal=$2 filter=${3:-true} xid
    "$program" -q xact --limit 100000 --format json "$wal" >list.json 2>/dev/null || true
    json_value "select($filter) | del(.nameless_rows)" -S list.json | sort >of_list
    json_value .xid of_list >xids
    while read -r xid; do
        "$program" -q xact "$xid" --format json "$wal" 2>/dev/null || true
    done <xids >biographies.json
    json_value "$row_of_biography" -S biographies.json | sort >of_biographies
    diff of_list of_biographies || true
}
