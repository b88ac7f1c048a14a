# shellcheck shell=bash
# The functions of provision.sh that are tried by themselves, without a machine to provision. Sourced after
# setup/lib.sh; expects $log, $action (install, check or uninstall), $settings (the box's folder in /etc) and
# $stale: a folder with a file for each unit that runs from what has changed since, so that a run that was
# stopped midway does not forget to start it anew; after a reboot there is nothing to remember.
: "${log:?}" "${action:?}" "${settings:?}" "${stale:?}"
warnings=0
changes=0 # how many things were, or would be, changed
stayed=() # what could not be removed
# shellcheck source=setup/moods.sh
. setup/moods.sh

# --- telling and changing -----------------------------------------------------------------------
step() { printf '%-13s %s\n' "$1" "${*:2}"; }

warn() {
    warnings=$((warnings + 1))
    printf '%-13s %s\n' warning "$*" >&2
}

# Announces a change. False under --check: the caller then leaves it.
change() {
    changes=$((changes + 1))
    if [ "$action" = check ]; then
        step "$1" "would $2"
        return 1
    fi
    step "$1" "$2"
}

# Notes that a unit is to be started anew, before what it runs from changes.
outdate() { mkdir -p "$stale" && : >"$stale/$1"; }

# Starts a unit, or starts it anew where it is outdated; false where it does not start.
start_unit() {
    [ -e "$stale/$1" ] || { systemctl start "$1" && return; }
    systemctl restart "$1" && rm -f "$stale/$1"
}

# Writes a text to a file where it differs. usage: put STEP FILE MODE OWNER TEXT [UNIT that runs from it]
put() {
    local name=$1 file=$2 mode=$3 owner=$4 text=$5
    [ ! -e "$file" ] || [ "$text" != "$(cat "$file")" ] || return 0
    change "$name" "write $file" || return 0
    [ -z "${6:-}" ] || outdate "$6"
    # A full disk or a power cut leaves the old file or the new one.
    if ! { install -D -m "$mode" -o "${owner%:*}" -g "${owner#*:}" /dev/stdin "$file.new" <<<"$text" &&
        sync "$file.new" && mv "$file.new" "$file"; } 2>>"$log"; then
        rm -f "$file.new"
        give_up "$file could not be written: see to the space on the disk ('df -h'), then run this again."
    fi
}

# Removes files and folders; what cannot be (a mount, a disk that is read-only) stays.
remove() { remove_by -- "$@"; }

# The same as somebody else. usage: remove_by [COMMAND...] -- PATH...
remove_by() {
    local path by=()
    while [ "$1" != -- ]; do by+=("$1") && shift; done
    shift
    "${by[@]}" rm -rf --one-file-system -- "$@" 2>/dev/null || true
    for path in "$@"; do { [ ! -e "$path" ] && [ ! -L "$path" ]; } || stayed+=("$path"); done
}

# Two runs at once would undo each other's work; one that changes nothing disturbs nobody.
take_turn() {
    mkdir -p "$stale"
    exec 9>"$stale/lock"
    flock -n 9 || give_up "another provision.sh is at work here: wait until it has finished, then run this again."
}

# Ends the run where a folder of packages is not what setup/offline.sh put there: a card that was copied badly, a
# download that was cut off, a file that somebody added. usage: check_offline DIR
check_offline() {
    local file
    [ -e "$1/SHA256SUMS" ] || give_up "$1 has no list of what belongs there: fill it anew with setup/offline.sh."
    for file in "$1"/*.deb "$1"/*.whl; do
        grep -qxF "$(cd "$1" && sha256sum -- "${file##*/}")" "$1/SHA256SUMS" ||
            give_up "$file is not the file that setup/offline.sh put there: fill the folder anew with it."
    done
}

# --- other users' folders -----------------------------------------------------------------------
# Runs a command in the music as somebody who may write there, by the rights of a folder in it. In a folder that
# others may write to any name may be a link of theirs, to a file of root's: root itself acts only where nobody
# else may. usage: as_writer FOLDER COMMAND...
as_writer() {
    local place user group mode
    for place in "$music" "$1"; do
        read -r user group mode < <(stat -c '%u %g %a' -- "$place" 2>/dev/null) || break # it is not there
        # A link of root's, in a folder of root's.
        ! { [ -L "$place" ] && [ "$user" = 0 ]; } || read -r user group mode < <(stat -L -c '%u %g %a' -- "$place")
        if [ "$user" != 0 ]; then
            setpriv --reuid="$user" --regid="$group" --clear-groups -- "${@:2}"
            return
        fi
        if [ $((0$mode & 022)) != 0 ]; then
            setpriv --reuid=mpd --regid="$group" --clear-groups -- "${@:2}"
            return
        fi
    done
    "${@:2}"
}

as_mpd() { setpriv --reuid=mpd --regid=audio --clear-groups -- "$@"; }

# --- the network --------------------------------------------------------------------------------
# Whether MPD takes a text for a password: no character that its configuration or a client's MPD_HOST has a use
# for, and too long to be tried out.
is_password() { [[ "$1" =~ ^[A-Za-z0-9._~+=,:/!-]{8,64}$ ]]; }

# Asks whoever sits at the terminal for the network's password, and sets $password: empty where nobody sits
# there, answers within two minutes, or wants one.
ask_password() {
    password=''
    { [ -t 0 ] && [ -t 1 ]; } || return 0
    echo "Anybody on your network can play music here and ask for a mood. A password keeps others out; every music"
    echo "client must then be told it. At least 8 letters, digits or .-_~+=,:/! ; or Enter for none."
    while read -r -t 120 -p 'Password: ' password && [ -n "$password" ]; do
        ! is_password "$password" || return 0
        echo "Not this one: at least 8 letters, digits or .-_~+=,:/!"
    done
    password=''
    echo "No password. To set one later: $settings/mpd-network.conf"
}

# Whether a person set who on the network may do what where that was set in earlier versions.
has_older_rules() {
    grep -qsE '^[[:space:]]*(password|default_permissions)[[:space:]]' "$settings/mpd-local.conf"
}

# Prints who on the network may do what, as first written. usage: network_settings PASSWORD
network_settings() {
    local edit=()
    if [ -n "$1" ]; then
        edit=(-e 's/^default_permissions/#&/' -e "s|^#password \"CHANGE-ME@|password \"$1@|")
    elif has_older_rules; then
        edit=(-e 's/^default_permissions/#&/' -e "\$a# None is: mpd-local.conf has it.")
    fi
    sed "${edit[@]}" -e '' systemd/mpd-network.conf
}

# --- what is there ------------------------------------------------------------------------------
# Whether the user moodbox, if there is one, is the box's own: nobody's account.
is_own_user() {
    local user shell
    user=$(getent passwd moodbox) || return 0
    shell=${user##*:}
    [ "$(cut -d: -f3 <<<"$user")" -lt 1000 ] && [ "${shell##*/}" = nologin ]
}

has_package() { [ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]; }

# Prints the sensor of the first camera on a Pi's camera cable; false where none is seen.
pi_camera() {
    { rpicam-hello --list-cameras 2>/dev/null || true; } |
        sed -n 's/^ *[0-9][0-9]* : \([^ ]*\).*/\1/p' | grep -m 1 .
}

# Prints the first webcam's device; nothing where there is none. A Pi has video devices of its own that are
# no cameras.
webcam() {
    local node
    for node in /sys/class/video4linux/video[0-9]*; do
        [ -e "$node/name" ] || continue
        grep -qiE '^(bcm2835|rpi|pisp|rp1|unicam)' "$node/name" || { echo "/dev/${node##*/}" && return; }
    done
}

# What was set up without a camera stays so: the choice may be the person's. It is told where it can change.
tell_of_camera() {
    local source=''
    grep -qs '^source = "none"' "$settings/moodbox.toml" || return 0
    if [ -n "$webcam" ]; then source=webcam:${webcam#/dev/video}; fi
    if has_package python3-picamera2 && pi_camera >/dev/null; then source=picamera2; fi
    [ -z "$source" ] || step settings "a camera is there now: to use it, write source = \"$source\" into" \
        "$settings/moodbox.toml and run 'sudo systemctl restart moodbox'"
}

# Without --music the folder stays what it was.
choose_music() {
    local own
    [ -n "$music" ] || music=$(music_of "$settings/mpd.conf")
    own=$(music_of /etc/mpd.conf)
    # Debian's MPD comes with a folder of its own, an empty one.
    [ "$own" != /var/lib/mpd/music ] || [ -n "$(find "$own" -type f -print -quit 2>/dev/null)" ] || own=''
    if [ -z "$music" ] && [ -n "$own" ] && [ "$own" != /srv/music ]; then
        give_up "this machine's MPD already plays $own, and the box would give it a configuration of its own" \
            "(/etc/mpd.conf stays, and is in force again after --uninstall). Choose, and run this again:" \
            "'--music $own' if the moods' folders (${moods[*]}) are to be there;" \
            "'--music /srv/music' for music apart, by which MPD forgets the ratings of the songs in $own."
    fi
    music=${music:-/srv/music}
    [ ! -L "$music" ] || music=$(readlink -f "$music")
    case "$music" in *['"\&|']*) give_up "the folder $music has a quote, &, | or backslash in its name: rename it." ;; esac
}

# Prints what MPD's sandbox is shown of the disks for its music, as in a unit: the folder; or all of the disk that
# it lies on where that may come later than MPD starts, since then only the place where it is mounted is there
# to be shown. usage: shown_music UNIT, the one of earlier, which stands while the disk is away
shown_music() {
    local disk options shown=$music before
    before=$(sed -n 's/^BindReadOnlyPaths=\("-.*"\)$/\1/p' "$1" 2>/dev/null || true)
    if [ ! -d "$music" ] && [ -n "$before" ]; then
        echo "$before"
        return
    fi
    disk=$(findmnt --noheadings --output TARGET --target "$music" 2>/dev/null) || disk=/
    options=$(findmnt --fstab --noheadings --output OPTIONS --mountpoint "$disk" 2>/dev/null) || options=nofail
    case ",$options," in *,nofail,* | *,noauto,* | *,x-systemd.automount,*) [ "$disk" = / ] || shown=$disk ;; esac
    echo "\"-${shown//%/%%}\""
}

# Prints the links in the music that lead to places which MPD's sandbox does not show.
links_outside() {
    local link target
    { find "$music" -type l -print0 2>/dev/null || true; } | while IFS= read -r -d '' link; do
        target=$(readlink -m -- "$link")
        case "$target/" in "$music"/* | /run/moodbox-usb/*) ;; *) printf '%s -> %s\n' "$link" "$target" ;; esac
    done
}

# Prints the music folder that a configuration of MPD names.
music_of() { sed -n 's/^music_directory[[:space:]]*"\(.*\)".*$/\1/p' "$1" 2>/dev/null || true; }

# Prints what tells systemd-tmpfiles of the folders in which the music of USB disks appears.
usb_folders() { printf 'd %s 0755 root root\n' /run/moodbox-usb "${moods[@]/#//run/moodbox-usb/}"; }
