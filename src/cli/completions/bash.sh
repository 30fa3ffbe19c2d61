# Completions of trailql for bash. Load them in ~/.bashrc: source <(trailql completions bash)
#
# trailql reads the line itself: bash breaks words at `=` and `:`, and hands quotes on as they stand. Its answers are
# quoted for the place that they are put in. The first line of an answer tells if a space follows.
_trailql() {
    local answer candidate
    COMPREPLY=()
    answer=$(@VARIABLE@=bash @PROGRAM@ -- "${COMP_LINE:0:COMP_POINT}" "${2-}" "${COMP_TYPE-9}" 2>/dev/null) || return 0
    {
        IFS= read -r candidate
        if [[ $candidate == nospace ]]; then
            compopt -o nospace 2>/dev/null
        fi
        while IFS= read -r candidate; do
            COMPREPLY+=("$candidate")
        done
    } <<<"$answer"
    return 0
}
if ((BASH_VERSINFO[0] > 4 || (BASH_VERSINFO[0] == 4 && BASH_VERSINFO[1] >= 4))); then
    complete -o bashdefault -o nosort -F _trailql trailql
else
    complete -o bashdefault -F _trailql trailql
fi
