#!/bin/bash
# Holds arm64 to x86-64: a Pi's own wheels, on an emulated Pi 4 and Pi 5, read the same faces with the
# shipped model.
# usage: arm64.sh RELEASE...     RELEASE: bookworm or trixie
# By hand, since it takes about a quarter of an hour a release. Needs root, debootstrap, systemd-nspawn,
# qemu-user-static, FER2013 where MOODBOX_TEST_DATA points, and this checkout's own .venv.
# Tries what is committed. Ends with 0 only when every release agrees.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
checkout=$(cd "$here/../.." && pwd)
[ "$#" -gt 0 ] || { sed -n '4s/^# //p' "$0" >&2; exit 2; }

# Runs in the machine: the device's packages at their exact versions, as provisioning installs them.
# shellcheck disable=SC2016
readonly install='log=/root/install.log; . setup/lib.sh
version=$(fitting_version /usr/bin/python3)
apt_install python3-venv || give_up "no python3-venv: $(tail -5 $log)"
install_python /usr/bin/python3 /root/venv /root/unfinished "$PWD/setup/constraints/python$version.txt" .'

# shellcheck disable=SC2016
readonly look='mount --bind /root/cpuinfo /proc/cpuinfo
exec /root/venv/bin/python -X faulthandler -m tests.appliance.looks look /root/pictures.npz /root/looks.json "$RUNTIME"'

# What each release's Python has; this checkout's environment has both.
declare -rA runtimes=([bookworm]=tflite_runtime [trixie]=ai_edge_litert)

# The boards' processors: the name that the emulator knows each by, and what Linux says of it there. The
# runtimes choose their kernels by it, and crash on this machine's own list of another architecture.
readonly boards=(
    'Raspberry Pi 4|cortex-a72|fp asimd evtstrm crc32 cpuid|0x0|0xd08|3'
    'Raspberry Pi 5|cortex-a76|fp asimd evtstrm aes pmull sha1 sha2 crc32 atomics fphp asimdhp cpuid asimdrdm lrcpc dcpop asimddp|0x4|0xd0b|1'
)

# Prints /proc/cpuinfo of a board, with as many processors as this machine's /sys shows.
# usage: cpuinfo FEATURES VARIANT PART REVISION
cpuinfo() {
    local number
    for number in $(seq 0 $(($(nproc --all) - 1))); do
        printf '%s\t: %s\n' processor "$number" BogoMIPS 108.00 Features "$1" \
            'CPU implementer' 0x41 'CPU architecture' 8 'CPU variant' "$2" 'CPU part' "$3" 'CPU revision' "$4"
        echo
    done
}

looks() { (cd "$checkout" && .venv/bin/python -m tests.appliance.looks "$@"); }

try_release() {
    local release=$1 machine=arm64-$1 board processor root
    root=$("$here/roots.sh" fresh "$release-arm64" "$machine")
    git clone --quiet --no-local "$checkout" "$root/root/moodbox"
    cp "$work/pictures.npz" "$root/root/"
    looks look "$work/pictures.npz" "$work/looks.json" "${runtimes[$release]}"
    "$here/roots.sh" run "$root" --chdir=/root/moodbox bash -euc "$install"
    for board in "${boards[@]}"; do
        IFS='|' read -ra processor <<<"$board"
        cpuinfo "${processor[@]:2}" >"$root/root/cpuinfo"
        "$here/roots.sh" run "$root" --chdir=/root/moodbox "--setenv=QEMU_CPU=${processor[1]}" \
            "--setenv=RUNTIME=${runtimes[$release]}" bash -euc "$look"
        echo "${processor[0]} (${processor[1]})"
        looks compare "$work/looks.json" "$root/root/looks.json"
    done
}

work=$(mktemp -d)
trap 'rm -rf "$work"; for release in "$@"; do "$here/roots.sh" drop "arm64-$release"; done' EXIT
looks gather "$work/pictures.npz"
# Not `try_release || …`: a command that fails within would go unnoticed.
for release in "$@"; do try_release "$release"; done
