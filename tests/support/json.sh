# shellcheck shell=bash
# Values of the program's JSON, as jq reads them. To be sourced.

# json_value FILTER [JQ-ARGUMENT...] [FILE]: compact, text bare, a line for each result. What jq finds wrong is printed in
# place of a value, where no test wants it. key("NAME") in FILTER is a value that may be null, of a key that must be there.
json_value() {
    jq -cr 'def key($name): if has($name) then .[$name] else error("no key \($name)") end; '"$1" "${@:2}" 2>&1 || true
}
