# Completions of trailql for fish. Load them in ~/.config/fish/config.fish: trailql completions fish | source
#
# Each line of an answer is a word and its meaning. fish quotes the word for the place that it is put in.
function __trailql_complete
    set -l line (commandline --current-process --cut-at-cursor | string collect)
    @VARIABLE@=fish @PROGRAM@ -- "$line" 2>/dev/null
end
complete --command trailql --erase
complete --command trailql --keep-order --no-files --arguments '(__trailql_complete)'
