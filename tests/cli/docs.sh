#!/bin/bash
# The documents tell the truth: each example prints what stands below it, each command for a server parses and has
# options that exist, each link leads somewhere. (tools/run-examples says what an example is.)
set -euo pipefail

# shellcheck source=tests/cli/lib.sh
source "$(dirname "$0")/lib.sh"

documents=()
while read -r document; do documents+=("$document"); done < <(
    cd "$root" && find README.md CONTRIBUTING.md docs -name '*.md' 2>/dev/null | sort)

# ---- examples -----------------------------------------------------------------------------------

commands "$program" >names
for document in "${documents[@]}"; do
    grep -qx '```console' "$root/$document" || continue
    "$root/tools/run-examples" "$program" "$root/$document" >now || miss "status $?"
    diff "$root/$document" now >difference || miss "$(head -n 40 difference | sed 's/^/# /')"
    done_with "the examples of $document print what it says"
done

# ---- commands that are not run ------------------------------------------------------------------

# blocks DOCUMENT: its fenced blocks of `sh`, without the fences.
blocks() { awk '/^```/ { inside = !inside && $0 == "```sh"; if (!inside) print ""; next } inside' "$root/$1"; }

# Each call of our programs on a line of its own: what is quoted says nothing about options.
calls() {
    sed -e :join -e '/\\$/{N;s/\\\n//;bjoin' -e '}' -e "s/'[^']*'/QUOTED/g; s/\"[^\"]*\"/QUOTED/g; s/#.*//" "$1" |
        grep -oE '(pitr-find|pitr-restore)( [^|&;()]*)?' || true
}

help_of() { # help_of PROGRAM WORDS...: the help of the command that these words call
    local name=$1 word
    shift
    if [ "$name" = pitr-restore ]; then
        "$root/tools/pitr-restore" --help
        return
    fi
    for word in "$@"; do
        [[ $word == -* ]] && continue
        ! grep -qxF -- "$word" names || { "$program" "$word" --help && return; }
        break
    done
    "$program" --help
}

for document in "${documents[@]}"; do
    grep -qx '```sh' "$root/$document" || continue
    blocks "$document" >commands
    bash -n commands 2>wrong || miss "$(head -n 3 wrong)"
    calls commands >lines
    while read -r line; do
        read -ra words <<<"$line"
        help_of "${words[@]}" >help
        for word in "${words[@]:1}"; do
            [[ $word == -* && $word != - ]] || continue
            grep -qE -- "(^|[ ,])${word%%=*}([ ,]|\$)" help || miss "no option $word: $line"
        done
    done <lines
    done_with "the commands of $document parse, and have options that exist"
done

# ---- links --------------------------------------------------------------------------------------

# anchors FILE: those of its headings, as GitHub makes them.
anchors() {
    awk '/^```/ { inside = !inside } !inside && /^#+ / { sub(/^#+ /, ""); print }' "$1" | tr '[:upper:]' '[:lower:]' |
        sed 's/[]!"#$%&'\''()*+,./:;<=>?@\\^`{|}~[]//g; s/ /-/g'
}

for document in "${documents[@]}"; do
    folder=$(dirname "$root/$document")
    awk '/^```/ { inside = !inside } !inside' "$root/$document" | sed 's/`[^`]*`//g' |
        grep -oE '\]\([^)]+\)' | sed 's/^](//; s/)$//' >links || continue
    while read -r link; do
        case $link in http://* | https://* | mailto:*) continue ;; esac
        file=${link%%#*} anchor=''
        [[ $link != *'#'* ]] || anchor=${link#*#}
        if [ -n "$file" ]; then file=$folder/$file; else file=$root/$document; fi
        if [ ! -e "$file" ]; then
            miss "no such file: $link"
        elif [ -n "$anchor" ]; then
            anchors "$file" >there
            grep -qxF -- "$anchor" there || miss "no such heading: $link"
        fi
    done <links
    done_with "the links of $document lead somewhere"
done

# ---- files --------------------------------------------------------------------------------------

# What is named in backticks below a folder of the sources is there.
for document in docs/architecture.md CONTRIBUTING.md; do
    [ -e "$root/$document" ] || continue
    grep -oE '`(src|walparse|include|tests|tools|docs|\.ci)/[A-Za-z0-9_./*-]*`' "$root/$document" | tr -d '`' | sort -u >named
    [ -s named ] || miss 'names no file'
    while read -r name; do
        (cd "$root" && compgen -G "$name" >/dev/null) || miss "no such file: $name"
    done <named
    done_with "the files that $document names are there"
done

# ---- what the first page shows -------------------------------------------------------------------

# The blocks of examples and commands, without what is said in comments.
shown() { awk '/^```/ { inside = !inside } inside' "$root/$1" | sed 's/  *#  *[^ ].*//; /^# /d'; }
diff <(shown README.md) <(shown docs/README.es.md) >differences || miss "$(cat differences)"
done_with "README in Spanish has the same commands"

# The manual's are run with real servers (tests/servers/restore.sh).
blocks README.md | awk -v RS= '/pitr-restore/' | while read -r line; do
    grep -qxF -- "$line" <(sed 's/^ *//' "$root/docs/manual/pitr-restore.md") || echo "not in the manual: $line"
done >differences
[ ! -s differences ] || miss "$(cat differences)"
done_with "README's commands of pitr-restore are the manual's"

# The lines of README and of the manual that write a target, with other paths: where nothing is found, nothing is left
# half done.
writing() {
    { blocks README.md; blocks docs/manual/target.md; } | awk -v RS= -v ORS='\n\n' '/target\.conf|target\.json|settings=/' |
        sed "s|/wal_archive|$1|; s|/restored/data|data|g; s|\"DROP TABLE\"|\"$2\"|"
}
wal15=$fixtures/pg15/wal
ln -sf "$program" pitr-find
mkdir -p data && writing "$wal15" 'DROP TABLE nowhere' >lines
[ "$(grep -c 'pitr-find' lines)" -eq 4 ] || miss "$(grep -c pitr-find lines) lines that write"
PATH=$PWD:$PATH sh lines >out 2>err || true
[ -z "$(ls data)" ] || miss "left in the data directory: $(ls data)"
[ ! -s out ] || miss "stdout: $(head -c 300 out)"
writing "$wal15" 'DROP TABLE public.plain' | grep -v jq >lines
PATH=$PWD:$PATH sh lines >out 2>err || miss "status $?: $(head -c 300 err)"
for file in recovery.conf postgresql.auto.conf; do
    grep -q '^recovery_target_lsn' "data/$file" || miss "no target in $file"
done
[ -f data/recovery.signal ] || miss "no recovery.signal"
grep -qE '^0/[0-9A-F]+$' out || miss "no LSN"
done_with "the lines that write a target stop where pitr-find fails"

exit $((failures > 0))
