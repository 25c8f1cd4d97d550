# shellcheck shell=bash disable=SC2154
# bash completion of pitr-find. What stands before this is made from the program's table of options.

# The words before the cursor as the shell will read them, in $args, and the one at the cursor in $value: bash
# breaks words at = and : as well, which is told from a blank by the line itself.
_pitr_find_args() {
    local line=${COMP_LINE} word i at
    args=()
    for ((i = 0; i <= COMP_CWORD; i++)); do
        word=${COMP_WORDS[i]}
        at=${line%%[![:space:]]*}
        line=${line#"$at"}
        line=${line#"$word"}
        if ((i > 0)) && [ -z "$at" ]; then args[${#args[@]} - 1]+=$word; else args+=("$word"); fi
    done
    value=${args[${#args[@]} - 1]}
    unset "args[${#args[@]}-1]"
}

# The command among $args in $command, or nothing; $operands counts what is no option. An option's value is none.
_pitr_find_command() {
    local i word
    command='' operands=0 only_operands=''
    for ((i = 1; i < ${#args[@]}; i++)); do
        word=${args[i]}
        if [ -z "$only_operands" ] && [ "$word" = -- ]; then
            only_operands=1
        elif [ -z "$only_operands" ] && [[ $word = -?* ]]; then
            if [[ $word != *=* ]] && _pitr_find_takes "$word"; then i=$((i + 1)); fi
        else
            if [ "$operands" -eq 0 ] && [ -z "$only_operands" ] && [[ " $_pitr_find_commands " = *" $word "* ]]; then command=$word; fi
            operands=$((operands + 1))
        fi
    done
}

# Does the option take a value, of this command or, as long as none is known, of any?
_pitr_find_takes() {
    local of
    for of in ${command:-$_pitr_find_commands}; do
        ! _pitr_find_value "$of" "$1" >/dev/null || return 0
    done
    return 1
}

# _pitr_find_words WORDS: those that begin like $value.
_pitr_find_words() {
    local IFS=$' \t\n'
    mapfile -t COMPREPLY < <(compgen -W "$1" -- "$value")
}

_pitr_find() {
    local args value command operands only_operands option words
    COMPREPLY=()
    _pitr_find_args
    _pitr_find_command
    option=${args[${#args[@]} - 1]}
    if [ -z "$only_operands" ] && [[ $value = --*=* ]]; then
        option=${value%%=*} value=${value#*=}
    elif [ -n "$only_operands" ] || [[ $option != -?* ]]; then
        option=''
    fi
    if [ -n "$option" ] && words=$(_pitr_find_value "${command:-target}" "$option"); then
        case $words in
        @files) ;;
        @folders) compopt +o default -o dirnames ;;
        *)
            compopt +o default
            _pitr_find_words "$words"
            ;;
        esac
    elif [ -z "$only_operands" ] && [[ $value = -* ]]; then
        compopt +o default
        _pitr_find_words "$(_pitr_find_options "${command:-target}")"
    elif [ "$operands" -eq 0 ] && [ -z "$only_operands" ] && { [ -n "$value" ] || [ "$COMP_CWORD" -eq 1 ]; }; then
        _pitr_find_words "$_pitr_find_commands"
    fi
}

# Where no word fits, and nothing here turns it off, readline completes file names.
complete -o default -F _pitr_find pitr-find
