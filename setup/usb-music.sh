#!/bin/bash
# Adds the music of a USB disk to the box's, or takes it out; moodbox-usb@.service calls this.
# usage: usb-music.sh add|remove NAME      NAME: the block device in /dev, as sda1
# A disk counts when it has a folder named after a mood, in any letter case. It is mounted read-only, so it
# may be pulled out at any moment. Its folders appear as MOOD/usb/NAME in MPD's music directory, through
# links that stand there for good: nothing is written but in /run.
set -euo pipefail
readonly usb=/run/moodbox-usb
# shellcheck source=setup/moods.sh
. "$(dirname "$0")/moods.sh"
action=${1:-} name=${2:-}
case "$name" in '' | */* | .*) echo "usage: usb-music.sh add|remove NAME" >&2; exit 2 ;; esac
readonly device=/dev/$name place=$usb/disks/$name

# Prints what mount is to be told, given the type of the file system.
options() {
    printf 'ro,nosuid,nodev,noexec'
    case "$1" in
    vfat) printf ',utf8' ;; # names in any script
    exfat | ntfs*) printf ',iocharset=utf8' ;;
    ext3 | ext4) printf ',noload' ;;          # replaying its journal would write to it
    esac
}

# Prints the disk's folder of a mood; nothing where it has none.
folder_of() { find "$place" -mindepth 1 -maxdepth 1 -type d -iname "$1" -print -quit; }

# Tells MPD to look at these moods' folders.
update() {
    local mood
    for mood in "$@"; do
        MPD_HOST=/run/mpd/socket mpc --quiet update "$mood/usb" >/dev/null 2>&1 ||
            echo "MPD was not told to look at $mood/usb: 'mpc update' does it"
    done
}

add() {
    local mood folder kind found=()
    if findmnt --source "$device" >/dev/null; then
        echo "$device is mounted by somebody else, who knows best"
        return
    fi
    kind=$(blkid -o value -s TYPE "$device" || echo auto)
    # Which of its drivers a kernel has, differs; Debian 12's has neither.
    [ "$kind" != ntfs ] || kind=ntfs3,ntfs
    mkdir -p "$place"
    mount -t "$kind" -o "$(options "$kind")" "$device" "$place"
    for mood in "${moods[@]}"; do
        folder=$(folder_of "$mood")
        [ -n "$folder" ] || continue
        ln -sfn "$folder" "$usb/$mood/$name"
        found+=("$mood")
    done
    if [ "${#found[@]}" = 0 ]; then
        umount "$place"
        rmdir "$place"
        echo "$device has no folder named ${moods[*]}: no music of ours"
        return
    fi
    echo "music for: ${found[*]}"
    update "${found[@]}"
}

remove() {
    local mood gone=()
    for mood in "${moods[@]}"; do
        [ -L "$usb/$mood/$name" ] || continue
        rm "$usb/$mood/$name"
        gone+=("$mood")
    done
    [ -d "$place" ] || return 0
    # Lazily: the song that plays holds it, and the disk may be gone already.
    ! mountpoint -q "$place" || umount --lazy "$place"
    rmdir "$place"
    update "${gone[@]}"
}

case "$action" in
add | remove) "$action" ;;
*) echo "usage: usb-music.sh add|remove NAME" >&2; exit 2 ;;
esac
