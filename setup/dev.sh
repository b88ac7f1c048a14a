#!/bin/bash
# Sets up this checkout for work: Debian packages where some are missing, and .venv with exact versions.
# usage: setup/dev.sh device|all        device: what the demo needs; all: also the training and test tools
# Environment: PYTHON names the interpreter (3.11 to 3.13); PIP_* variables reach pip as always.
# Safe to call again at any time. When nothing changed, it takes a blink; an interrupted call is repaired.
set -euo pipefail
cd "$(dirname "$0")/.."
log=build/setup.log
# shellcheck source=setup/lib.sh
. setup/lib.sh

set_name=${1:-device}
case "$set_name" in
device) extras='' ;;
all) extras='[training,dev]' ;;
*)
    echo "usage: setup/dev.sh device|all" >&2
    exit 2
    ;;
esac

find_python() {
    local candidate
    for candidate in ${PYTHON:-python3 python3.13 python3.12 python3.11}; do
        version=$(fitting_version "$candidate")
        [ -z "$version" ] || { python=$(command -v "$candidate") && return; }
        refuse_32_bit "$candidate"
    done
    give_up "no Python 3.11 to 3.13 among '${PYTHON:-python3 python3.13 python3.12 python3.11}':" \
        "install one (on Debian 12 and 13 it is the package python3), or name one with PYTHON=/path/to/python3."
}

# Prints the packages whose programs are not at hand. Programs are looked for, not packages, so that a
# system with other packages but the same programs needs no apt at all.
missing_packages() {
    local pair
    "$python" -c 'import ensurepip, venv' 2>/dev/null || echo "python$version-venv"
    for pair in mpd:mpd mpc:mpc flac:flac; do
        command -v "${pair%:*}" >/dev/null || echo "${pair#*:}"
    done
    [ "$set_name" = all ] || return 0
    for pair in shellcheck:shellcheck systemd-analyze:systemd ncmpcpp:ncmpcpp ffmpeg:ffmpeg; do
        command -v "${pair%:*}" >/dev/null || echo "${pair#*:}"
    done
}

install_packages() {
    command -v apt-get >/dev/null || give_up "this machine lacks $* and has no apt-get:" \
        "install the same programs with its own package manager and run this again."
    if [ "$(id -u)" != 0 ]; then
        # Without a terminal sudo could not ask for a password.
        { [ -t 0 ] && command -v sudo >/dev/null; } || sudo -n true 2>/dev/null ||
            give_up "this machine lacks $*, and neither root nor sudo is at hand:" \
                "as root, run 'apt-get install $*', then run this again."
        apt_as=sudo
    fi
    echo "moodbox: installing $* with apt"
    apt_install "$@" || give_up "apt-get could not install $*:" \
        "check the network and the package sources, then run this again ($log has what it said)."
}

# What the environment is made from: when none of it changed, nothing is done.
inputs_sum() {
    { pwd && "$python" --version && cat pyproject.toml "$constraints" && echo "$1"; } | sha256sum
}

is_up_to_date() {
    [ ! -e build/setup-unfinished ] && [ -x .venv/bin/python ] &&
        [ "$(cat ".venv/inputs-$set_name" 2>/dev/null)" = "$(inputs_sum "$set_name")" ]
}

find_python
constraints=$PWD/setup/constraints/python$version.txt
mkdir -p build
exec 9>build/setup.lock
flock 9 # two calls at once take turns
mapfile -t missing < <(missing_packages)
: >"$log"
[ "${#missing[@]}" = 0 ] || install_packages "${missing[@]}"
if ! is_up_to_date; then
    echo "moodbox: installing the Python packages into .venv (versions: ${constraints#"$PWD/"})"
    make_venv "$python" .venv build/setup-unfinished
    pip_install .venv/bin/python "$constraints" --editable ".$extras"
    rm build/setup-unfinished
    inputs_sum "$set_name" >".venv/inputs-$set_name"
    # The larger set holds the smaller one.
    inputs_sum device >.venv/inputs-device
fi
