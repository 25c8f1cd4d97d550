# bash completion of pitr-restore from what `pitr-restore --help` prints.
#
#   pitr-restore --help | awk -f pitr-restore.awk > pitr-restore

# What is said in brackets to be handed on to pitr-find takes a value too.
/\((--[a-z-]+, )+/ { inside = 1 }
inside {
    line = $0
    while (match(line, /--[a-z-]+/)) { free = free " | " substr(line, RSTART, RLENGTH); line = substr(line, RSTART + RLENGTH) }
    if (/\)/) inside = 0
    next
}
/^  --/ {
    sub(/,/, " ")
    options = options " " $1
    if ($2 ~ /^(PATH|FILE|PROGRAM)$/) files = files " | " $1
    else if ($2 ~ /^(DIR|NEW)$/) folders = folders " | " $1
    else if ($2 ~ /^[A-Z]/) free = free " | " $1
}
END {
    asked = free; gsub(/ \|/, "", asked)
    n = split(asked, words, " ")
    for (i = 1; i <= n; i++) if (index(options " ", " " words[i] " ") == 0) options = options " " words[i]
    print "# bash completion of pitr-restore. Made from pitr-restore --help.\n"
    print "_pitr_restore() {"
    print "    local value=${COMP_WORDS[COMP_CWORD]} option=${COMP_WORDS[COMP_CWORD - 1]}"
    print "    COMPREPLY=()"
    print "    # --option=value is three words here."
    print "    if [ \"$value\" = = ]; then"
    print "        value=''"
    print "    elif [ \"$option\" = = ]; then"
    print "        option=${COMP_WORDS[COMP_CWORD - 2]}"
    print "    fi"
    print "    case $option in"
    print "    " substr(files, 4) ") return ;;"
    print "    " substr(folders, 4) ")"
    print "        compopt +o default -o dirnames"
    print "        return"
    print "        ;;"
    print "    " substr(free, 4) ")"
    print "        compopt +o default"
    print "        return"
    print "        ;;"
    print "    esac"
    print "    compopt +o default"
    print "    mapfile -t COMPREPLY < <(compgen -W '" substr(options, 2) "' -- \"$value\")"
    print "}"
    print "complete -o default -F _pitr_restore pitr-restore"
}
