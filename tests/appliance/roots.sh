#!/bin/bash
# Fresh Debian systems to try things in: a base root for each release, kept, and overlays over it.
# usage: roots.sh base RELEASE         makes the base if it is not there (a minute, once)
#        roots.sh fresh RELEASE NAME   prints the path of a new machine (an overlay: no time at all)
#        roots.sh drop NAME            forgets that machine
#        roots.sh run ROOT COMMAND...  runs a command in a machine that is not booted, on the host's network
# Needs root, debootstrap and systemd-nspawn. MOODBOX_ROOTS names the folder for all of it.
set -euo pipefail
roots=${MOODBOX_ROOTS:-/var/tmp/moodbox-roots}

# What every Debian has after its installer, and make, which the README asks for. No venv, pip or mpd.
packages=ca-certificates,python3,make,systemd,systemd-sysv,libpam-systemd,dbus,udev

base() {
    local release=$1
    [ ! -e "$roots/$release/.complete" ] || return 0
    rm -rf "${roots:?}/$release"
    mkdir -p "$roots"
    debootstrap --variant=minbase --include="$packages" "$release" "$roots/$release" >"$roots/$release.log" 2>&1 ||
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
        chroot "$root" update-ca-certificates >/dev/null 2>&1
    fi
}

fresh() {
    local release=$1 machine=$roots/machines/$2
    base "$release"
    drop "$2"
    mkdir -p "$machine"/{upper,work,root}
    mount -t overlay overlay \
        -o "lowerdir=$roots/$release,upperdir=$machine/upper,workdir=$machine/work" "$machine/root"
    connect "$machine/root"
    echo "$machine/root"
}

drop() {
    local machine=$roots/machines/$1
    ! mountpoint -q "$machine/root" || umount "$machine/root"
    rm -rf "$machine"
}

run() {
    local root=$1 settings=() name
    shift
    for name in "${!PIP_@}"; do settings+=("--setenv=$name=${!name}"); done
    # The console's pipe is not read from: what runs here has no stdin.
    systemd-nspawn --quiet --directory="$root" --machine="$(basename "$(dirname "$root")")" --register=no --keep-unit --resolv-conf=off --timezone=off \
        --console=pipe --setenv=LANG=C.UTF-8 "${settings[@]}" "$@" </dev/null
}

action=${1:-}
shift || true
case "$action" in
base | fresh | drop | run) "$action" "$@" ;;
*)
    sed -n '2,7s/^# //p' "$0" >&2
    exit 2
    ;;
esac
