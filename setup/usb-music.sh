#!/bin/bash
# Adds the music of a USB disk to the box's, or takes it out; moodbox-usb@.service calls this.
# usage: usb-music.sh add|remove NAME      NAME: the block device in /dev, as sda1
# A disk counts when it has a folder named after a mood, in any letter case. It is mounted read-only, so it
# may be pulled out at any moment, and where only root looks. Its moods' folders alone are shown to MPD, as
# MOOD/usb/NAME in its music directory, through links that stand there for good: nothing is written but in /run.
# Whoever made the disk is not trusted: no link on it is followed, by nobody, and what its file system asks of
# the kernel in an error is not done.
set -euo pipefail
readonly usb=/run/moodbox-usb
# shellcheck source=setup/moods.sh
. "$(dirname "$0")/moods.sh"
action=${1:-} name=${2:-}
case "$name" in '' | */* | .*) echo "usage: usb-music.sh add|remove NAME" >&2; exit 2 ;; esac
readonly device=/dev/$name disk=/run/moodbox-disks/$name

# Prints what mount is to be told, type and options, given what blkid calls the file system; false where it is
# none of those that people carry music about on: a kernel reads many more, some of them with little care.
mount_as() {
    local always=ro,nosuid,nodev,noexec,nosymfollow
    case "$1" in
    vfat) echo "vfat $always,utf8" ;; # names in any script
    exfat) echo "exfat $always,iocharset=utf8" ;;
    ntfs) echo "ntfs3,ntfs $always,iocharset=utf8" ;; # which of its drivers a kernel has, differs
    ext2) echo "ext2 $always,errors=continue" ;; # else the disk may say: panic
    ext3 | ext4) echo "$1 $always,errors=continue,noload" ;; # replaying its journal would write to it
    *) return 1 ;;
    esac
}

# Prints the disk's folder of a mood; nothing where it has none.
folder_of() { find "$disk" -mindepth 1 -maxdepth 1 -type d -iname "$1" -print -quit; }

# Prints up to three files or folders in a folder that MPD may not read (no links: nobody follows them). Those of a disk from a Linux computer
# may be for their owner alone. A large disk is looked at for a while only.
closed_to_mpd() {
    { timeout 20 setpriv --reuid=mpd --regid=audio --clear-groups -- \
        find "$1" ! -type l \( ! -readable -o -type d ! -executable \) -print 2>/dev/null || true; } | head -n 3
}

# Tells MPD to look at a mood's folder.
update() {
    MPD_HOST=/run/mpd/socket mpc --quiet update "$1/usb" >/dev/null 2>&1 ||
        echo "MPD was not told to look at $1/usb: 'mpc update' does it"
}

add() {
    local mood folder kind how path found=()
    if findmnt --source "$device" >/dev/null; then
        echo "$device is mounted by somebody else, who knows best"
        return
    fi
    kind=$(blkid --probe --output value --match-tag TYPE "$device" || true)
    how=$(mount_as "$kind") || {
        echo "$device has ${kind:-no} file system: music is taken from FAT, exFAT, NTFS and ext2 to ext4"
        return
    }
    mkdir -p "$disk"
    mount -t "${how% *}" -o "${how#* }" "$device" "$disk"
    for mood in "${moods[@]}"; do
        folder=$(folder_of "$mood")
        [ -n "$folder" ] || continue
        mkdir -p "$usb/$mood/$name"
        mount --bind "$folder" "$usb/$mood/$name"
        found+=("$mood")
    done
    if [ "${#found[@]}" = 0 ]; then
        umount "$disk"
        rmdir "$disk"
        echo "$device has no folder named ${moods[*]}: no music of ours"
        return
    fi
    echo "music for: ${found[*]}"
    for mood in "${found[@]}"; do update "$mood"; done
    for mood in "${found[@]}"; do
        closed_to_mpd "$usb/$mood/$name" | while IFS= read -r path; do
            printf 'MPD may not read %q: its music is not played. On the computer that wrote the disk: chmod -R a+rX %s\n' \
                "$path" "$(basename "$(folder_of "$mood")")"
        done
    done
}

remove() {
    local mood place
    for mood in "${moods[@]}"; do
        place=$usb/$mood/$name
        [ -d "$place" ] || continue
        # Lazily: the song that plays holds it, and the disk may be gone already.
        ! mountpoint --quiet "$place" || umount --lazy "$place"
        rmdir "$place"
        update "$mood"
    done
    [ -d "$disk" ] || return 0
    ! mountpoint --quiet "$disk" || umount --lazy "$disk"
    rmdir "$disk"
}

case "$action" in
add | remove) "$action" ;;
*) echo "usage: usb-music.sh add|remove NAME" >&2; exit 2 ;;
esac
