#!/bin/bash
# Fresh Debian systems to try things in: a base root for each release, kept, and overlays over it.
# usage: roots.sh base RELEASE         makes the base if it is not there (a minute, once); RELEASE is
#                                      bookworm or trixie, or one with -arm64 (emulated: ten minutes)
#        roots.sh fresh RELEASE NAME   prints the path of a new machine (an overlay: no time at all)
#        roots.sh drop NAME            forgets that machine
#        roots.sh offline RELEASE      prints a folder with the packages and wheels of a box, downloaded once
#        roots.sh run ROOT COMMAND...  runs a command in a machine that is not booted, on the host's network
#        roots.sh boot ROOT [OPTION...] boots it with its own systemd, without a network, so that its MPD has
#                                      port 6600 to itself; OPTIONs are more of systemd-nspawn's; after
#                                      `systemctl reboot` inside, boot it again
#        roots.sh switch_on ROOT [OPTION...] the same, but does not wait until all is started
#        roots.sh in ROOT COMMAND...   runs a command in a booted machine
#        roots.sh halt ROOT            pulls its plug
#        roots.sh leader ROOT          prints the process that is its init
# Needs root, debootstrap and systemd-nspawn. MOODBOX_ROOTS names the folder for all of it.
set -euo pipefail
roots=${MOODBOX_ROOTS:-/var/tmp/moodbox-roots}

# What every Debian has after its installer, and make, which the README asks for. No venv, pip or mpd.
packages=ca-certificates,python3,make,systemd,systemd-sysv,libpam-systemd,dbus,udev

# Lets the kernel run arm64's programs. Registered with F, the emulator is held open by the kernel, and no
# root needs a copy of it.
emulate_arm64() {
    local registry=/proc/sys/fs/binfmt_misc
    [ "$(uname -m)" != aarch64 ] || return 0
    [ -e /usr/bin/qemu-aarch64-static ] ||
        { echo "qemu-aarch64-static is missing: install the package qemu-user-static" >&2; return 1; }
    mountpoint -q "$registry" || mount -t binfmt_misc binfmt_misc "$registry"
    [ -e "$registry/qemu-aarch64" ] || cat /usr/lib/binfmt.d/qemu-aarch64.conf >"$registry/register"
}

base() {
    local release=$1 arch=()
    [ "$release" = "${release%-arm64}" ] || emulate_arm64
    [ ! -e "$roots/$release/.complete" ] || return 0
    rm -rf "${roots:?}/$release"
    mkdir -p "$roots"
    [ "$release" = "${release%-arm64}" ] || arch=(--arch=arm64)
    debootstrap --variant=minbase --include="$packages" "${arch[@]}" "${release%-arm64}" "$roots/$release" \
        >"$roots/$release.log" 2>&1 ||
        { echo "debootstrap failed; $roots/$release.log tells why" >&2; return 1; }
    touch "$roots/$release/.complete"
}

# What a machine needs to reach the network the way this one does: resolver, hosts, certificates.
connect() {
    local root=$1
    cp -L /etc/resolv.conf "$root/etc/resolv.conf"
    grep -qs localhost "$root/etc/hosts" || echo '127.0.0.1 localhost' >"$root/etc/hosts"
    if compgen -G '/usr/local/share/ca-certificates/*.crt' >/dev/null; then
        mkdir -p "$root/usr/local/share/ca-certificates"
        cp /usr/local/share/ca-certificates/*.crt "$root/usr/local/share/ca-certificates/"
        # What update-ca-certificates would do, which takes minutes where the root is emulated.
        cat "$root"/usr/local/share/ca-certificates/*.crt >>"$root/etc/ssl/certs/ca-certificates.crt"
    fi
}

fresh() {
    local release=$1 machine=$roots/machines/$2
    base "$release"
    drop "$2"
    mkdir -p "$machine"/{upper,work,root}
    mount -t overlay overlay \
        -o "lowerdir=$roots/$release,upperdir=$machine/upper,workdir=$machine/work" "$machine/root"
    # It is thrown away: nothing has to reach the disk at once.
    echo force-unsafe-io >"$machine/root/etc/dpkg/dpkg.cfg.d/unsafe-io"
    connect "$machine/root"
    echo "$machine/root"
}

drop() {
    local machine=$roots/machines/$1
    halt "$machine/root"
    ! mountpoint -q "$machine/root" || umount "$machine/root"
    rm -rf "$machine"
}

# What `provision.sh --offline` takes, made by this checkout's own script in a machine of that release.
offline() {
    local release=$1 folder=$roots/offline/$1 checkout root sum
    checkout=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
    sum=$(cd "$checkout" && cat setup/lib.sh setup/offline.sh setup/hashes/*.txt | sha256sum)
    if [ "$(cat "$folder/made-from" 2>/dev/null)" != "$sum" ]; then
        rm -rf "$folder"
        mkdir -p "$folder"
        root=$(fresh "$release" "offline-$release")
        git clone --quiet --no-local "$checkout" "$root/root/moodbox"
        run "$root" --bind="$folder:/mnt" --chdir=/root/moodbox setup/offline.sh /mnt >&2
        drop "offline-$release"
        echo "$sum" >"$folder/made-from"
    fi
    echo "$folder"
}

run() {
    local root=$1 settings=() name
    shift
    for name in "${!PIP_@}"; do settings+=("--setenv=$name=${!name}"); done
    # The console's pipe is not read from: what runs here has no stdin. As process 1 it would survive its
    # own crash, and hang.
    systemd-nspawn --as-pid2 --quiet --directory="$root" --machine="$(basename "$(dirname "$root")")" --register=no --keep-unit --resolv-conf=off --timezone=off \
        --console=pipe --setenv=LANG=C.UTF-8 "${settings[@]}" "$@" </dev/null \
        2> >(grep -v '^Attempted to remove disk file system' >&2) # nspawn 252 says so at each end
}

boot() {
    switch_on "$@"
    wait_for_state "$1" 'running|degraded'
}

# Prints the control groups that a machine has to itself, one in each hierarchy that systemd uses. In others'
# groups it would meet the processes of any machine beside it, and systemd could end nothing there.
groups_of() {
    local at
    for at in /sys/fs/cgroup /sys/fs/cgroup/systemd /sys/fs/cgroup/unified; do
        [ ! -e "$at/cgroup.procs" ] || echo "$at/moodbox-$(basename "$1")"
    done
}

switch_on() {
    local root=$1 machine
    shift
    machine=$(dirname "$root")
    (
        for group in $(groups_of "$machine"); do
            mkdir -p "$group"
            echo "$BASHPID" >"$group/cgroup.procs"
        done
        # A container may not lock memory by itself; a Pi may.
        exec setsid systemd-nspawn --quiet --directory="$root" --machine="$(basename "$machine")" --boot \
            --register=no --keep-unit --private-network --resolv-conf=off --timezone=off --console=pipe \
            --system-call-filter=@memlock "$@"
    ) </dev/null >"$machine/console" 2>&1 &
    echo $! >"$machine/pid"
    wait_for_state "$root" 'starting|running|degraded'
}

# Waits until systemd says of the machine what matches; fails after half a minute, or when it is off.
wait_for_state() {
    local root=$1 tries state='' machine
    machine=$(dirname "$root")
    for tries in $(seq 300); do
        state=$(in_machine "$root" systemctl is-system-running 2>/dev/null) || true
        ! grep -qxE "$2" <<<"$state" || return 0
        kill -0 "$(cat "$machine/pid")" 2>/dev/null || break
        sleep .1
    done
    echo "$(basename "$machine") did not boot (${state:-no answer} after $tries looks): $machine/console" >&2
    return 1
}

# The booted machine's own init: nspawn's only child.
leader() { pgrep --oldest --parent "$(cat "$(dirname "$1")/pid")"; }

in_machine() {
    local root=$1
    shift
    nsenter --target "$(leader "$root")" --mount --uts --ipc --net --pid --cgroup --root --wd \
        env --ignore-environment HOME=/root LANG=C.UTF-8 \
        PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin "$@"
}

halt() {
    local pid
    pid=$(cat "$(dirname "$1")/pid" 2>/dev/null) || return 0
    ! kill -KILL "$(leader "$1")" 2>/dev/null || tail --pid="$pid" -f /dev/null
    rm -f "$(dirname "$1")/pid"
    groups_of "$(dirname "$1")" | xargs -I{} find {} -depth -type d -delete 2>/dev/null || true
}

action=${1:-}
shift || true
case "$action" in
base | fresh | drop | offline | run | boot | switch_on | halt | leader) "$action" "$@" ;;
in) in_machine "$@" ;;
*)
    sed -n '2,16s/^# //p' "$0" >&2
    exit 2
    ;;
esac
