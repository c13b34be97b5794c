# SPDX-License-Identifier: GPL-3.0-or-later
# Completion of ferry(1) for fish.

set -l verbs get add list show watch pause resume cancel remove probe set-url limit version help

# The numbers of transfers that are in one of the states $argv. Nothing where there is no service.
function __ferry_numbers
    timeout 2 ferry list 2>/dev/null </dev/null | while read -l -d \t number state cause received expected name file
        if contains -- $state $argv
            printf '%s\t%s: %s\n' $number $state $name
        end
    end
end

# The same, and the words for many.
function __ferry_transfers
    __ferry_numbers $argv
    printf '%s\n' all $argv
end

# How many words of the line, but for the verb and options, stand before the cursor.
function __ferry_given
    set -l words (commandline -opc)
    test (count (string match -v -- '-*' $words[3..-1])) $argv
end

complete -c ferry -f
complete -c ferry -n "not __fish_seen_subcommand_from $verbs" -l version -d 'Show the version'
complete -c ferry -s h -l help -d 'Show a short help'

set -l none "not __fish_seen_subcommand_from $verbs"
complete -c ferry -n $none -a get -d 'Download files, and wait'
complete -c ferry -n $none -a add -d 'Download files without waiting'
complete -c ferry -n $none -a list -d 'List the transfers'
complete -c ferry -n $none -a show -d 'Tell all of transfers'
complete -c ferry -n $none -a watch -d 'Show how transfers go on'
complete -c ferry -n $none -a pause -d 'Stop transfers until they are resumed'
complete -c ferry -n $none -a resume -d 'Let transfers go on'
complete -c ferry -n $none -a cancel -d 'End transfers for good'
complete -c ferry -n $none -a remove -d 'Take transfers out of the list'
complete -c ferry -n $none -a probe -d 'Tell what is at an address'
complete -c ferry -n $none -a set-url -d 'Give a transfer another address'
complete -c ferry -n $none -a limit -d 'Show or set how fast transfers may be'
complete -c ferry -n $none -a version -d 'Tell the versions'
complete -c ferry -n $none -a help -d 'Tell more of a verb'

set -l fetching '__fish_seen_subcommand_from get add'
complete -c ferry -n $fetching -s d -l directory -x -a '(__fish_complete_directories)' -d 'Folder to put the files in'
complete -c ferry -n $fetching -s o -l output -r -F -d 'What to call the file'
complete -c ferry -n $fetching -s i -l input -r -F -d 'File with addresses'
complete -c ferry -n $fetching -l digest -x -a 'sha-256= sha-512= sha-1= md5=' -d 'What the bytes must be'
complete -c ferry -n $fetching -l limit -x -a 'none 500K 1M 2M 5M 10M' -d 'Bytes a second'
complete -c ferry -n $fetching -l priority -x -a 'low normal high' -d 'What goes first'
complete -c ferry -n $fetching -l at -x -d 'Not before this time'
complete -c ferry -n $fetching -s H -l header -x -d 'Header to send'
complete -c ferry -n '__fish_seen_subcommand_from probe' -l header -x -d 'Header to send'

complete -c ferry -n '__fish_seen_subcommand_from list' -l state -x -a 'suspended waiting running finished failed cancelled' -d 'Only those'
complete -c ferry -n '__fish_seen_subcommand_from list show watch probe' -l json -d 'As JSON'
complete -c ferry -n '__fish_seen_subcommand_from remove' -l delete-files -d 'Finished files, too'
complete -c ferry -n '__fish_seen_subcommand_from limit' -l upload -d 'That of uploads'

complete -c ferry -n '__fish_seen_subcommand_from pause' -k -a '(__ferry_transfers waiting running)'
complete -c ferry -n '__fish_seen_subcommand_from resume' -k -a '(__ferry_transfers suspended waiting failed)'
complete -c ferry -n '__fish_seen_subcommand_from cancel' -k -a '(__ferry_transfers suspended waiting running failed)'
complete -c ferry -n '__fish_seen_subcommand_from remove show' -k -a '(__ferry_transfers suspended waiting running finished failed cancelled)'
complete -c ferry -n '__fish_seen_subcommand_from watch' -k -a '(__ferry_transfers suspended waiting running)'
complete -c ferry -n '__fish_seen_subcommand_from set-url; and __ferry_given -eq 0' -k -a '(__ferry_numbers suspended waiting failed)'
complete -c ferry -n '__fish_seen_subcommand_from limit; and __ferry_given -eq 0' -k -a 'none 500K 1M 2M 5M 10M'
complete -c ferry -n '__fish_seen_subcommand_from limit; and __ferry_given -gt 0' -k -a '(__ferry_transfers suspended waiting running failed)'
complete -c ferry -n '__fish_seen_subcommand_from help; and __ferry_given -eq 0' -a "$verbs"
