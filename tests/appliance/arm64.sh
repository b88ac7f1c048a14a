#!/bin/bash
# Holds arm64 to x86-64: a Pi's own wheels, emulated, read the same faces with the shipped model.
# usage: arm64.sh RELEASE...     RELEASE: bookworm or trixie
# By hand, since it takes about a quarter of an hour a release. Needs root, debootstrap, systemd-nspawn,
# qemu-user-static, FER2013 where MOODBOX_TEST_DATA points, and this checkout's own .venv.
# Tries what is committed. Ends with 0 only when every release agrees.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
checkout=$(cd "$here/../.." && pwd)
[ "$#" -gt 0 ] || { sed -n '3s/^# //p' "$0" >&2; exit 2; }

# Runs in the machine: the device's packages at their exact versions, as provisioning installs them.
# shellcheck disable=SC2016
readonly install='log=/root/install.log; . setup/lib.sh
version=$(fitting_version /usr/bin/python3)
apt_install python3-venv || give_up "no python3-venv: $(tail -5 $log)"
install_python /usr/bin/python3 /root/venv /root/unfinished "$PWD/setup/constraints/python$version.txt" .'

looks() { (cd "$checkout" && .venv/bin/python -m tests.appliance.looks "$@"); }

try_release() {
    local release=$1 machine=arm64-$1 root
    root=$("$here/roots.sh" fresh "$release-arm64" "$machine")
    git clone --quiet --no-local "$checkout" "$root/root/moodbox"
    cp "$work/pictures.npz" "$root/root/"
    "$here/roots.sh" run "$root" --chdir=/root/moodbox bash -euc "$install"
    "$here/roots.sh" run "$root" --chdir=/root/moodbox \
        /root/venv/bin/python -m tests.appliance.looks look /root/pictures.npz /root/looks.json
    looks compare "$work/looks.json" "$root/root/looks.json"
}

work=$(mktemp -d)
trap 'rm -rf "$work"; for release in "$@"; do "$here/roots.sh" drop "arm64-$release"; done' EXIT
looks gather "$work/pictures.npz"
looks look "$work/pictures.npz" "$work/looks.json"
# Not `try_release || …`: a command that fails within would go unnoticed.
for release in "$@"; do try_release "$release"; done
