# shellcheck shell=bash
# The commands of pitr-find. To be sourced.

# commands PITR-FIND...: a line for each, as its --help has them
commands() { "$@" --help | sed -n '/^Commands:/,/^$/s/^  \([a-z]\{1,\}\) .*/\1/p'; }
