#!/bin/bash
# Installation: `make install` puts everything where PREFIX and DESTDIR say, a program builds
# against the installed library through pkg-config, static and shared, and runs; `make uninstall`
# removes all of it again, and nothing else.
#
#   install.sh PROGRAM
set -euo pipefail

program=$1
build=$(cd "$(dirname "$program")" && pwd)
cd "$(dirname "$0")/../.."
cc=${CC:-cc}
# shellcheck source=tests/support/installed.sh
. tests/support/installed.sh

# The variables given to the make that runs this test still count; its job server does not.
MAKEFLAGS=$(sed -E 's/--jobserver-[a-z]+=[^ ]*//g; s/(^| )-j[0-9]*//g' <<<"${MAKEFLAGS:-}")
export MAKEFLAGS

stage=$work/stage prefix=/opt/walparse
in_stage() { make --no-print-directory BUILD="$build" PREFIX="$prefix" DESTDIR="$stage" "$@"; }
has() { test -e "$stage$prefix/$1"; }

try "make install" in_stage install
for file in bin/pitr-find bin/pitr-restore lib/libwalparse.a lib/libwalparse.so lib/libwalparse.so.0 lib/pkgconfig/walparse.pc; do
    try "installed: $file" has "$file"
done
for file in man/man1/pitr-find.1 man/man1/pitr-restore.1 bash-completion/completions/pitr-find \
    bash-completion/completions/pitr-restore zsh/site-functions/_pitr-find zsh/site-functions/_pitr-restore; do
    try "installed: share/$file" test -s "$stage$prefix/share/$file"
done
while read -r command; do
    try "installed: share/man/man1/pitr-find-$command.1" test -s "$stage$prefix/share/man/man1/pitr-find-$command.1"
done < <(commands "$program")
for file in LICENSE README.md; do
    try "installed: share/doc/pitr-find/$file" cmp "$file" "$stage$prefix/share/doc/pitr-find/$file"
done
for name in pitr-find.rules.yml pitr-find.grafana.json; do
    try "installed: share/pitr-find/monitoring/$name" cmp tools/monitoring/$name "$stage$prefix/share/pitr-find/monitoring/$name"
done
try "installed: share/pitr-find/lnav/pitr_find.json" cmp tools/lnav/pitr_find.json "$stage$prefix/share/pitr-find/lnav/pitr_find.json"
try "installed: share/pitr-find/systemd/pitr-find-watch.service" cmp tools/systemd/pitr-find-watch.service "$stage$prefix/share/pitr-find/systemd/pitr-find-watch.service"
for header in include/walparse/*.h; do
    try "installed: $header" cmp "$header" "$stage$prefix/$header"
done
try "the installed program runs" "$stage$prefix/bin/pitr-find" --version
try "the installed pitr-restore runs" "$stage$prefix/bin/pitr-restore" --help

# pkg-config is told where the staged tree really is.
export PKG_CONFIG_PATH=$stage$prefix/lib/pkgconfig
flags() { pkg-config --define-variable=prefix="$stage$prefix" "$@" walparse; }

# shellcheck disable=SC2046 # flags are words
build_shared() {
    "$cc" -std=c11 -Wall -Wextra -Werror -o "$work/shared" "$work/user.c" $(flags --cflags --libs)
}
# shellcheck disable=SC2046
build_static() {
    "$cc" -std=c11 -Wall -Wextra -Werror -o "$work/static" "$work/user.c" \
        $(flags --cflags) "$stage$prefix/lib/libwalparse.a" \
        $(flags --static --libs | sed 's/-lwalparse\b//')
}
version=$(pkg-config --modversion walparse 2>/dev/null || true)
needs_shared() { LC_ALL=C readelf -d "$work/shared" | grep -q 'NEEDED.*libwalparse\.so\.0'; }
needs_no_shared() { ! LC_ALL=C readelf -d "$work/static" | grep -q 'NEEDED.*libwalparse'; }

try "walparse.pc tells a version" test -n "$version"
try "a user of the shared library builds" build_shared
try "it needs libwalparse.so.0" needs_shared
try "it runs and tells the version of walparse.pc" prints_only "$version" env LD_LIBRARY_PATH="$stage$prefix/lib" "$work/shared"
try "a user of the static library builds" build_static
try "it does not need libwalparse.so" needs_no_shared
try "it runs and tells the version of walparse.pc" prints_only "$version" "$work/static"

# What others have put there stays.
other=$stage$prefix/share/man/man1/pitr-find-other.1
touch "$other"
try "make uninstall" in_stage uninstall
nothing_left() { test "$(find "$stage" -not -type d -print)" = "$other"; }
try "uninstall leaves no file but that of another" nothing_left

[ "$failures" -eq 0 ]
