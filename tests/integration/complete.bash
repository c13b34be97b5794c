# SPDX-License-Identifier: GPL-3.0-or-later
# bash complete.bash SCRIPT WORD…: what the completion of SCRIPT offers for the last word, a line
# each, as readline would ask for it.
. "$1"
shift

COMP_WORDS=("$@")
COMP_CWORD=$(( $# - 1 ))
COMP_TYPE=9

function=$(complete -p "$1")
function=${function#*-F }
"${function%% *}"
printf '%s\n' "${COMPREPLY[@]}"
