#!/bin/bash
# Proves of the man pages: no reader of theirs has anything to complain of, they have the options that the programs
# take and the variables they read, and their examples do what they say.
#
#   tests/cli/manual.sh [PITR_FIND]        (default build/pitr-find)
set -euo pipefail
# shellcheck source=tests/cli/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

man=$(dirname "$program")/man
as_text() { mandoc -T utf8 -O width=80 "$1" | sed 's/.\x08//g'; }
# Options, one a line, sorted.
options_in() { grep -oE -e '(^|[^A-Za-z0-9-])--[a-z][a-z-]*' | grep -oE -e '--[a-z-]+' | sort -u; }
# differ WHAT A B: no line is in one of them alone.
same_lines() {
    local apart
    apart=$(diff "$2" "$3" || true)
    [ -z "$apart" ] || miss "$1: $apart"
}

commands "$program" >commands
[ "$(wc -l <commands)" -ge 6 ] || miss "--help lists $(wc -l <commands) commands"
while read -r command; do echo "pitr-find-$command.1"; done <commands | cat - <(printf '%s.1\n' pitr-find pitr-restore) | sort >wanted
(cd "$man" && printf '%s\n' ./*.1 | sed 's|^\./||' | sort) >there
same_lines 'wanted and made' wanted there
done_with 'a page for the program, for every command and for pitr-restore'

while read -r page; do
    mandoc -T lint "$man/$page" >lint 2>&1 || true
    [ ! -s lint ] || miss "mandoc: $(head -n 5 lint)"
    if command -v groff >/dev/null; then
        LC_ALL=C.UTF-8 groff -ww -K utf8 -man -T utf8 "$man/$page" 2>&1 >/dev/null | head -n 5 >lint || true
        [ ! -s lint ] || miss "groff: $(cat lint)"
    fi
    as_text "$man/$page" >text
    for section in NAME SYNOPSIS DESCRIPTION OPTIONS 'EXIT STATUS' 'SEE ALSO'; do
        grep -qx "$section" text || miss "no section $section"
    done
    # What is typed is not broken, so that an example may be wider; prose is not.
    ! grep -vE '^ {11}' text | grep -E '^.{81}' >wide || miss "wider than 80 columns: $(head -n 3 wide)"
    done_with "$page: well formed, with all sections"
done <wanted

while read -r command; do
    "$program" "$command" --help >help
    grep -oE '^  (-[A-Za-z],|   ) --[a-z-]+' help | options_in >of_help
    as_text "$man/pitr-find-$command.1" | sed -n "/^OPTIONS/,/^EXIT/p" | grep -oE '^ {7}(-[A-Za-z], )?--[a-z-]+' | options_in >of_page
    [ "$(wc -l <of_help)" -ge 4 ] || miss "only $(wc -l <of_help) options in --help"
    same_lines 'help and page' of_help of_page
    # The status itself comes from the help: as many as it names.
    sed -n '/^Exit status: /,$p' help | tr '\n' ' ' | grep -oE '(: |, )[0-9]+ ' | grep -oE '[0-9]+' >of_help
    as_text "$man/pitr-find-$command.1" | sed -n '/^EXIT STATUS/,/^[A-DF-Z]/s/^ \{7\}\([0-9]\{1,\}\) .*/\1/p' >of_page
    same_lines 'exit statuses' of_help of_page
    done_with "pitr-find-$command.1: options and exit statuses of --help"
done <commands

# What the script itself takes: the words of its `case`.
sed -n '/^while \[ \$# -gt 0 \]/,/^done/s/^ *\(--[a-z| -]*\)).*/\1/p' "$root/tools/pitr-restore" | options_in >of_script
as_text "$man/pitr-restore.1" | options_in >of_page
[ "$(wc -l <of_script)" -ge 30 ] || miss "only $(wc -l <of_script) options found in the script"
same_lines 'script and page' of_script of_page
done_with 'pitr-restore.1: the options that the script takes, and no other'

grep -rhoE 'getenv\("[A-Z_0-9]+"\)' "$root/src" | grep -oE '[A-Z_0-9]{2,}' | sort -u >variables
[ "$(wc -l <variables)" -ge 5 ] || miss "only $(wc -l <variables) variables found in the sources"
as_text "$man/pitr-find.1" | sed -n '/^ENVIRONMENT/,/^SEE ALSO/p' >text
while read -r variable; do grep -qw "$variable" text || miss "$variable is read, and not told of"; done <variables
sed -n 's/^ \{7\}\([A-Z0-9_, ]*\).*/\1/p' text | grep -oE '[A-Z_0-9]{2,}' | while read -r variable; do
    grep -rqw "\"$variable\"" "$root/src" || echo "$variable"
done >unread
[ ! -s unread ] || miss "told of, and not read: $(tr '\n' ' ' <unread)"
done_with 'pitr-find.1: the environment that is read'

# ---- the examples -------------------------------------------------------------------------------

mkdir bin
ln -s "$program" bin/pitr-find
mkdir shop
tar -C shop -xJf "$fixtures/rescue/18.tar.xz"
# As its archive each has that of the demo; or the one that goes with the base backup.
example() { # example COMMAND STATUS; what stdout must hold is in the file hold
    local command=$1 wal=$fixtures/demo/wal
    [[ $command != */backups/base* ]] || wal=$fixtures/pg15-backup/wal
    command=${command//\/wal_archive/$wal}
    command=${command//\/backups\/base/$fixtures/pg15-backup}
    command=${command//\/backups\/shop/$work/shop/backup/data}
    command=${command//\/wal_of_shop/$work/shop/wal}
    command=${command//host=db1/host=$work} # where no server is
    rm -f target.conf
    status=0
    PATH=$work/bin:$PATH bash -c "$command" >out 2>err || status=$?
    expect_status "$2"
    [ ! -f target.conf ] || cat target.conf >>out
    while IFS= read -r words; do expect_out "$words"; done <hold
    done_with "example: $(tr -s '\n ' ' ' <<<"$1")"
}

ended() { # runs the example that was read, if any
    [ -z "$typed" ] || example "$typed" "$wanted_status"
    typed='' wanted_status=0
    : >hold
}
for file in "$root"/tools/man/*.examples; do
    typed=''
    ended
    while IFS= read -r line; do
        case $line in
        '# '*) ended ;;
        '$ '*) ended; typed=${line#??} ;;
        '  '*) typed+=$'\n'${line#??} ;;
        '> '*) echo "${line#??}" >>hold ;;
        '= '*) wanted_status=${line#??} ;;
        *) miss "$(basename "$file"): what is \"$line\"?" ;;
        esac
    done <"$file"
    ended
    done_with "$(basename "$file"): nothing but what is known"
done

exit $((failures > 0))
