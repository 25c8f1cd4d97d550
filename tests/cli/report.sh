#!/bin/bash
# Proves of `report`: what the page says is what servers, their recordings and other tools say; nothing in it can be loaded or
# run, whatever names are; the same input gives the same bytes; and a changed file is found.
#
#   tests/cli/report.sh [PITR_FIND]        (default build/pitr-find)
set -euo pipefail
# shellcheck source=tests/cli/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

demo=$fixtures/demo/wal

# page FILE: its text, as a browser shows it: without tags, references resolved. What is not well-formed is told, and its status is 1.
cat >page.py <<'EOF_PY'
import html.parser, sys
VOID = {"meta", "br", "link", "img", "input", "hr"}
SVG_VOID = {"line", "rect"}
class Page(html.parser.HTMLParser):
    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.open, self.wrong, self.ids, self.links = [], [], set(), set()
    def handle_starttag(self, tag, attrs):
        for name, value in attrs:
            if name in ("src", "srcset", "data", "action", "style", "poster", "background") or name.startswith("on"):
                self.wrong.append(f"attribute {name}={value!r}")
            if name == "href":
                if not value.startswith("#"): self.wrong.append(f"link to {value!r}")
                self.links.add(value[1:])
            if name == "id":
                if value in self.ids: self.wrong.append(f"id {value} twice")
                self.ids.add(value)
        if tag in ("script", "iframe", "object", "embed", "img", "link", "base", "form", "audio", "video"):
            self.wrong.append(f"<{tag}>")
        if tag not in VOID and tag not in SVG_VOID: self.open.append(tag)
    def handle_startendtag(self, tag, attrs):
        if tag not in SVG_VOID: self.wrong.append(f"<{tag}/>")
        self.handle_starttag(tag, attrs)
    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag: self.wrong.append(f"</{tag}> closes something else")
    def handle_data(self, data):
        if not self.open or self.open[-1] != "style": sys.stdout.write(data)
page = Page()
text = open(sys.argv[1], encoding="utf-8", errors="strict").read()
page.feed(text)
page.close()
if page.open: page.wrong.append(f"left open: {page.open}")
if page.links - page.ids: page.wrong.append(f"no such id: {page.links - page.ids}")
if any(ord(c) < 32 and c != "\n" or 0x7f <= ord(c) < 0xa0 or c in "\u200e\u200f\u061c\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069" for c in text):
    page.wrong.append("control characters or direction marks")
if "http:" in text or "https:" in text or "url(" in text or "@import" in text: page.wrong.append("something to be loaded")
if "default-src 'none'" not in text: page.wrong.append("no policy")
sys.exit("\n".join(page.wrong) or 0)
EOF_PY
page() { python3 page.py "$1" >words 2>wrong || miss "$1: $(head -c 500 wrong)"; }
expect_word() { grep -qF -- "$1" words || miss "the page does not say: $1"; }
report() { run report "$@"; }

# ---- what it says ---------------------------------------------------------------------------------

report --before 'DROP TABLE' --output one "$demo"
expect_status 0
expect_line one/report.html
expect_line one/manifest.json
page one/report.html
expect_word "DROP TABLE public.orders in database shop"
expect_word "transaction $(told demo drop_orders xid)"
expect_word "$(told demo drop_orders commit_time)"
expect_word 'Recovery target: exact'
expect_word '2 match, this is number 2'
run -q --before 'DROP TABLE' "$demo"
grep -v '^#' out >settings
while IFS= read -r line; do expect_word "$line"; done <settings
expect_word 'DROP TABLE public.import_batch in database shop'
# What other commands say of it.
run xact 3496 "$demo"
head -n 12 out >part
while IFS= read -r line; do expect_word "$line"; done <part
run dump --xid 3496 "$demo"
[ "$(wc -l <out)" -gt 80 ] || miss 'the transaction has too few records for the test'
{ head -n 40 out && tail -n 40 out; } >lines
while IFS= read -r line; do expect_word "$line"; done <lines
expect_word "$(wc -l <out) records in the WAL"
expect_word "and $(($(wc -l <out) - 80)) more records between"
[ "$(grep -cE '^rmgr: ' words)" -eq 80 ] || miss "$(grep -cE '^rmgr: ' words) records are shown"
done_with 'the page has the target, the story, the transaction and its records'

# The bytes of the record that commits: those at its place in the segment.
at=$((16#CDF508 - 16#C00000))
gzip -dc "$demo/00000001000000000000000C.gz" >segment
dd if=segment bs=1 skip=$at count=16 status=none | od -An -v -tx1 | tr -d '\n' | sed 's/^ //; s/^\(.\{23\}\)/\1 /' >bytes
expect_word "0000  $(cat bytes)"
expect_word "$demo/00000001000000000000000C.gz, byte $at of the segment"
done_with 'evidence: file, place and bytes are those of the segment'

report --before 'DROP TABLE' --format json --output object "$demo"
expect_status 0
cp object/report.json out
expect_json '.verdict, .archive.whole, .transaction.xid, (.evidence.records | length)' $'exact\ntrue\n3496\n80'
"$program" -q verify --format json "$demo" >verified
expect_json '[.timeline.buckets[].commits] | add' "$(json_value '[.timelines[].commits] | add' verified)"
expect_json '[.timeline.buckets[].checkpoints] | add' "$("$program" -q dump --rmgr XLOG "$demo" | grep -c 'CHECKPOINT_ONLINE\|CHECKPOINT_SHUTDOWN')"
expect_json '.timeline.buckets | length <= 200' true
# Up to the end of the last transaction that ended.
until=$("$program" -q dump --rmgr Transaction "$demo" | grep -E 'desc: (COMMIT|ABORT)' | tail -n 1 | sed -E 's|.*lsn: 0/([0-9A-F]+),.*|0x\1|')
expect_json '[.timeline.buckets[].wal_bytes] | add | . / 256 | floor' "$(((until - 0xB00000 + 40) / 256))"
expect_json '.evidence.records[-1].offset' "$at"
expect_json '.others.before, .others.events[0].text' $'1\nDROP TABLE public.import_batch'
done_with 'json: one object, whose sums are those of verify and dump'

report --before 'DROP TABLE' --format timesketch --output lines.d "$demo"
expect_status 0
cp lines.d/report.jsonl out
expect_json 'select((has("message") and has("datetime") and has("timestamp") and has("timestamp_desc")) | not)' ''
expect_json 'select(.kind == "incident") | .message, .datetime' "DROP TABLE public.orders in database shop"$'\n'"$(told demo drop_orders commit_time)"
micro=$(date -u -d "$(told demo drop_orders commit_time)" +%s%6N)
expect_json 'select(.kind == "incident") | .timestamp' "$micro"
expect_json 'select(.kind == "target") | .lsn' '0/CDF508'
done_with 'timesketch: its four members, with the microseconds that date makes of the time'

# who DIR OPTION...: of a TRUNCATE, by a log in which it says who it is
who() {
    report --before '^TRUNCATE TABLE named.late$' --database shop --output "$@" "$fixtures/who/wal"
    expect_status 0
}
named() { awk -F'|' -v field="$1" '$1 == "named-late" { print $field }' "$fixtures/who/truth"; }
export TZ=Asia/Kolkata # of that log
who who --log "$fixtures/who/logs/named.csv"
page who/report.html
expect_word "by user \"$(named 3)\", application \"$(named 4)\", from [local] (proven by the log)"
expect_word "$(named 5)"
expect_word 'TRUNCATE named.late;'
json_value '.inputs[] | select(.kind == "log") | .sha256' who/manifest.json | grep -qx "$(sha256sum <"$fixtures/who/logs/named.csv" | cut -c -64)" || miss 'no sum of the log'
cp "$fixtures/who/logs/named.csv" other.csv
report --verify who/manifest.json --log other.csv "$fixtures/who/wal"
expect_status 0
echo >>other.csv
report --verify who/manifest.json --log other.csv "$fixtures/who/wal"
expect_status 1
expect_line 'changed  other.csv'
who who-lines --log "$fixtures/who/logs/named.csv" --format timesketch
cp who-lines/report.jsonl out
expect_json 'select(.kind == "incident") | .user, .who_certainty' "$(named 3)"$'\nproven'
who not-asked
page not-asked/report.html
expect_word 'Nobody was asked: WAL has no names of users.'
export TZ=UTC
done_with 'who did it: what the log proves, and its sum in the manifest'

# ---- doubt ----------------------------------------------------------------------------------------

mkdir gap
cp "$demo"/*B.gz "$demo"/*D.gz gap
report --before 'DROP TABLE' --output doubt gap
expect_status 3
page doubt/report.html
expect_word 'Recovery target: in doubt'
expect_word 'segment 00000001000000000000000C is missing (0/C00000 to 0/D00000)'
expect_word 'Not whole: 1 problem.'
expect_word 'at least '
done_with 'a gap: in doubt, in words, with status 3'

mkdir damaged
gzip -dc "$demo/00000001000000000000000B.gz" >damaged/00000001000000000000000B
gzip -dc "$demo/00000001000000000000000C.gz" >damaged/00000001000000000000000C
poke damaged/00000001000000000000000B 500000 '\377\377\377\377'
report --before 'DROP TABLE public.orders' --output broken damaged
expect_status 3
page broken/report.html
expect_word 'Recovery target: not restorable yet'
expect_word 'recovery needs 00000001000000000000000B (damaged)'
grep -q 'record with a wrong checksum' words || miss 'no word of the checksum'
"$program" -q --before 'DROP TABLE public.orders' damaged >out 2>err || true
expect_out "recovery_target_lsn = '0/CDF508'"
done_with 'damage: what is in the way is said'

report --before 'DROP TABLE shop\.orders' --backup "$fixtures/pg15-backup/base.tar.gz" --output judged "$fixtures/pg15-backup/wal"
expect_status 0
page judged/report.html
expect_word 'yes: this archive is whole from 0/1000028'
expect_word 'max_connections = 100'
rm -rf late && mkdir late
cp "$fixtures"/pg15-backup/wal/*11.gz late
report --before 'DROP TABLE shop\.orders' --backup "$fixtures/pg15-backup/base.tar.gz" --output unreachable late
expect_status 3
page unreachable/report.html
expect_word 'Recovery target: not restorable yet'
expect_word 'Do not start a server'
done_with 'with a base backup: restorable, or not yet'

for fixture in pg9.6 pg10 pg12 pg14 pg17 pg18 timelines17; do
    report --before 'DROP|DELETE' --output "of-$fixture" "$fixtures/$fixture/wal"
    [ "$status" -eq 0 ] || [ "$status" -eq 3 ] || miss "$fixture: status $status: $(head -n 3 err)"
    was=$status
    [ ! -e "of-$fixture/report.html" ] || page "of-$fixture/report.html"
    run --before 'DROP|DELETE' "$fixtures/$fixture/wal"
    [ "$status" -eq "$was" ] || miss "$fixture: target has status $status, report $was"
done
report --restore-point 'before the release' --output point "$fixtures/pg15-stops/wal"
page point/report.html
expect_word "recovery_target_name = 'before the release'"
expect_word '1 record in the WAL'
report --before-lsn 0/1100F78 --output place "$fixtures/pg15-backup/wal"
page place/report.html
expect_word "recovery_target_lsn = '0/1100F78'"
done_with 'other majors, restore points and places: the status of target, and well-formed'

# ---- hostile names --------------------------------------------------------------------------------

bad=$'<script>alert(1)</script>&"\'\x01\u202e<img src=x onerror=alert(1)>'
bad=${bad//\//_}
mkdir "$bad"
cp "$demo"/*.gz "$bad"
report --before 'DROP TABLE' --restore-command "cp '<b>' $bad" --output hostile "./$bad"
expect_status 0
page hostile/report.html
expect_word '<script>alert(1)<_script>&"'
! grep -q '<script' hostile/report.html || miss 'a script'
report --before . --pick last --output names "$fixtures/cases/hostile-names/wal"
[ -e names/report.html ] || miss "status $status: $(head -n 2 err)"
page names/report.html
for format in json timesketch; do
    report --before 'DROP TABLE' --format $format --output "hostile-$format" "./$bad"
    expect_status 0
    cat "hostile-$format"/report.* >out
    expect_json 'select(type != "object")' ''
done
json_value '.inputs[0].name' hostile/manifest.json | grep -qx '0000.*B.gz' || miss 'the manifest is no JSON'
done_with 'whatever names are: nothing to be run, nothing hidden'

# ---- the same bytes -------------------------------------------------------------------------------

mkdir other
TMPDIR=$work/other report --before 'DROP TABLE' -j 7 -q --output again "$demo"
for file in report.html manifest.json; do cmp -s one/$file again/$file || miss "$file: other bytes"; done
json_value '.host' one/manifest.json | grep -qx "$(uname -n)" || miss 'another host'
json_value '.options.before, .zone, .command' one/manifest.json >out
expect_line 'DROP TABLE'
expect_line 'UTC, UTC+00:00'
expect_line report
done_with 'two runs, other threads, another TMPDIR: the same bytes'

report --before 'DROP TABLE' --dsn 'host=/nowhere password=secret' --output secret "$demo"
expect_status 2
[ ! -e secret ] || miss 'a folder without a report'
stat -c %a one/report.html | grep -qx 600 || miss 'others may read it'
report --before 'DROP TABLE' --output one "$demo"
expect_status 0
cp one/report.html kept
report -q --before-xid 1892 --output one "$demo"
expect_error 'is another report'
cmp -s kept one/report.html || miss 'it was replaced'
report --before 'DROP TABLE' --format json --output one "$demo"
expect_error 'has a report already, report.html'
report --before 'DROP TABLE' --output kept "$demo"
expect_error '"kept" is no folder'
report --before 'DROP TABLE' "$demo"
expect_error '--output DIR'
report --before nothing --output none "$demo"
expect_status 1
[ ! -e none ] || miss 'a folder where nothing was found'
done_with 'a report is never replaced by another one'

# ---- the manifest ---------------------------------------------------------------------------------

(cd "$demo" && sha256sum ./*.gz | sed 's|\./||') >wanted
json_value '.inputs[] | "\(.sha256)  \(.name)"' one/manifest.json | diff wanted - >difference || miss "$(cat difference)"
json_value '.report | "\(.sha256)  \(.name)"' one/manifest.json | (cd one && sha256sum -c --status) || miss 'another sum of the report'
json_value '.inputs[] | "\(.size) \(.name)"' one/manifest.json >sizes
(cd "$demo" && stat -c '%s %n' ./*.gz | sed 's|\./||') | diff - sizes >difference || miss "$(cat difference)"
json_value '.inputs[] | select(.kind == "backup") | .sha256' judged/manifest.json | grep -qx "$(sha256sum <"$fixtures/pg15-backup/base.tar.gz" | cut -c -64)" || miss 'no sum of the backup'
json_value '.inputs[] | select(.kind == "backup history") | .name' judged/manifest.json | grep -q 'backup' || miss 'no .backup file'
done_with 'manifest: sizes and sums are those of stat and sha256sum'

cp -r "$demo" moved
report --verify one/manifest.json moved
expect_status 0
[ "$(grep -c '^same ' out)" -eq 4 ] || miss "$(cat out)"
expect_err '4 same, 0 changed, 0 missing, 0 added'
chmod u+w moved/*
poke moved/00000001000000000000000B.gz 1000 '\125'
cmp -s moved/00000001000000000000000B.gz "$demo/00000001000000000000000B.gz" && poke moved/00000001000000000000000B.gz 1000 '\252'
rm moved/00000001000000000000000D.gz
cp "$demo/00000001000000000000000D.gz" moved/00000001000000000000000E.gz
report --verify one/manifest.json moved
expect_status 1
expect_line 'changed  moved/00000001000000000000000B.gz'
expect_line 'missing  moved/00000001000000000000000D.gz'
expect_line 'added    moved/00000001000000000000000E.gz'
expect_line 'same     moved/00000001000000000000000C.gz'
echo >>again/report.html
report --verify again/manifest.json "$demo"
expect_status 1
expect_line 'changed  again/report.html'
report --verify hostile/manifest.json "./$bad"
expect_status 0
report --verify judged/manifest.json "$fixtures/pg15-backup/wal"
expect_status 0
cp "$fixtures/pg15-backup/base.tar.gz" elsewhere.tar.gz
report --verify judged/manifest.json --backup elsewhere.tar.gz "$fixtures/pg15-backup/wal"
expect_status 0
expect_line 'same     elsewhere.tar.gz'
chmod u+w elsewhere.tar.gz
poke elsewhere.tar.gz 5000 '\001\002\003\004'
report --verify judged/manifest.json --backup elsewhere.tar.gz "$fixtures/pg15-backup/wal"
expect_status 1
expect_line 'changed  elsewhere.tar.gz'
done_with 'report --verify: same, changed, missing, added'

report --verify one/manifest.json "$demo" gap
expect_error 'made of 1 SOURCE: name as many'
report --verify one/report.html "$demo"
expect_error 'is no manifest of a report'
head -n 12 one/manifest.json >cut.json
report --verify cut.json "$demo"
expect_error 'is no manifest of a report'
report --verify one/manifest.json nowhere
expect_error 'cannot open "nowhere"'
report --verify nowhere "$demo"
expect_error 'cannot open "nowhere"'
report --verify one/manifest.json --before DROP "$demo"
expect_error '--verify MANIFEST goes with SOURCEs, --backup and --log alone'
sed 's|"of":"source 1","name":"[^"]*D.gz"|"of":null,"name":"/dev/zero"|' one/manifest.json >zero.json
report --verify zero.json "$demo"
expect_error '/dev/zero'
done_with 'manifests that are none, and files that are none'

# ---- without libcrypto ----------------------------------------------------------------------------

bare=$(dirname "$program")/tests/pitr-find-bare
if [ -x "$bare" ]; then
    run_program "$bare" report --before DROP --output bare "$demo"
    expect_error 'this build has no libcrypto'
    [ ! -e bare ] || miss 'a folder'
    done_with 'a build without libcrypto says so'
else
    echo 'ok - a build without libcrypto says so # SKIP it is not built'
fi

exit $((failures > 0))
