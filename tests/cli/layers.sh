#!/bin/bash
# tools/check-layers: a wrong include and a circle are found. Each case puts one of them into a copy of the library.
#
#   layers.sh PROGRAM
set -euo pipefail

build=$(cd "$(dirname "$1")" && pwd)
cd "$(dirname "$0")/../.."
cc=${CC:-cc}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failures=0

# A tree as the real one, with the objects built; `layers` looks at its folders.
fresh_tree() {
    rm -rf "$work/tree"
    mkdir -p "$work/tree/build/obj" "$work/tree/tools"
    cp -r walparse "$work/tree/"
    cp tools/check-layers "$work/tree/tools/"
    cp -r "$build/obj/walparse" "$work/tree/build/obj/"
}
layers() { "$work/tree/tools/check-layers" "$work/tree/build" folders >"$work/out" 2>&1; }

compile() { # compile FILE: into the tree's objects
    (cd "$work/tree" && "$cc" -Iwalparse -I"$OLDPWD/include" -c -o "build/obj/${1%.c}.o" "$1")
}

expect() { # expect NAME LINE...: the output has each of the lines, and the status tells of a fault
    local name=$1 line status=0 wanted=0 missing=''
    shift
    layers || status=1
    for line; do grep -qxF -- "$line" "$work/out" || missing+="# no line: $line"$'\n'; done
    if grep -q '^not ok' "$work/out"; then wanted=1; fi
    [ "$status" = "$wanted" ] || missing+="# the exit status is $status, not $wanted"$'\n'
    if [ -z "$missing" ]; then
        echo "ok - $name"
    else
        echo "not ok - $name"
        printf '%s' "$missing"
        sed 's/^/# /' "$work/out"
        failures=$((failures + 1))
    fi
}

fresh_tree
expect "the library as it is has no fault" \
    'ok - walparse: every file lies in a folder that has its place in the order' \
    'ok - walparse: every include runs down the folders' \
    'ok - walparse: no circle of includes' \
    'ok - walparse: every source is compiled' \
    'ok - walparse: no circle of files that call each other'

fresh_tree
echo '#include "catalog/catalog.h"' >>"$work/tree/walparse/decode/facts.c"
line=$(wc -l <"$work/tree/walparse/decode/facts.c")
expect "an include that runs upwards" \
    'not ok - walparse: every include runs down the folders' \
    "# walparse/decode/facts.c:$line includes catalog/catalog.h"

fresh_tree
echo ' #  include <infer/event.h>' >>"$work/tree/walparse/stop/stop.c"
echo '#include <infer/begun.h>' >>"$work/tree/walparse/base/table.h"
line=$(wc -l <"$work/tree/walparse/base/table.h")
expect "one in brackets; downwards is no fault" \
    'not ok - walparse: every include runs down the folders' \
    "# walparse/base/table.h:$line includes infer/begun.h"
if grep -q 'walparse/stop/stop.c' "$work/out"; then
    echo "not ok - an include that runs downwards is no fault"
    failures=$((failures + 1))
fi

fresh_tree
echo '#include "cursor.h"' >>"$work/tree/walparse/base/crc32c.c"
line=$(wc -l <"$work/tree/walparse/base/crc32c.c")
expect "an include that does not name its folder" \
    'not ok - walparse: every include runs down the folders' \
    "# walparse/base/crc32c.c:$line includes cursor.h"

# Folders of a folder stand side by side: what is above them may use both, and none the other.
fresh_tree
mkdir -p "$work/tree/walparse/stop/one" "$work/tree/walparse/stop/two"
echo '#include "stop/two/b.h"' >"$work/tree/walparse/stop/one/a.h"
echo '#include "stop/two/c.h"' >"$work/tree/walparse/stop/two/b.h"
echo '#include "stop/one/a.h"' >"$work/tree/walparse/stop/list.h"
expect "an include from one of two folders that stand side by side" \
    'not ok - walparse: every include runs down the folders' \
    '# walparse/stop/one/a.h:1 includes stop/two/b.h'
if [ "$(grep -c ' includes ' "$work/out")" -ne 1 ]; then
    echo "not ok - nothing else is wrong about them"
    sed 's/^/# /' "$work/out"
    failures=$((failures + 1))
fi

fresh_tree
touch "$work/tree/walparse/lost.c"
expect "a file in no folder, and one that is not compiled" \
    'not ok - walparse: every file lies in a folder that has its place in the order' \
    '# walparse/lost.c' \
    'not ok - walparse: every source is compiled' \
    "# no $work/tree/build/obj/walparse/lost.o"

fresh_tree
echo '#include "infer/begun.h"' >"$work/tree/walparse/infer/one.h"
echo '#include "infer/one.h"' >>"$work/tree/walparse/infer/begun.h"
expect "two headers that include each other" \
    'not ok - walparse: no circle of includes' '# walparse/infer/begun.h' '# walparse/infer/one.h'

# Three files in a row call each other, the last one the first one.
fresh_tree
for pair in a:b b:c c:a; do
    from=${pair%:*} to=${pair#*:}
    echo "int call_$to(void); int call_$from(void) { return call_$to(); }" >"$work/tree/walparse/infer/$from.c"
    compile "walparse/infer/$from.c"
done
expect "files that call each other in a circle" \
    'not ok - walparse: no circle of files that call each other' \
    '# walparse/infer/a.c' '# walparse/infer/b.c' '# walparse/infer/c.c'

exit $((failures > 0))
