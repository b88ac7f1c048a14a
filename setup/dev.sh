#!/bin/bash
# Sets up this checkout for work: Debian packages where some are missing, and .venv with exact versions.
# usage: setup/dev.sh device|all        device: what the demo needs; all: also the training and test tools
# Environment: PYTHON names the interpreter (3.11 to 3.13); PIP_* variables reach pip as always.
# Safe to call again at any time. When nothing changed, it takes a blink; an interrupted call is repaired.
set -euo pipefail
cd "$(dirname "$0")/.."

set_name=${1:-device}
case "$set_name" in
device) extras='' ;;
all) extras='[training,dev]' ;;
*)
    echo "usage: setup/dev.sh device|all" >&2
    exit 2
    ;;
esac

venv=.venv
log=build/setup.log
unfinished=build/setup-unfinished

give_up() {
    echo "moodbox: $*" >&2
    exit 1
}

step() { echo "moodbox: $*"; }

# --- Python -------------------------------------------------------------------------------------
# Prints the version as 3.N when the named interpreter is one that serves, else nothing.
fitting_version() {
    "$1" -c 'import sys
if (3, 11) <= sys.version_info < (3, 14) and sys.maxsize > 2**32:
    print("%d.%d" % sys.version_info[:2])' 2>/dev/null || true
}

is_32_bit() {
    [ "$("$1" -c 'import sys; print(sys.maxsize > 2**32)' 2>/dev/null)" = False ]
}

find_python() {
    local candidate
    for candidate in ${PYTHON:-python3 python3.13 python3.12 python3.11}; do
        version=$(fitting_version "$candidate")
        [ -z "$version" ] || { python=$(command -v "$candidate") && return; }
        ! is_32_bit "$candidate" || give_up "this is a 32-bit system, for which numpy and OpenCV" \
            "publish no packages: install the 64-bit edition of the system and run this again."
    done
    give_up "no Python 3.11 to 3.13 among '${PYTHON:-python3 python3.13 python3.12 python3.11}':" \
        "install one (on Debian 12 and 13 it is the package python3), or name one with PYTHON=/path/to/python3."
}

# --- Debian packages ----------------------------------------------------------------------------
# Prints the packages whose programs are not at hand. Programs are looked for, not packages, so that a
# system with other packages but the same programs needs no apt at all.
missing_packages() {
    local pair
    "$python" -c 'import ensurepip, venv' 2>/dev/null || echo "python$version-venv"
    for pair in mpd:mpd mpc:mpc flac:flac; do
        command -v "${pair%:*}" >/dev/null || echo "${pair#*:}"
    done
    [ "$set_name" = all ] || return 0
    for pair in shellcheck:shellcheck systemd-analyze:systemd; do
        command -v "${pair%:*}" >/dev/null || echo "${pair#*:}"
    done
}

install_packages() {
    local as_root=()
    command -v apt-get >/dev/null || give_up "this machine lacks $* and has no apt-get:" \
        "install the same programs with its own package manager and run this again."
    if [ "$(id -u)" != 0 ]; then
        # Without a terminal sudo could not ask for a password.
        { [ -t 0 ] && command -v sudo >/dev/null; } || sudo -n true 2>/dev/null ||
            give_up "this machine lacks $*, and neither root nor sudo is at hand:" \
                "as root, run 'apt-get install $*', then run this again."
        as_root=(sudo)
    fi
    step "installing $* with apt"
    # The demo and the tests run MPDs of their own; the system's must neither start nor take port 6600.
    # policy-rc.d is Debian's way to say so; one that is already there is left as it is.
    "${as_root[@]}" sh -s -- "$@" >>"$log" 2>&1 <<'ROOT' || give_up "apt-get could not install $*:" \
        "check the network and the package sources, then run this again ($log has what it said)."
export DEBIAN_FRONTEND=noninteractive
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
    trap 'rm -f "$policy"' EXIT
    trap 'exit 1' INT TERM
    printf '#!/bin/sh\nexit 101\n' >"$policy" && chmod 755 "$policy"
fi
install() { apt-get install --yes --no-install-recommends "$@" </dev/null; }
# The lists may be fresh, stale or absent: only a failure is worth the download of new ones.
install "$@" || { apt-get update </dev/null && install "$@"; }
ROOT
}

# --- the virtual environment --------------------------------------------------------------------
# What the environment is made from: when none of it changed, nothing is done.
inputs_sum() {
    { pwd && "$python" --version && cat pyproject.toml "$constraints" && echo "$extras"; } | sha256sum
}

is_up_to_date() {
    [ ! -e "$unfinished" ] && [ -x "$venv/bin/python" ] &&
        [ "$(cat "$venv/inputs-$set_name" 2>/dev/null)" = "$(inputs_sum)" ]
}

make_venv() {
    # A half-made environment, one whose Python went away and one of another Python are all made anew:
    # a pip that was killed leaves packages that look complete and are not.
    if [ -e "$unfinished" ] || [ "$(fitting_version "$venv/bin/python")" != "$version" ] ||
        ! "$venv/bin/python" -m pip --version >/dev/null 2>&1; then
        step "making $venv with Python $version"
        : >"$unfinished"
        "$python" -m venv --clear "$venv" >>"$log" 2>&1 ||
            give_up "could not make $venv: $log has the reason; mend it and run this again."
    fi
}

install_python_packages() {
    step "installing the Python packages (the exact versions stand in $constraints)"
    # As a variable the constraints hold for the build of the package too, not only for its dependencies.
    PIP_CONSTRAINT="$PWD/$constraints" PIP_DISABLE_PIP_VERSION_CHECK=1 \
        "$venv/bin/python" -m pip install --no-input --editable ".$extras" >>"$log" 2>&1 </dev/null ||
        give_up "pip could not install the Python packages: check the network and the space on the disk," \
            "then run this again ($log has what it said)."
    # The larger set holds the smaller one.
    [ "$set_name" != all ] || extras='' set_name=device record
    record
}

record() { inputs_sum >"$venv/inputs-$set_name"; }

find_python
constraints=setup/constraints/python$version.txt
mkdir -p build
exec 9>build/setup.lock
flock 9 # two calls at once take turns
mapfile -t missing < <(missing_packages)
: >"$log"
[ "${#missing[@]}" = 0 ] || install_packages "${missing[@]}"
if ! is_up_to_date; then
    make_venv
    : >"$unfinished"
    install_python_packages
    rm "$unfinished"
fi
