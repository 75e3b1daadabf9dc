# Completion of ipdlam in fish: the program itself says what can follow; files where it knows nothing.
function __ipdlam_complete
    set -l words (commandline -opc)
    $words[1] complete -- $words[2..] (commandline -ct) 2>/dev/null
end
complete -c ipdlam -a '(__ipdlam_complete)'
