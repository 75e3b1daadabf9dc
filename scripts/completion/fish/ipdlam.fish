# Completion of ipdlam in fish: the program itself says what can follow; files where it knows nothing.
function __ipdlam_complete
    set -l words (commandline -opc)
    set -l found ($words[1] complete -- $words[2..] (commandline -ct) 2>/dev/null)
    if set -q found[1]
        printf '%s\n' $found
    else
        __fish_complete_path (commandline -ct)
    end
end
complete -c ipdlam -f -a '(__ipdlam_complete)'
