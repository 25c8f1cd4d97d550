# The man page of pitr-restore from what `pitr-restore --help` prints.
#
#   pitr-restore --help | awk -v date=2026-11-29 -v version=0.1.0 -f pitr-restore.awk

function typed(s) {
    gsub(/\\/, "\\e", s); gsub(/-/, "\\-", s); gsub(/'/, "\\(aq", s); gsub(/`/, "\\(ga", s)
    gsub(/\^/, "\\(ha", s); gsub(/~/, "\\(ti", s)
    return s
}
# Prose: what begins with a dash is typed, and so is a name of the program's.
function prose(s,    out, word) {
    while (match(s, /(--?[a-z][a-z-]*|pitr-[a-z]+)/)) {
        word = substr(s, RSTART, RLENGTH)
        out = out plain(substr(s, 1, RSTART - 1))
        # A hyphen inside a word is none that begins an option.
        if (RSTART > 1 && substr(s, RSTART - 1, 1) ~ /[A-Za-z0-9_]/) out = out plain(word)
        else out = out "\\fB" typed(word) "\\fR"
        s = substr(s, RSTART + RLENGTH)
    }
    return out plain(s)
}
function plain(s) {
    gsub(/\\/, "\\e", s); gsub(/'/, "\\(aq", s); gsub(/`/, "\\(ga", s); gsub(/\^/, "\\(ha", s); gsub(/~/, "\\(ti", s)
    return s
}
# In short lines, and never a request, whatever a line begins with.
function line(s,    n, i, words, out) {
    n = split(s, words, " ")
    for (i = 1; i <= n; i++) {
        if (out != "" && length(out) + length(words[i]) > 75) { print out; out = "" }
        if (out == "") out = (words[i] ~ /^\./ ? "\\&" : "") words[i]
        else out = out " " words[i]
    }
    print out
}
# A usage line or the head of an option: options are bold, what stands for a value is italic.
function usage(s,    n, i, words, out) {
    n = split(s, words, " ")
    for (i = 1; i <= n; i++) {
        out = out (i > 1 ? " " : "")
        if (words[i] ~ /^-/ || words[i] ~ /^pitr-/) out = out "\\fB" typed(words[i]) "\\fR"
        else if (words[i] ~ /^[A-Z]/) out = out "\\fI" typed(words[i]) "\\fR"
        else out = out typed(words[i])
    }
    return out
}
function section(name) { if (name != in_section) print ".SH " name; in_section = name }

NR == 1 {
    printf ".\\\" Made from pitr-restore --help.\n.TH PITR-RESTORE 1 %s \"pitr-find %s\" \"User Commands\"\n.nr HY 0\n.ad l\n", date, version
    print ".SH NAME\npitr\\-restore \\- restore a base backup to the target that pitr\\-find found"
    sub(/^pitr-restore: /, "")
    first = toupper(substr($0, 1, 1)) substr($0, 2)
    next
}
!has_usage && /^$/ { next }
!has_usage && !/^ / { first = first "\n" $0; next }
!has_usage { has_usage = 1; section("SYNOPSIS") }
in_section == "SYNOPSIS" && /^  / { if (lines++) print ".br"; line(usage($0)); next }
in_section == "SYNOPSIS" && /^$/ { section("DESCRIPTION"); n = split(first, firsts, "\n"); for (i = 1; i <= n; i++) line(prose(firsts[i])); print ".PP"; next }
/^  --/ {
    section("OPTIONS")
    head = $0; sub(/^  /, "", head)
    rest = head
    if (match(rest, /   *[^ ]/) || match(rest, / [a-z(]/)) { text = substr(rest, RSTART); sub(/^ +/, "", text); head = substr(rest, 1, RSTART - 1) }
    print ".TP"; line(usage(head)); line(prose(text))
    next
}
/^ / && in_section == "OPTIONS" { sub(/^ +/, ""); line(prose($0)); next }
/^Exit status: / {
    section("EXIT STATUS")
    sub(/^Exit status: /, ""); sub(/\.$/, "")
    n = split($0, statuses, /; /)
    for (i = 1; i <= n; i++) { print ".TP\n\\fB" substr(statuses[i], 1, 1) "\\fR"; line(prose(substr(statuses[i], 3))) }
    next
}
/^$/ { pending = 1; next }
{
    if (in_section == "OPTIONS") { section("NOTES"); pending = 0 }
    if (pending) print ".PP"
    pending = 0
    line(prose($0))
}
END { section("SEE ALSO"); print ".BR pitr\\-find (1),\n.BR pitr\\-find\\-target (1),\n.BR pg_basebackup (1),\n.BR pg_dump (1)" }
