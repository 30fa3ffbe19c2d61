#compdef trailql
# Completions of trailql for zsh. Load them in ~/.zshrc, behind compinit if you call it: source <(trailql completions zsh)
#
# The first line of an answer tells how many characters stay as they are typed (`~`, `$HOME`), and if candidates
# take the place of the word whatever it is. Each other line is a candidate: `open` where no space follows or `done`,
# the value, what is shown, and its meaning. zsh quotes the value for the place that it is put in.
_trailql() {
    local line="${(j: :)words[1,CURRENT-1]} $QIPREFIX$IPREFIX$PREFIX" answer row
    local -a rows head fields values shown whole
    answer=$(@VARIABLE@=zsh @PROGRAM@ -- "$line" 2>/dev/null) || return 1
    rows=("${(@f)answer}")
    (( $#rows > 1 )) || return 1
    head=("${(@s: :)rows[1]}")
    local -i kept=$(( head[1] - $#QIPREFIX - $#IPREFIX ))
    if (( kept > 0 )); then
        IPREFIX+=$PREFIX[1,kept]
        PREFIX=$PREFIX[kept+1,-1]
    fi
    [[ $head[2] == whole ]] && whole=(-U)
    local kind style=":completion:$curcontext:values"
    local -i found=1 escaped=0
    # Where `_describe` groups candidates by their meaning, a value ends at a colon and loses its backslashes. Where it
    # does not, a value is put in as it is.
    zstyle -T $style verbose && zstyle -T $style list-grouped && escaped=1
    for kind in open done; do
        values=() shown=()
        for row in "${(@)rows[2,-1]}"; do
            fields=("${(@ps:\t:)row}")
            [[ $fields[1] == $kind ]] || continue
            values+=("$fields[2]")
            row=${${fields[3]//\\/\\\\}//:/\\:}
            [[ -n $fields[4] ]] && row+=:${fields[4]//\\/\\\\}
            shown+=("$row")
        done
        (( $#values )) || continue
        (( escaped )) && values=("${(@)${(@)values//\\/\\\\}//:/\\:}")
        if [[ $kind == open ]]; then
            _describe -V trailql shown values $whole -S '' && found=0
        else
            _describe -V trailql shown values $whole && found=0
        fi
    done
    # zsh would put what they have in common, often nothing, in the place of what is typed: they are only shown.
    if [[ -n $whole && $compstate[insert] == *unambiguous ]] && (( compstate[nmatches] > 1 )); then
        compstate[insert]= compstate[list]='list force'
    fi
    return found
}
if [[ $funcstack[1] == _trailql ]]; then
    _trailql "$@"
else
    (( $+functions[compdef] )) || { autoload -Uz compinit && compinit -i }
    compdef _trailql trailql
fi
