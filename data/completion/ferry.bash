# SPDX-License-Identifier: GPL-3.0-or-later
# Completion of ferry(1) for bash, with or without bash-completion.

# The numbers of transfers that are in one of the states $1; with their names, for a choice among
# them. Nothing where there is no service.
_ferry_numbers ()
{
  local number state cause received expected name file

  while IFS=$'\t' read -r number state cause received expected name file; do
    [[ " $1 " == *" $state "* && $number == "$cur"* ]] && COMPREPLY+=("$number  ($state: $name)")
  done < <(timeout 2 ferry list 2>/dev/null </dev/null)
}

# Whatever of the words $1 may be meant.
_ferry_words ()
{
  local word

  for word in $1; do
    [[ $word == "$cur"* ]] && COMPREPLY+=("$word")
  done
}

# Transfers in one of the states $1, and the words for many.
_ferry_transfers ()
{
  _ferry_numbers "$1"
  _ferry_words "all $1"
}

# Names of files, of folders where $1 is -d. Those with odd letters are quoted by readline.
_ferry_files ()
{
  local file

  compopt -o filenames 2>/dev/null
  while IFS= read -r file; do
    COMPREPLY+=("$file")
  done < <(compgen "${1:--f}" -- "$cur")
}

# What stands in for the value of the option $1. Fails where that takes none.
_ferry_value ()
{
  case $1 in
    -d | --directory) _ferry_files -d ;;
    -o | --output | -i | --input) _ferry_files -f ;;
    --state) _ferry_words "suspended waiting running finished failed cancelled" ;;
    --priority) _ferry_words "low normal high" ;;
    --limit) _ferry_words "none 500K 1M 2M 5M 10M" ;;
    --digest) compopt -o nospace 2>/dev/null; _ferry_words "sha-256= sha-512= sha-1= md5=" ;;
    -H | --header) compopt -o nospace 2>/dev/null ;;
    --at) ;;
    *) return 1 ;;
  esac

  return 0
}

_ferry_options ()
{
  local fetching="--at --digest --directory --header --input --limit --output --priority"

  case $1 in
    get | add) _ferry_words "$fetching --help" ;;
    list) _ferry_words "--state --json --help" ;;
    show | watch) _ferry_words "--json --help" ;;
    probe) _ferry_words "--header --json --help" ;;
    remove) _ferry_words "--delete-files --help" ;;
    limit) _ferry_words "--upload --help" ;;
    *) _ferry_words "--help" ;;
  esac
}

# What the verb $1 takes, of which $2 have been given.
_ferry_arguments ()
{
  local alive="suspended waiting running" over="finished failed cancelled"

  case $1 in
    pause) _ferry_transfers "waiting running" ;;
    resume) _ferry_transfers "suspended waiting failed" ;;
    cancel) _ferry_transfers "$alive failed" ;;
    remove | show) _ferry_transfers "$alive $over" ;;
    watch) _ferry_transfers "$alive" ;;
    set-url) (( $2 == 0 )) && _ferry_numbers "suspended waiting failed" ;;
    limit)
      if (( $2 == 0 )); then
        _ferry_value --limit
      else
        _ferry_transfers "$alive failed"
      fi
      ;;
    help) (( $2 == 0 )) && _ferry_words "$verbs" ;;
  esac

  # Only a list that is shown has room for more than what will be inserted.
  if (( ${#COMPREPLY[@]} == 1 || COMP_TYPE == 37 )); then
    COMPREPLY=("${COMPREPLY[@]%%  (*}")
  fi
}

_ferry ()
{
  local verbs="get add list show watch pause resume cancel remove probe set-url limit version help"
  local cur=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]} given=0 i

  COMPREPLY=()
  if (( COMP_CWORD == 1 )); then
    _ferry_words "$verbs --help --version"
    return
  fi

  # readline splits “--state=fa” into three words.
  if [[ $cur == "=" && $before == --* ]]; then
    cur=
    _ferry_value "$before"
    return
  fi
  if [[ $before == "=" && ${COMP_WORDS[COMP_CWORD - 2]} == --* ]]; then
    _ferry_value "${COMP_WORDS[COMP_CWORD - 2]}"
    return
  fi
  _ferry_value "$before" && return

  if [[ $cur == -* ]]; then
    _ferry_options "${COMP_WORDS[1]}"
    return
  fi

  for (( i = 2; i < COMP_CWORD; i++ )); do
    [[ ${COMP_WORDS[i]} == -* ]] || (( given++ ))
  done
  _ferry_arguments "${COMP_WORDS[1]}" "$given"
}

complete -F _ferry ferry
