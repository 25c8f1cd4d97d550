#!/bin/bash
# Proves what the shells complete: commands, the options of the command, the words of an option's value, and where file
# names are left to the shell and where not. What must be there is what --help and the programs' own messages tell.
#
#   tests/cli/completion.sh [PITR_FIND]        (default build/pitr-find)
set -euo pipefail
# shellcheck source=tests/cli/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

folder=$(dirname "$program")/completion

# ---- bash ---------------------------------------------------------------------------------------

# As readline calls it: the line with the cursor at its end, already broken into words.
cat >drive <<'B'
files=on folders=off
complete() { called=$*; }
compopt() { # what readline is told for this word
    while [ $# -gt 0 ]; do
        case $1 in
        +o) shift; [ "$1" != default ] || files=off ;;
        -o) shift; [ "$1" != dirnames ] || folders=on ;;
        esac
        shift
    done
}
. "$1"
shift
COMP_LINE=$1
shift
COMP_WORDS=("$@")
COMP_CWORD=$((${#COMP_WORDS[@]} - 1)) COMP_POINT=${#COMP_LINE} COMP_TYPE=9 COMP_KEY=9
COMPREPLY=()
called=${called#*-F } # the function, then the program's name
"${called% *}" "${called#* }" "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}"
[ ${#COMPREPLY[@]} -gt 0 ] || { [ $folders = off ] || echo '<folders>'; [ $files = off ] || echo '<files>'; }
[ ${#COMPREPLY[@]} -eq 0 ] || printf '%s\n' "${COMPREPLY[@]}"
B
# completes LINE WORD...: into the file out, a completion a line; <files> or <folders> where readline is to look.
completes() {
    local script=pitr-find
    case $1 in pitr-restore*) script=pitr-restore ;; esac
    bash -eu drive "$folder/$script" "$@" >out 2>err || miss "$1: status $?"
    [ ! -s err ] || miss "$1: $(cat err)"
}
expect() { # expect WORD...: all that is completed, in any order
    local got wanted
    got=$(sort out | tr '\n' ' ')
    wanted=$(printf '%s\n' "$@" | sort | tr '\n' ' ')
    [ "$got" = "$wanted" ] || miss "completes to: $got- and not to: $wanted"
}
expect_nothing() { [ ! -s out ] || miss "completes to: $(tr '\n' ' ' <out)"; }

mapfile -t commands < <(commands "$program")
[ ${#commands[@]} -ge 6 ] || miss "--help lists ${#commands[@]} commands"
completes 'pitr-find ' pitr-find ''
expect "${commands[@]}"
completes 'pitr-find ev' pitr-find ev
expect events
completes 'pitr-find -q ev' pitr-find -q ev
expect events
completes 'pitr-find --format csv ev' pitr-find --format csv ev
expect events
completes 'pitr-find /wal' pitr-find /wal
expect '<files>'
done_with 'bash: a command, or a SOURCE'

for command in "${commands[@]}"; do
    "$program" "$command" --help >help
    mapfile -t options < <(grep -oE '^  (-[A-Za-z],|   ) --[a-z-]+' help | grep -oE -e '--[a-z-]+|-[A-Za-z]\b')
    [ ${#options[@]} -ge 8 ] || miss "${#options[@]} options of $command"
    completes "pitr-find $command -" pitr-find "$command" -
    expect "${options[@]}"
    # Every option that takes one of some words says which when the word is wrong.
    while read -r option; do
        "$program" "$command" "$option" no-such-word x >out 2>err || true
        words=$(sed -n 's/.* takes one of: \(.*\) (not .*/\1/p; s/.* takes last, first, unique or a number.*/last first unique/p; s/.* takes a timeline.s number or latest .*/latest/p' err)
        completes "pitr-find $command $option " pitr-find "$command" "$option" ''
        # shellcheck disable=SC2086
        case $(grep -oE -e " $option [A-Z|]+" help) in
        *' PATH' | *' FILE') expect '<files>' ;;
        *' DIR') expect '<folders>' ;;
        *) if [ -n "$words" ]; then expect $words; else expect_nothing; fi ;;
        esac
    done < <(grep -oE -e '--[a-z-]+ [A-Z|]+' help | sed -n 's/^\(--[a-z-]*\) .*/\1/p' | sort -u)
    done_with "bash: options of pitr-find $command, and their values"
done

completes 'pitr-find --rest' pitr-find --rest
expect --restore-point --restore-command
completes 'pitr-find --format ' pitr-find --format ''
expect conf json shell pgbackrest barman wal-g pg_probackup
completes 'pitr-find --format=pg' pitr-find --format = pg
expect pgbackrest pg_probackup
completes 'pitr-find events --format=' pitr-find events --format =
expect table csv json
completes 'pitr-find --before x --pick=u' pitr-find --before x --pick = u
expect unique
completes 'pitr-find verify --backup=/b' pitr-find verify --backup = /b
expect '<files>'
completes 'pitr-find --backup=' pitr-find --backup =
expect '<files>'
done_with 'bash: values after ='

completes 'pitr-find --before "DROP TABLE" ' pitr-find --before '"DROP TABLE"' ''
expect '<files>'
completes 'pitr-find events drop /wal' pitr-find events drop /wal
expect '<files>'
completes 'pitr-find --since 2026-11-22T10:48:05 --fo' pitr-find --since 2026-11-22T10 : 48 : 05 --fo
expect --format
completes 'pitr-find --since 2026-11-22T10:48:05 ev' pitr-find --since 2026-11-22T10 : 48 : 05 ev
expect events
completes 'pitr-find --before events --form' pitr-find --before events --form
expect --format
completes 'pitr-find /wal ev' pitr-find /wal ev
expect '<files>'
completes 'pitr-find -- ev' pitr-find -- ev
expect '<files>'
completes 'pitr-find -- --' pitr-find -- --
expect '<files>'
completes 'pitr-find verify --action ' pitr-find verify --action ''
expect '<files>'
done_with 'bash: what an option takes is no command, times with colons and -- are read right'

mapfile -t options < <("$root/tools/pitr-restore" --help | grep -oE -e '^  --[a-z-]+' | tr -d ' ')
completes 'pitr-restore --dump' pitr-restore --dump
expect --dump --dump-with
completes 'pitr-restore --' pitr-restore --
for option in "${options[@]}"; do expect_line "$option"; done
for option in --before --pick --timeline; do expect_line "$option"; done
! grep -v '^--[a-z-]*$' out || miss 'a completion that is not an option'
completes 'pitr-restore --backup ' pitr-restore --backup ''
expect '<files>'
completes 'pitr-restore --into=/n' pitr-restore --into = /n
expect '<folders>'
completes 'pitr-restore --port ' pitr-restore --port ''
expect_nothing
done_with 'bash: pitr-restore'

# ---- zsh ----------------------------------------------------------------------------------------

# zsh's own parser reads the files, and _arguments is told these.
cat >drive.zsh <<'Z'
_arguments() { print -rl -- "$@" }
file=$1
shift
words=("$@") CURRENT=$#
. $file
Z
zsh_completes() { zsh -f drive.zsh "$folder/_$1" "$@" >out 2>err || miss "zsh: status $?"; [ ! -s err ] || miss "zsh: $(cat err)"; }
if command -v zsh >/dev/null; then
    for name in pitr-find pitr-restore; do
        zsh -n "$folder/_$name" 2>err || miss "zsh -n: $(cat err)"
        head -n 1 "$folder/_$name" | grep -qx "#compdef $name" || miss 'no #compdef'
    done
    zsh -f -c 'fpath=($1 $fpath); autoload -Uz compinit; compinit -D -u; print -l $_comps[pitr-find] $_comps[pitr-restore]
        autoload +X _pitr-find _pitr-restore' - "$folder" >out 2>err || miss "compinit: status $?"
    [ ! -s err ] || miss "compinit: $(cat err)"
    printf '%s\n' _pitr-find _pitr-restore | cmp -s - out || miss "compinit has: $(cat out)"
    done_with 'zsh: both files load'

    for command in "${commands[@]}"; do
        "$program" "$command" --help | grep -oE '^  (-[A-Za-z],|   ) --[a-z-]+' | grep -oE -e '--[a-z-]+' | sort >of_help
        zsh_completes pitr-find -q --jobs 2 "$command" ''
        grep -oE -e '^(\([^)]*\))?--[a-z-]+' out | sed 's/^([^)]*)//' | sort -u >of_zsh
        apart=$(diff of_help of_zsh || true)
        [ -z "$apart" ] || miss "$command: $apart"
        expect_line "1:command:($command)"
        expect_line '*:source:_files'
    done
    zsh_completes pitr-find ''
    expect_line '1:command or source:_pitr_find_first'
    expect_out ':FMT:(conf json shell pgbackrest barman wal-g pg_probackup)'
    zsh_completes pitr-find --before events ''
    expect_line '1:command or source:_pitr_find_first'
    done_with 'zsh: options of each command'

    "$root/tools/pitr-restore" --help >help
    zsh_completes pitr-restore ''
    { grep -oE -e '^  --[a-z-]+' help | tr -d ' ' && sed -n '/(--before/,/)\./p' help | grep -oE -e '--[a-z-]+'; } | sort >of_help
    sed -nE 's/^(\*|\([^)]*\))?(--[a-z-]+)=?\[.*/\2/p' out | sort >of_zsh
    apart=$(diff of_help of_zsh || true)
    [ -z "$apart" ] || miss "$apart"
    # What the help gives a word has a value, and nothing else.
    { sed -nE 's/^  (--[a-z-]+) [^ ].*/\1/p' help && sed -n '/(--before/,/)\./p' help | grep -oE -e '--[a-z-]+'; } | sort >of_help
    sed -nE 's/^\*(--[a-z-]+)=\[.*\]:.*/\1/p' out | sort >of_zsh
    apart=$(diff of_help of_zsh || true)
    [ -z "$apart" ] || miss "with a value: $apart"
    expect_line '*--backup=[the base backup\: a data directory, a folder with base.tar, or base.tar itself (.gz, .zst, .lz4, .bz2, .xz); OID.tar beside it are its tablespaces]:PATH:_files'
    expect_line "*--bindir=[programs of the backup's major (default\: pg_config's, or where packages put them)]:DIR:_files -/"
    expect_line '*--port=[port of the socket (default 54399); no address is listened on]:N: '
    expect_line '(-q --quiet)-q[say errors only]'
    expect_line '--preload[keep shared_preload_libraries (default\: none is loaded)]'
    done_with 'zsh: pitr-restore'
else
    for name in 'both files load' 'options of each command' 'pitr-restore'; do echo "ok - zsh: $name # SKIP there is no zsh"; done
fi

exit $((failures > 0))
