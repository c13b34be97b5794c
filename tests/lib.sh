# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash
# What tests/try and tests/check share. Sourced; expects bash with -euo pipefail.

root=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd -P)
builds=$root/_build

# One line a step, on the error stream: the output belongs to what is run.
say ()
{
  printf '%s: %s\n' "${0##*/}" "$*" >&2
}

die ()
{
  say "$*"
  exit 1
}

# run_logged LOG COMMAND… keeps the output in LOG and shows its end when the command fails.
run_logged ()
{
  local log=$1 status=0

  shift
  "$@" >"$log" 2>&1 || status=$?
  if [ "$status" -ne 0 ]; then
    tail -n 40 -- "$log" >&2
    say "failed with status $status; the whole output is in $log"
  fi
  return "$status"
}

make_build_folder ()
{
  mkdir -p -- "$builds" || die "cannot make $builds"
  [ -w "$builds" ] || die "cannot write to $builds, which belongs to another user"
}

# list_packages GROUP…
list_packages ()
{
  awk -v wanted=" $* " '
    { sub(/#.*/, "") }
    /^\[/ { group = substr($1, 2, length($1) - 2); next }
    NF && index(wanted, " " group " ") && !seen[$1]++ { print $1 }
  ' "$root/tests/packages"
}

# list_missing_packages GROUP…
list_missing_packages ()
{
  local package status

  for package in $(list_packages "$@"); do
    status=$(dpkg-query -W -f '${db:Status-Status} ' "$package" 2>/dev/null) || true
    [[ " $status" == *" installed "* ]] || printf '%s\n' "$package"
  done
}

# install_packages GROUP…
install_packages ()
{
  local missing=() as_root=()

  command -v dpkg-query >/dev/null \
    || die "this is no Debian; install by hand what tests/packages lists"

  mapfile -t missing < <(list_missing_packages "$@")
  if [ ${#missing[@]} -eq 0 ]; then
    say "all packages are installed"
    return 0
  fi

  if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null \
      || die "neither root nor sudo; as root, run: apt-get install ${missing[*]}"
    as_root=(sudo --)
  fi
  say "installing ${as_root:+with sudo: }${missing[*]}"
  "${as_root[@]}" "$root/tests/install-packages" "${missing[@]}" \
    || die "could not install; as root, run: apt-get install ${missing[*]}"
}

# configure BUILD OPTION… sets the build folder up, once for each set of options. A copy of the
# tree brings a build folder along that names the old place: that one is made anew too.
configure ()
{
  local build=$1 wanted

  shift
  wanted=$(printf '%s\n' "$root" "$@")
  if [ -f "$build/build.ninja" ] \
      && [ "$(cat -- "$build/configured" 2>/dev/null)" = "$wanted" ]; then
    return 0
  fi

  say "configuring $build"
  rm -rf -- "$build"
  mkdir -p -- "$build"
  run_logged "$build/configure.log" meson setup "$build" "$root" "$@" || return
  printf '%s\n' "$wanted" >"$build/configured"
}

# compile BUILD
compile ()
{
  say "building in $1"
  run_logged "$1/compile.log" ninja -C "$1"
}
