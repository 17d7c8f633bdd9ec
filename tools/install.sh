#!/usr/bin/env bash
# Build the pinned programs of tools/go.mod into the user's cache and link them into .tools/,
# and install the system's chromium with its driver, which the tests of pages drive.
#
# * What is built is what go.mod and go.sum say; neither is ever changed by building.
# * A program that is in the cache for these very pins is only linked.
# * Where Go is absent nothing is built: a notice, or a failure when CI=true, because there
#   no test that needs a tool may be skipped.
# * Chromium comes from the system's packages, where there is apt-get and we are root; where
#   it is missing otherwise: the same.
set -euo pipefail
cd "$(dirname "$0")"

root=$(cd .. && pwd)
home=${HOME:-}
# Bash knows the home directory of a user without HOME from the password database.
[ -n "$home" ] || { unset HOME; home=$(echo ~); }
cache=${XDG_CACHE_HOME:-$home/.cache}/tasuki
mkdir -p "$cache" 2>/dev/null || cache=$root/.tools/cache
# Go's own installer puts it where a bare PATH does not look.
go=$(command -v "${GO:-go}" || command -v "${GO:-/usr/local/go/bin/go}" || true)

link() { # name, version, package
  local home_of_it=$cache/$1-$2
  local program=$home_of_it/$1
  if [ ! -x "$program" ]; then
    if [ -z "$go" ]; then
      missing="${missing:+$missing and }$1"
      return
    fi
    echo "tools: building $1 $2 (minutes when nothing is cached)"
    mkdir -p "$home_of_it"
    HOME=$home CGO_ENABLED=0 "$go" build -mod=readonly -o "$program.$$" "$3"
    # A rename is atomic: nobody ever starts half a program.
    mv -f "$program.$$" "$program"
  fi
  ln -sfn "$program" "$root/.tools/$1"
  echo "tools: .tools/$1 is $1 $2"
}

version() { # module
  awk -v module="$1" '$1 == module && $2 ~ /^v/ { sub(/^v/, "", $2); print $2 }' go.mod
}

mkdir -p "$root/.tools" "$cache"
missing=
link opa "$(version github.com/open-policy-agent/opa)" github.com/open-policy-agent/opa
link helm "$(version helm.sh/helm/v4)" helm.sh/helm/v4/cmd/helm

# From the system's packages, where we may; a system that has them already is left alone.
browser() {
  local chromium=${CHROMIUM:-chromium} driver=${CHROMEDRIVER:-chromedriver}
  local apt=${APT_GET:-apt-get}
  if ! { command -v "$chromium" && command -v "$driver"; } >/dev/null; then
    if ! command -v "$apt" >/dev/null || [ "$(id -u)" != 0 ]; then
      echo "tools: NOT INSTALLED, there is no apt-get here or we are not root:" \
        "chromium and chromium-driver; the tests that need them are skipped" >&2
      return 1
    fi
    echo "tools: installing chromium and its driver"
    # Without a font for Japanese every page would be seen as boxes.
    local install=("$apt" install -qq -y --no-install-recommends
      chromium chromium-driver fonts-noto-cjk)
    export DEBIAN_FRONTEND=noninteractive
    "${install[@]}" >/dev/null 2>&1 || { "$apt" update -qq && "${install[@]}" >/dev/null; } ||
      return 1
  fi
  echo "tools: chromium and its driver are there"
}

status=0
browser || [ "${CI:-}" != true ] || status=1
if [ -n "$missing" ]; then
  echo "tools: NOT BUILT, there is no Go here: $missing; the tests that need them are skipped" >&2
  [ "${CI:-}" != true ] || status=1
fi
exit $status
