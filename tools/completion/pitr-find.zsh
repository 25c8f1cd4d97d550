
# zsh completion of pitr-find. What stands before this is made from the program's table of options.

# The command among the words before the cursor, in $command: the first that is no option and no option's value.
_pitr_find_command() {
    local -i i
    local word
    command=
    for ((i = 2; i < CURRENT; i++)); do
        word=${words[i]}
        if [[ $word == -- ]]; then
            return
        elif [[ $word == -?* ]]; then
            if (( ${_pitr_find_takes[(Ie)$word]} )); then (( i++ )); fi
        else
            _pitr_find_commands
            if [[ -n ${(M)reply:#${word}:*} ]]; then command=$word; fi
            return
        fi
    done
}

_pitr_find_first() {
    _pitr_find_commands
    local -i status_of=1
    _describe command reply && status_of=0
    _files && status_of=0
    return status_of
}

_pitr-find() {
    local command
    local -a reply first
    _pitr_find_command
    first=("1:command or source:_pitr_find_first")
    if [[ -n $command ]]; then first=("1:command:($command)"); fi
    _pitr_find_options ${command:-target}
    _arguments -s -S : $reply $first '*:source:_files'
}

_pitr-find "$@"
