#!/bin/sh
# Make a virtual environment with the first Python >= 3.11 that is found; says so when none is.
#
# POSIX sh and the named Python alone: this runs before anything is installed.
set -eu

for python in ${PYTHON:-python3 python3.14 python3.13 python3.12 python3.11}; do
  if "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
    echo "set-up: $1 with $("$python" --version) ($python)"
    "$python" -m venv "$1" || {
      echo "set-up: this Python cannot make a virtual environment;" \
        "on Debian and Ubuntu install python3-venv" >&2
      exit 1
    }
    exit 0
  fi
done
echo "set-up: Python 3.11 or newer is needed and was not found;" \
  "name one with: make demo PYTHON=/path/to/python3" >&2
exit 1
