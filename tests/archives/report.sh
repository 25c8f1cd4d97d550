#!/usr/bin/env bash
# A report as a browser shows it, of a real server's archive whose names are hostile. Prints TAP lines.
#
#   tests/archives/report.sh [PITR-FIND]      default: build/pitr-find
#
# Chromium opens the page narrow and wide, light and dark: something is to be seen, nothing runs over the edge, nothing is refused
# by the page's own policy, and none of the names does anything. What it says of the records is what pg_waldump says.
# KEEP=1 leaves the folder, with the pictures. Exit status 1 if any test failed.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=tests/servers/lib.sh
. "$here/../servers/lib.sh"
pitr_find=$(realpath "${1:-$here/../../build/pitr-find}")

server_native=/usr/lib/postgresql/15
psql=$server_native/bin/psql
for tool in "$server_native/bin/postgres" "$psql" chromium python3 jq; do
    if ! command -v "$tool" >/dev/null; then
        echo "ok - a report in a browser # SKIP no $tool"
        exit 0
    fi
done

export TZ=UTC LC_ALL=C.UTF-8
work_in report wal
source=$work/source problems=$work/problems

# ---- an incident with names that want to be run ----------------------------------------------

database=postgres
step='the server'
make_cluster "$source" 15 1 <<CONF
wal_level = replica
archive_mode = on
archive_command = 'cp %p $work/wal/%f'
max_wal_senders = 5
timezone = UTC
CONF
start_cluster "$source"
server pg_basebackup -h "$source" -p "$port" -U postgres -D "$work/base" -l '<b onclick="alert(1)">label</b>' --no-sync -c fast >base.log 2>&1
cat >names.sql <<'SQL'
CREATE TABLE "<img src=x onerror=""document.title='run'"">" (id int PRIMARY KEY, t text);
CREATE TABLE "</pre><script>document.title='run'</script>" (id int);
CREATE TABLE "&lt;b&gt;' ""x""" (id int);
SQL
printf 'CREATE TABLE "turned \u202e round" (id int);\nCREATE TABLE "red \033[31m" (id int);\n' >>names.sql
cat >>names.sql <<'SQL'
INSERT INTO "<img src=x onerror=""document.title='run'"">" SELECT g, '<svg onload=alert(1)>' FROM generate_series(1, 3000) g;
SELECT pg_create_restore_point('<script>document.title=1</script>');
CHECKPOINT;
DELETE FROM "<img src=x onerror=""document.title='run'"">" WHERE id <= 2000;
DROP TABLE "&lt;b&gt;' ""x""";
SELECT pg_switch_wal();
SQL
printf 'DROP TABLE "turned \u202e round";\nDROP TABLE "red \033[31m";\n' >>names.sql
cat >>names.sql <<'SQL'
DROP TABLE "</pre><script>document.title='run'</script>";
INSERT INTO "<img src=x onerror=""document.title='run'"">" SELECT g FROM generate_series(1, 500) g;
SQL
sql "$source" -f names.sql >names.log
dropped=$(sql "$source" -c "SELECT pg_current_wal_lsn()")
sql "$source" -c 'SELECT pg_switch_wal()' >>names.log
wait_until 'archived segment' "$source" "SELECT last_archived_wal >= pg_walfile_name('$dropped') FROM pg_stat_archiver"
stop_cluster "$source"
give=$(id -u):$(id -g)
chown -R "$give" wal base 2>/dev/null || true

step='the report'
: >"$problems"
"$pitr_find" report -q --before '<script>' --backup base --output made wal >made.log 2>"$problems" || echo "status $?" >>"$problems"
verdict 'a report of a real archive with a base backup' "$problems"
page=$work/made/report.html

: >"$problems"
"$pitr_find" report -q --before '<script>' --backup base --format json --output json wal >json.log 2>>"$problems"
xid=$(json_value .target.event.xid json/report.json)
segments=(wal/0*[0-9A-F])
for first in "${segments[@]}"; do :; done
same "$problems" verdict "$(json_value .verdict json/report.json)" exact
same "$problems" restorable "$(json_value .target.restorable json/report.json)" true
json_value '.evidence.records[].line' json/report.json >lines
begin=$(json_value .transaction.first_lsn json/report.json)
"$server_native/bin/pg_waldump" -p wal -s "$begin" -x "$xid" >waldump 2>waldump.err || true
[ -s waldump ] || echo 'pg_waldump says nothing' >>"$problems"
diff waldump lines >>"$problems" || true
# The bytes of each: its length is where a record begins.
json_value '.evidence.records[] | "\(.bytes[6:8])\(.bytes[4:6])\(.bytes[2:4])\(.bytes[0:2]) \(.length)"' json/report.json |
    while read -r hex length; do [ $((16#$hex)) -eq "$length" ] || echo "length $length, its bytes say $hex"; done >>"$problems"
verdict 'evidence: lines are those of pg_waldump, bytes begin with their length' "$problems"

# ---- a browser -------------------------------------------------------------------------------

# browser OPTION...: prints what it is asked for; what the page has on its console is in the file said.
browser() {
    HOME=$work timeout 120 chromium --headless=new --no-sandbox --disable-gpu --disable-dev-shm-usage --hide-scrollbars --disable-extensions \
        --no-first-run --user-data-dir="$work/browser" --force-device-scale-factor=1 --enable-logging=stderr "$@" 2>said
}
# measured FILE: a copy that opens all that is folded and says how wide it is. Its own policy would not let it.
measured() {
    sed -e 's|<meta http-equiv="Content-Security-Policy"[^>]*>||' \
        -e "s|</body>|<script>for (const one of document.querySelectorAll('details')) one.open = true; const r = document.documentElement; document.title = 'is ' + innerWidth + ' shows ' + r.scrollWidth + ' ' + document.querySelectorAll('img, script').length</script></body>|" "$1"
}
# How many colours a picture has, and the share of the commonest in percent; an empty page has one.
cat >picture.py <<'EOF_PY'
import struct, sys, zlib
from collections import Counter
data = open(sys.argv[1], "rb").read()
at, packed = 8, b""
while at < len(data):
    size, kind = struct.unpack(">I4s", data[at:at + 8])
    body = data[at + 8:at + 8 + size]
    if kind == b"IHDR": width, height, depth, colour = struct.unpack(">IIBB", body[:10])
    if kind == b"IDAT": packed += body
    at += size + 12
bpp = {2: 3, 6: 4}[colour]
raw, row, colours = zlib.decompress(packed), bytearray(width * bpp), Counter()
for y in range(height):
    start = y * (width * bpp + 1)
    kind, line = raw[start], bytearray(raw[start + 1:start + 1 + width * bpp])
    for i in range(len(line)):
        a = line[i - bpp] if i >= bpp else 0
        b = row[i]
        if kind == 1: line[i] = (line[i] + a) & 255
        elif kind == 2: line[i] = (line[i] + b) & 255
        elif kind == 3: line[i] = (line[i] + (a + b) // 2) & 255
        elif kind == 4:
            c = row[i - bpp] if i >= bpp else 0
            p = a + b - c
            pa, pb, pc = abs(p - a), abs(p - b), abs(p - c)
            line[i] = (line[i] + (a if pa <= pb and pa <= pc else b if pb <= pc else c)) & 255
    row = line
    if y % 3 == 0: colours.update(bytes(line[i:i + 3]) for i in range(0, len(line), bpp))
common = colours.most_common(1)[0]
print(len(colours), 100 * common[1] // sum(colours.values()), common[0].hex(), width, height)
EOF_PY

step='Chromium'
: >"$problems"
measured "$page" >open.html
for width in 360 1280; do
    # A window is not made narrower than a browser wants it: a frame is.
    echo "<!DOCTYPE html><body style='margin:0'><iframe src='open.html' style='border:0;width:${width}px;height:800px' onload='document.title = this.contentDocument.title'></iframe>" >"frame$width.html"
    browser --allow-file-access-from-files --window-size=1400,900 --virtual-time-budget=5000 --dump-dom "file://$work/frame$width.html" >dom || true
    title=$(sed -n 's|.*<title>\(.*\)</title>.*|\1|p' dom | head -n 1)
    # One script: the one that measures.
    same "$problems" "at $width px" "$title" "is $width shows $width 1"
done
verdict 'nothing runs over the edge at 360 and 1280 px, with all that is folded opened; no name became an element' "$problems"

: >"$problems"
for look in light dark; do
    scheme=$([ "$look" = light ] && echo 1 || echo 0)
    browser --blink-settings=preferredColorScheme=$scheme --window-size=1280,1600 --screenshot="$work/$look.png" "file://$page" >/dev/null || true
    ! grep -a CONSOLE said >>"$problems" || true
    [ -s "$look.png" ] || { echo "$look: no picture: $(tail -n 2 said)" >>"$problems"; continue; }
    read -r colours share common width height < <(python3 picture.py "$look.png")
    echo "# $look: $colours colours, $share % are $common, $width x $height"
    { [ "$colours" -gt 100 ] && [ "$share" -lt 97 ] && [ "$width" = 1280 ]; } || echo "$look: nothing to be seen: $colours colours, $share %" >>"$problems"
    case $look/$common in light/f????? | dark/[12]?????) ;; *) echo "$look: the ground is $common" >>"$problems" ;; esac
done
verdict 'light and dark: a picture, and nothing on the console' "$problems"

: >"$problems"
echo '<!DOCTYPE html><p>' >empty.html
browser --window-size=1280,1600 --screenshot="$work/empty.png" "file://$work/empty.html" >/dev/null || true
read -r colours share common width height < <(python3 picture.py empty.png)
[ "$colours" = 1 ] || echo "an empty page has $colours colours" >>"$problems"
sed "s|</body>|<script>document.title = 'run'</script><img src=\"x.png\"></body>|" "$page" >smuggled.html
browser --window-size=1280,1600 --virtual-time-budget=2000 --dump-dom "file://$work/smuggled.html" >dom || true
grep -qa 'CONSOLE.*Content Security Policy' said || echo "no word on the console: $(tail -n 3 said)" >>"$problems"
! grep -q '<title>run' dom || echo 'a script was run' >>"$problems"
echo '<!DOCTYPE html><body><div style="width:2000px">x</div><details></details></body>' | cat - >wide.html
measured wide.html >open.html
browser --allow-file-access-from-files --window-size=1400,900 --virtual-time-budget=5000 --dump-dom "file://$work/frame360.html" >dom || true
! grep -q 'is 360 shows 360' dom || echo 'a wide page is not seen to be wide' >>"$problems"
verdict 'the tests can fail: an empty page, a script against the policy, a page that is too wide' "$problems"

# ---- on paper ---------------------------------------------------------------------------------

: >"$problems"
browser --no-pdf-header-footer --print-to-pdf="$work/made.pdf" "file://$page" >/dev/null || true
[ "$(head -c 5 made.pdf)" = '%PDF-' ] || echo "no paper: $(tail -n 2 said)" >>"$problems"
pages=$(grep -aoE '/Type ?/Page\b' made.pdf | wc -l)
{ [ "$pages" -ge 2 ] && [ "$pages" -le 40 ]; } || echo "$pages pages" >>"$problems"
verdict "it prints, on $pages pages" "$problems"

exit $((failures > 0))
