# Completion of pitr-restore from what `pitr-restore --help` prints.
#
#   pitr-restore --help | awk -v shell=bash|zsh -f pitr-restore.awk > pitr-restore, _pitr-restore

# An option, what its value is called and is (nothing: it has none), and what it is for.
function add(option, value, text) {
    name[++count] = option
    is_known[option] = 1
    value_of[count] = value
    text_of[count] = text
    if (value == "") kind_of[count] = ""
    else if (value ~ /^(PATH|FILE|PROGRAM)$/) kind_of[count] = "files"
    else if (value ~ /^(DIR|NEW)$/) kind_of[count] = "folders"
    else kind_of[count] = "free"
}

# What is said in brackets to be handed on to pitr-find takes a value too.
/\((--[a-z-]+, )+/ { inside = 1 }
inside {
    line = $0
    while (match(line, /--[a-z-]+/)) { handed[++on] = substr(line, RSTART, RLENGTH); line = substr(line, RSTART + RLENGTH) }
    if (/\)/) inside = 0
    next
}
/^  --/ {
    head = substr($0, 1, 25)
    sub(/^ */, "", head)
    sub(/ *$/, "", head)
    option = head
    sub(/[ ,].*/, "", option)
    letter = match(head, /, -[a-z]$/) ? substr(head, RSTART + 2) : ""
    value = letter == "" && option != head ? substr(head, length(option) + 2) : ""
    add(option, value, substr($0, 27))
    letter_of[count] = letter
    next
}
count && /^                          / { text_of[count] = text_of[count] " " substr($0, 27); next }
END {
    for (i = 1; i <= on; i++) if (!(handed[i] in is_known)) add(handed[i], "VALUE", "an option of pitr-find")
    if (shell == "bash") bash()
    else zsh()
}

# The options whose value is of that kind, as a pattern of case.
function pattern(kind,    i, all) {
    for (i = 1; i <= count; i++) if (kind_of[i] == kind) all = all " | " name[i]
    return substr(all, 4)
}

function bash(    i, options) {
    for (i = 1; i <= count; i++) options = options " " name[i]
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
    print "    " pattern("files") ") return ;;"
    print "    " pattern("folders") ")"
    print "        compopt +o default -o dirnames"
    print "        return"
    print "        ;;"
    print "    " pattern("free") ")"
    print "        compopt +o default"
    print "        return"
    print "        ;;"
    print "    esac"
    print "    compopt +o default"
    print "    mapfile -t COMPREPLY < <(compgen -W '" substr(options, 2) "' -- \"$value\")"
    print "}"
    print "complete -o default -F _pitr_restore pitr-restore"
}

# As zsh writes it between single quotes in a specification of _arguments.
function quoted(text) {
    gsub(/\\|:|\[|\]/, "\\\\&", text)
    gsub(/'/, "'\\''", text)
    return text
}

# Without * zsh hides an option that was given, and some may be given again.
function zsh(    i, does) {
    does["files"] = "_files"
    does["folders"] = "_files -/"
    does["free"] = " "
    print "#compdef pitr-restore"
    print "# zsh completion of pitr-restore. Made from pitr-restore --help.\n"
    print "_arguments : \\"
    for (i = 1; i <= count; i++) {
        if (letter_of[i] != "") printf "    '(%s %s)'{%s,%s}'", letter_of[i], name[i], letter_of[i], name[i]
        else if (kind_of[i] != "") printf "    '*%s=", name[i]
        else printf "    '%s", name[i]
        printf "[%s]", quoted(text_of[i])
        if (kind_of[i] != "") printf ":%s:%s", quoted(value_of[i]), does[kind_of[i]]
        print "'" (i < count ? " \\" : "")
    }
}
