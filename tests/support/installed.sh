# shellcheck shell=bash
# What the tests of an installation share: a folder to work in, TAP lines, a program that uses the library. To be sourced.

# shellcheck source=tests/support/commands.sh
. "$(dirname "${BASH_SOURCE[0]}")/commands.sh"

work=$(mktemp -d)
# Nothing is ever mounted in there but in a namespace that ends with its command.
trap 'rm -rf --one-file-system "$work"' EXIT
failures=0

try() { # try NAME COMMAND...
    local name=$1
    shift
    if "$@" >"$work/log" 2>&1; then
        echo "ok - $name"
    else
        echo "not ok - $name"
        tail -n 40 "$work/log" | sed 's/^/# /'
        failures=$((failures + 1))
    fi
}

prints_only() { # prints_only TEXT COMMAND...: that, and nothing else
    [ "$("${@:2}")" = "$1" ]
}

# A program of somebody else, which prints the library's version.
cat >"$work/user.c" <<'C'
#include <walparse/walparse.h>
#include <stdio.h>

int main(void)
{
    const char *version = wp_version();
    printf("%s\n", version);
    return version[0] == '\0';
}
C
