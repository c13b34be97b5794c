# SPDX-License-Identifier: GPL-3.0-or-later
# zsh -f complete.zsh FOLDER LINE: what the completion in FOLDER offers at the end of LINE, a line
# each, after a tab what is shown for it. A shell on a terminal of its own is asked, as only there
# zsh completes.
zmodload zsh/zpty

zpty asked zsh -f -i
zpty -w asked "
  PS1= PS2= RPS1=
  stty -echo
  unsetopt zle_bracketed_paste 2>/dev/null
  fpath=(${(q)1} \$fpath)
  autoload -Uz compinit
  compinit -D -u
  zstyle ':completion:*' verbose yes
  # What fills arrays of the functions is no offer yet.
  compadd () {
    local -a offers shown
    local -i i at=\${@[(i)-*d]}
    if [[ \${@[1,(i)(-|--)]} == *-(O|A|D)\\ * ]]; then
      builtin compadd \"\$@\"
      return
    fi
    (( at < \$# )) && shown=(\"\${(@P)@[at+1]}\")
    builtin compadd -A offers -D shown \"\$@\"
    for (( i = 1; i <= \$#offers; i++ )); do
      print -r -- \"<\$offers[i]|\$shown[i]>\"
    done
    builtin compadd \"\$@\"
  }
  report () { print -r -- '<<end>>' }
  comppostfuncs=(report)
  bindkey '^I' complete-word
  print -r -- '<<''ready>>'
"

text=
until [[ $text == *'<<ready>>'* ]]; do
  zpty -r asked line || exit 1
  text+=$line
done

zpty -w -n asked "$2"$'\t'
text=
until [[ $text == *'<<end>>'* ]]; do
  zpty -r asked line || exit 1
  text+=$line
done

print -r -- "${text//$'\r'/}" | grep -a -o '<[^<>]*|[^<>]*>' | sed 's/^<\(.*\)>$/\1/' | tr '|' '\t' | sort -u
zpty -d asked
