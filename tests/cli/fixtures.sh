#!/usr/bin/env bash
# Proves that `pitr-find events` tells exactly what the real servers behind tests/fixtures did.
#
# For each fixture the program reads the archived segments; every event whose commit_lsn lies in the LSN range of
# a labelled statement must be one of the events expected there, and every expected event must be found: same
# kind, text, xid, time, database, schema, object, relkind and row count (a column left empty in expect.tsv is
# not checked). A label whose only row has kind `-` must have no event at all.
#
# A fixture with a base.tar.gz is read with it as --backup. Without it, the events of the same transactions must
# come with OIDs in brackets: the archive begins with the backup and holds few names.
#
#   tests/cli/fixtures.sh [PITR_FIND [FIXTURE...]]      (default build/pitr-find, all fixtures)
set -euo pipefail

# shellcheck source=tests/cli/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
[ $# -eq 0 ] || shift

cat >compare.awk <<'AWK'
# Input: expect.tsv, then the csv of `pitr-find events`. Output: one TAP line per label; exit 1 if one failed.
function key(lsn,    part) {
	if (split(toupper(lsn), part, "/") != 2 || part[1] part[2] !~ /^[0-9A-F]+$/)
		return ""
	return "x" substr("00000000" part[1], length(part[1]) + 1) substr("00000000" part[2], length(part[2]) + 1)
}
# One csv record into field[1..n]; 0 if a quoted field goes on in the next line.
function csv(line,    n, rest, value, at) {
	split("", field)
	n = 0
	rest = line ","
	while (rest != "") {
		if (substr(rest, 1, 1) == "\"") {
			value = ""
			rest = substr(rest, 2)
			while (1) {
				at = index(rest, "\"")
				if (!at)
					return 0
				value = value substr(rest, 1, at - 1)
				rest = substr(rest, at + 1)
				if (substr(rest, 1, 1) != "\"")
					break
				value = value "\""
				rest = substr(rest, 2)
			}
			rest = substr(rest, 2)
		} else {
			at = index(rest, ",")
			value = substr(rest, 1, at - 1)
			rest = substr(rest, at + 1)
		}
		field[++n] = value
	}
	return n
}
function failed(name, why) {
	print "not ok - " fixture " " name
	printf "%s", why
	bad = 1
}
BEGIN {
	FS = "\t"
	checks = split("kind text xid commit_time database_oid database schema_oid schema object_oid object relkind rows", check, " ")
	for (i = 1; i <= checks; i++)
		theirs[i] = check[i] == "commit_time" ? "time" : check[i]
	labels = rows = events = 0
}
FNR == 1 { file++ }
file == 1 && /^#/ { next }
file == 1 && !header {
	for (i = 1; i <= NF; i++)
		column[$i] = i
	header = 1
	next
}
file == 1 {
	label = $column["label"]
	if (!(label in from)) {
		order[++labels] = label
		from[label] = key($column["lsn_before"])
		to[label] = key($column["lsn_after"])
		if (from[label] == "" || to[label] == "")
			broken = broken "# expect.tsv: no LSN range for " label "\n"
	}
	if ($column["kind"] == "-")
		next
	rows++
	of[rows] = label
	for (i = 1; i <= checks; i++)
		want[rows, i] = $column[check[i]]
	next
}
{
	sub(/\r$/, "")
	line = pending == "" ? $0 : pending "\n" $0
	n = csv(line)
	if (!n) {
		pending = line
		next
	}
	pending = ""
	if (!printed) {
		for (i = 1; i <= n; i++)
			place[field[i]] = i
		for (i = 1; i <= checks; i++)
			if (!(theirs[i] in place))
				broken = broken "# no column " theirs[i] " in the csv\n"
		if (!("commit_lsn" in place))
			broken = broken "# no column commit_lsn in the csv\n"
		printed = 1
		next
	}
	at = key(field[place["commit_lsn"]])
	if (at == "") {
		broken = broken "# no commit_lsn in: " line "\n"
		next
	}
	for (l = 1; l <= labels; l++)
		if (at >= from[order[l]] && at < to[order[l]]) {
			events++
			where[events] = order[l]
			for (i = 1; i <= checks; i++)
				got[events, i] = field[place[theirs[i]]]
			break
		}
}
END {
	if (pending != "")
		broken = broken "# unfinished csv record: " pending "\n"
	if (!printed)
		broken = broken "# no csv header\n"
	if (!labels)
		broken = broken "# expect.tsv has no labels\n"
	if (broken != "") {
		failed("csv", broken)
		exit 1
	}
	for (l = 1; l <= labels; l++) {
		why = ""
		for (r = 1; r <= rows; r++) {
			if (of[r] != order[l])
				continue
			found = 0
			for (e = 1; e <= events && !found; e++) {
				if (where[e] != order[l] || used[e])
					continue
				found = e
				for (i = 1; i <= checks; i++)
					if (want[r, i] != "" && (want[r, i] "") != (got[e, i] ""))
						found = 0
			}
			if (found)
				used[found] = 1
			else
				why = why "# missing: " show_want(r) "\n"
		}
		for (e = 1; e <= events; e++)
			if (where[e] == order[l] && !used[e])
				why = why "# unexpected: " show_got(e) "\n"
		if (why == "")
			print "ok - " fixture " " order[l]
		else
			failed(order[l], why)
	}
	exit bad
}
function show_want(r,    i, out) {
	for (i = 2; i <= checks; i++)
		out = out " " theirs[i] "=" want[r, i]
	return substr(out, 2)
}
function show_got(e,    i, out) {
	for (i = 2; i <= checks; i++)
		out = out " " theirs[i] "=" got[e, i]
	return substr(out, 2)
}
AWK

[ $# -gt 0 ] || set -- "$fixtures"/{pg*,demo}/expect.tsv
for expect; do
	case $expect in
	*/expect.tsv) folder=$(dirname "$expect") ;;
	*) folder=$fixtures/$expect ;;
	esac
	name=$(basename "$folder")
	options=()
	[ ! -e "$folder/base.tar.gz" ] || options=(--backup "$folder/base.tar.gz")
	run events --format csv "${options[@]}" "$folder/wal"
	expect_status 0
	done_with "$name events"
	[ "$status" -eq 0 ] || continue
	mv out events.csv
	awk -v fixture="$name" -f compare.awk "$folder/expect.tsv" events.csv || failures=$((failures + 1))

	[ ${#options[@]} -gt 0 ] || continue
	run events --format json "$folder/wal"
	awk -F '\t' 'NR > 1 { print $4 }' "$folder/expect.tsv" | sort -u >xids
	named=$(json_value '$xids - [.[] | select((.text | contains("[")) or
		any(.database, .schema, .object | objects; .name == null)) | .xid]' -s --slurpfile xids xids out)
	[ "$named" = '[]' ] || miss "without the backup, transactions $named have names"
	! grep '\[' events.csv >out || miss "with the backup: $(head -n 3 out)"
	done_with "$name names come from the backup"
done

exit $((failures > 0))
