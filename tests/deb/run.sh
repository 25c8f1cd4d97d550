#!/bin/bash
# Proves the Debian packages: lintian has nothing to say, and in a bare Debian 12 they install by apt, find the incident
# of the demo archive, bring manual and completion, serve a program that is built against the library, and leave nothing
# when they are purged. To be called by root; Debian comes from where this machine has it (its own sources for apt).
#
#   tests/deb/run.sh FOLDER        (the folder with the three packages)
set -euo pipefail

packages=$(cd "$1" && pwd)
cd "$(dirname "$0")/../.."
# shellcheck source=tests/support/installed.sh
. tests/support/installed.sh
root=$work/root

inside() {
    unshare --mount --pid --fork --mount-proc="$root/proc" \
        chroot "$root" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive "$@"
}
prints() { # prints WORDS COMMAND...: are they in its output?
    local words=$1
    shift
    "$@" | tee "$work/out"
    grep -qF -- "$words" "$work/out"
}

# ---- the packages -------------------------------------------------------------------------------

names=(pitr-find libwalparse0 libwalparse-dev)
files=()
for name in "${names[@]}"; do
    for file in "$packages/$name"_*.deb; do files+=("$file"); done
done
try "three packages" test "${#files[@]}" -eq 3 -a -f "${files[0]}" -a -f "${files[1]}" -a -f "${files[2]}"
[ "$failures" -eq 0 ] || exit 1
try "lintian: no error, no warning" lintian --allow-root --fail-on error,warning "${files[@]}"

# ---- a bare Debian ------------------------------------------------------------------------------

sources=()
for file in /etc/apt/sources.list /etc/apt/sources.list.d/*; do
    if grep -qsE '^(Suites:(.* )?|deb (.* )?)bookworm( |$)' "$file"; then sources+=("$file"); fi
done
[ "${#sources[@]}" -gt 0 ] || { echo "not ok - this machine's apt knows no Debian 12"; exit 1; }
# How this machine reaches them, if that takes more.
options=()
while read -r option; do options+=(--aptopt="$option"); done < <(apt-config dump | grep -iE '^Acquire::[^ ]*(Proxy|CaInfo)[^ ]* "[^"]')
try "a bare Debian 12" mmdebstrap --quiet --mode=root --variant=apt --include=man-db --skip=cleanup/apt \
    --dpkgopt=force-unsafe-io "${options[@]}" bookworm "$root" "${sources[@]}"
[ "$failures" -eq 0 ] || exit 1

# All that is there, but for what apt, dpkg and man keep for themselves.
everything() {
    (cd "$root" && find . -xdev \( -path ./proc -o -path ./var/cache -o -path ./var/lib/apt -o -path ./var/lib/dpkg \
        -o -path ./var/log -o -path ./tmp -o -path ./root \) -prune -o -print | sort)
}
everything >"$work/before"
mkdir "$root/tmp/packages"
cp "${files[@]}" "$root/tmp/packages"
cp -R tests/fixtures/demo/wal "$root/tmp/wal"

try "apt install" inside sh -c 'apt-get -y install /tmp/packages/*.deb'
everything >"$work/with"
version=$(dpkg-deb -f "${files[0]}" Version)
try "pitr-find --version" prints "pitr-find $version (libwalparse $version)" inside pitr-find --version
try "pitr-find finds the incident" prints "recovery_target_lsn = '0/CDF508'" inside pitr-find --before 'DROP TABLE' /tmp/wal
try "libpq comes with it" inside dpkg -s libpq5
try "pitr-restore --help" prints '--into NEW' inside pitr-restore --help
while read -r command; do
    try "man pitr-find-$command" prints "pitr-find-$command - " inside env MANWIDTH=80 man "pitr-find-$command"
done < <(commands inside pitr-find)
for page in pitr-find pitr-restore; do
    try "man $page" prints "$page - " inside env MANWIDTH=80 man "$page"
done
# shellcheck disable=SC2016 # for the bash inside
completed='compopt() { :; }
. "/usr/share/bash-completion/completions/$1" || exit
COMP_LINE="$1 --" COMP_WORDS=("$1" --) COMP_CWORD=1
"$2" "$1" -- "$1"
printf "%s\n" "${COMPREPLY[@]}"'
try "completion of pitr-find" prints '--before-time' inside bash -c "$completed" - pitr-find _pitr_find
try "completion of pitr-restore" prints '--expect-table' inside bash -c "$completed" - pitr-restore _pitr_restore
for name in _pitr-find _pitr-restore; do
    try "zsh's $name" cmp "$packages/completion/$name" "$root/usr/share/zsh/vendor-completions/$name"
done

try "the format for lnav" cmp tools/lnav/pitr_find.json "$root/usr/share/pitr-find/lnav/pitr_find.json"

# ---- a program of somebody else -----------------------------------------------------------------

# The compiler is this machine's: one inside would be most of what this test takes.
triplet=$(dpkg-architecture -qDEB_HOST_MULTIARCH)
module() { PKG_CONFIG_SYSROOT_DIR=$root PKG_CONFIG_LIBDIR=$root/usr/lib/$triplet/pkgconfig:$root/usr/share/pkgconfig pkg-config "$@" walparse; }
# shellcheck disable=SC2046 # flags are words
build_user() {
    "${CC:-cc}" -Wall -Wextra -Werror -o "$root/tmp/user" "$work/user.c" -I"$root/usr/include" -L"$root/usr/lib/$triplet" \
        -Wl,-rpath-link,"$root/usr/lib/$triplet" $(module --cflags --libs)
}
try "pkg-config tells the version" prints_only "$version" module --modversion
try "a program builds with pkg-config" build_user
try "it runs with the shared library" prints_only "$version" inside /tmp/user

# ---- and away -----------------------------------------------------------------------------------

try "apt purge" inside apt-get -y --auto-remove purge "${names[@]}"
everything >"$work/after"
grep -q /usr/bin/pitr-find "$work/with" || { echo "not ok - the list of files has the program"; exit 1; }
try "nothing is left behind" diff "$work/before" "$work/after"

exit $((failures > 0))
