#!/bin/bash
# Turns a fresh 64-bit Raspberry Pi OS Lite (or Debian 12 or 13) into a Moodbox.
# usage: sudo ./provision.sh [--music DIR] [--offline DIR]    set up, upgrade or mend: safe to run again
#        sudo ./provision.sh --check                          change nothing, tell what would be done
#        sudo ./provision.sh --uninstall                      remove it; your music and playlists stay
#   --music DIR     your music is in DIR (folders happy, sad, angry, surprise, neutral); else /srv/music
#   --offline DIR   take Debian packages (*.deb) and Python wheels (*.whl) from DIR, not from the network
# A person's settings (/etc/moodbox), tastes (/var/lib/moodbox) and music survive an upgrade.
set -euo pipefail
# What is made is for other users to read, whatever root's own habit is.
umask 022
# Another language would change what programs say and how they sort.
export LC_ALL=C.UTF-8
log=/var/log/moodbox-provision.log

readonly app=/opt/moodbox
readonly settings=/etc/moodbox
readonly units=/etc/systemd/system
readonly avahi=/etc/avahi/services/moodbox.service
readonly stale=/run/moodbox-provision
# What of the checkout a box needs.
readonly parts=(device models music setup systemd provision.sh pyproject.toml README.md SECURITY.md LICENSE)

action=install music='' offline=''

usage() { sed -n '2,8s/^# \{0,1\}//p' "$0"; }
as_root=$(printf '%q ' sudo "${0/#provision.sh/./provision.sh}" "$@")

while [ "$#" -gt 0 ]; do
    case "$1" in
    --check) action=check ;;
    --uninstall) action=uninstall ;;
    --music | --offline)
        [ -n "${2:-}" ] || { echo "$1 needs a folder" >&2; usage >&2; exit 2; }
        [ -d "$2" ] || [ "$1 $2" = '--music /srv/music' ] || { echo "$1 $2: there is no such folder" >&2; exit 2; }
        if [ "$1" = --music ]; then music=$(readlink -f "$2"); else offline=$(readlink -f "$2"); fi
        shift
        ;;
    --help | -h) usage; exit 0 ;;
    *) echo "unknown argument $1" >&2; usage >&2; exit 2 ;;
    esac
    shift
done
# Not before: a folder is named from where the person is.
cd "$(dirname "$(readlink -f "$0")")"
[ "$action" != check ] || log=/dev/null
# shellcheck source=setup/lib.sh
. setup/lib.sh
# shellcheck source=setup/provision-lib.sh
. setup/provision-lib.sh

# --- what machine this is -----------------------------------------------------------------------
look_at_system() {
    local name='' version_id=''
    [ "$(id -u)" = 0 ] || give_up "this needs root. Run: ${as_root% }"
    # shellcheck disable=SC1091
    [ ! -r /etc/os-release ] || { name=$(. /etc/os-release && echo "$PRETTY_NAME"); }
    { command -v apt-get && [ -e /etc/debian_version ]; } >/dev/null ||
        give_up "${name:-this system} is not Debian or Raspberry Pi OS: a box needs release 12 or 13 of either."
    version_id=$(. /etc/os-release && echo "${VERSION_ID:-}")
    [ -d /run/systemd/system ] ||
        give_up "this system was not started by systemd, which runs the box's services: start it the usual way first."
    [ "$action" = check ] || [ -w "$units" ] ||
        give_up "the root file system is read-only: run 'sudo mount -o remount,rw /' first."
    [ "$action" != uninstall ] || return 0
    is_own_user || give_up "somebody's account here is named moodbox, and the box needs this name for a user of its" \
        "own: rename the account ('usermod --login NEW-NAME moodbox') and run this again."
    [ -x /usr/bin/python3 ] || give_up "there is no /usr/bin/python3: run 'apt-get install python3' and this again."
    refuse_32_bit /usr/bin/python3
    version=$(fitting_version /usr/bin/python3)
    [ -n "$version" ] ||
        give_up "the system's $(/usr/bin/python3 --version) does not serve: a box needs 3.11 to 3.13," \
            "which Debian and Raspberry Pi OS 12 (Bookworm) and 13 (Trixie) have; this is ${name:-$version_id}."
    board=$(tr -d '\0' 2>/dev/null </proc/device-tree/model || true)
    card=$(sound_card /proc/asound)
    webcam=$(webcam)
    step system "$name, $(uname -m), Python $version, ${board:-no Raspberry Pi}"
    step system "camera: $(pi_camera || echo "${webcam:-none seen}"); sound: ${card:-no card}"
}

# --- the steps ----------------------------------------------------------------------------------
step_packages() {
    local missing=() package
    for package in $(box_packages "$version"); do has_package "$package" || missing+=("$package"); done
    if [ "${#missing[@]}" = 0 ]; then
        step packages "all there"
    elif change packages "install ${missing[*]}"; then
        if [ -n "$offline" ]; then
            # Named files satisfy the needs of each other. Without the system's sources, since apt 3 fetches
            # what a source offers in the same version; as root, since apt's own user may not look into a
            # person's folder.
            apt_update=false apt_install -o Dir::Etc::SourceList=/dev/null -o Dir::Etc::SourceParts=/dev/null \
                -o APT::Sandbox::User=root "$offline"/*.deb
        else
            apt_install "${missing[@]}"
        fi || give_up "apt-get could not install ${missing[*]}: check the ${offline:-network} and run this again" \
            "($log has what it said)."
    fi
    # Without it the box plays all the same, only clients must be told its address.
    has_package avahi-daemon || [ -n "$offline" ] || ! change packages "install avahi-daemon (optional)" ||
        { apt_install avahi-daemon && systemctl -q start avahi-daemon 2>>"$log"; } ||
        warn "avahi-daemon could not be installed: give clients this machine's address."
}

step_user() {
    local group
    if ! id moodbox >/dev/null 2>&1 && change user "make the user moodbox"; then
        useradd --system --user-group --no-create-home --home-dir /nonexistent \
            --shell /usr/sbin/nologin --comment 'Moodbox' moodbox
    fi
    # video: the camera; gpio: button and light.
    for group in video gpio; do
        getent group "$group" >/dev/null || continue
        id -nG moodbox 2>/dev/null | grep -qw "$group" && continue
        ! change user "put moodbox into the group $group" || usermod -aG "$group" moodbox
    done
    ! id moodbox >/dev/null 2>&1 || step user "moodbox, in: $(id -nG moodbox)"
}

# One sum over every file of the program, and over what the environment is made from.
program_sum() {
    {
        find "${present[@]}" -type f ! -path '*/__pycache__/*' ! -path '*.egg-info/*' \
            ! -path 'music/library/*' -print0 | sort -z | xargs -0 sha256sum
        /usr/bin/python3 --version
        dpkg-query -W -f '${Version}' python3-picamera2 2>/dev/null || true
    } | sha256sum
}

# Unpacks the new program beside the old, which works until all that the new one needs is at hand.
unpack_program() {
    rm -rf "$app/.new"
    mkdir "$app/.new"
    tar -c --exclude=__pycache__ --exclude='*.egg-info' --exclude=music/library "$@" |
        tar -x --no-same-owner -C "$app/.new"
    [ "$(fitting_version "$app/.venv/bin/python")" != "$version" ] || [ -e "$app/.unfinished" ] ||
        pip_install "$app/.venv/bin/python" "$app/.new/setup/constraints/python$version.txt" --dry-run \
            "${by_hash[@]}" "$app/.new/setup/hashes/python$version.txt"
    sync -f "$app/.new"
}

swap_program() {
    local part
    for part in "$@"; do
        rm -rf "${app:?}/$part"
        mv "$app/.new/$part" "$app/"
    done
    rm -r "$app/.new"
}

step_program() {
    local sum present=() part system_site=() pins=$app/setup/constraints/python$version.txt
    # pip takes the files in setup/hashes/ and no other, wherever it has them from.
    local by_hash=(--require-hashes --only-binary=:all: --requirement)
    for part in "${parts[@]}"; do [ ! -e "$part" ] || present+=("$part"); done
    sum=$(program_sum)
    if [ "$(cat "$app/installed" 2>/dev/null)" = "$sum" ]; then
        step program "as it should be, in $app"
        return
    fi
    change program "install into $app" || return 0
    step program "Python packages, the files of setup/hashes/python$version.txt (minutes on a Pi)"
    [ -z "$offline" ] || export PIP_NO_INDEX=1 PIP_FIND_LINKS
    [ -z "$offline" ] || PIP_FIND_LINKS=$(file_url /usr/bin/python3 "$offline")
    install -d "$app" "$settings"
    [ "$PWD" = "$app" ] || unpack_program "${present[@]}"
    outdate moodbox.service
    rm -f "$app/installed"
    [ "$PWD" = "$app" ] || swap_program "${present[@]}"
    (cd "$app" && chmod -R go+rX "${present[@]}") # a checkout may be for its owner's eyes alone
    # libcamera's binding exists for the system's Python alone.
    ! has_package python3-picamera2 || system_site=(--system-site-packages)
    make_venv /usr/bin/python3 "$app/.venv" "$app/.unfinished" "${system_site[@]}"
    pip_install "$app/.venv/bin/python" "$pins" "${by_hash[@]}" "$app/setup/hashes/python$version.txt"
    pip_install "$app/.venv/bin/python" "$pins" --no-deps --no-index --no-build-isolation --editable "$app"
    rm "$app/.unfinished"
    # The daemon may not write there, and compiling at each start would cost seconds.
    "$app/.venv/bin/python" -m compileall -q "$app/device" >>"$log" 2>&1 || true
    ln -sf "$app/.venv/bin/moodbox" /usr/local/bin/moodbox
    sync -f "$app" # before it is said to be complete
    echo "$sum" >"$app/installed"
}

first_settings() {
    echo "# Moodbox's settings. Every key is optional: 'moodbox config' prints all of them with their meanings."
    echo "# After a change: sudo systemctl restart moodbox"
    if ! has_package python3-picamera2; then
        echo
        echo "# This system has no picamera2, so no Raspberry Pi camera."
        echo "[camera]"
        if [ -z "$webcam" ]; then echo 'source = "none"'; else echo "source = \"webcam:${webcam#/dev/video}\""; fi
    fi
    if ! compgen -G '/dev/gpiochip*' >/dev/null; then
        echo
        echo "# This machine has no pins for a button and a light."
        echo "[panel]"
        echo "enabled = false"
    fi
}

step_settings() {
    [ -e "$settings/moodbox.toml" ] ||
        put settings "$settings/moodbox.toml" 640 root:moodbox "$(first_settings)"
    if [ ! -e "$settings/mpd-sound.conf" ] || { [ -n "$card" ] && grep -q 'type "null"' "$settings/mpd-sound.conf"; }; then
        put settings "$settings/mpd-sound.conf" 644 root:root "$(sound_settings "$card")" mpd.service
    fi
    [ -e "$settings/mpd-local.conf" ] ||
        put settings "$settings/mpd-local.conf" 640 root:root "$(cat systemd/mpd-local.conf)"
    [ -e "$settings/mpd-network.conf" ] ||
        put settings "$settings/mpd-network.conf" 640 root:root "$(network_settings "$password")"
    put settings "$settings/mpd.conf" 644 root:root "$(sed "s|@MUSIC@|$music|" systemd/mpd.conf)" mpd.service
    step settings "in $settings"
    tell_of_camera
}

# Whether a folder of a mood is there. Without one the disk with the music may be away: MPD must not look
# then, or it would forget its songs and their ratings, and what is made would be written beneath the disk.
has_moods() {
    local mood
    for mood in "${moods[@]}"; do [ ! -d "$music/$mood" ] || return 0; done
    return 1
}

step_music() {
    local mood folder outside
    if [ "$music" = /srv/music ] && { has_moods || [ "$(music_of "$settings/mpd.conf")" != "$music" ]; }; then
        # The group may fill it.
        [ -d "$music" ] || [ "$action" = check ] || install -d -m 2775 -o root -g audio "$music"
        for mood in "${moods[@]}"; do
            [ -d "$music/$mood" ] || ! change music "make $music/$mood" ||
                as_writer "$music" mkdir -m 2775 "$music/$mood"
        done
    fi
    for folder in "$music" "${moods[@]/#/$music/}"; do
        if [ -d "$folder" ] && id mpd >/dev/null 2>&1 && ! runuser -u mpd -- test -r "$folder" -a -x "$folder"; then
            give_up "MPD may not read $folder: give it the right (chmod o+rx on it and the folders above)" \
                "and run this again."
        fi
    done
    has_moods || [ "$action" = check ] ||
        warn "$music has no folder named after a mood (${moods[*]}): if it is on a disk, is that there?"
    # The file stands for a run that was stopped before the last mood had its music.
    if [ "$music" = /srv/music ] && has_moods &&
        { [ -e "$music/.unfinished" ] || [ -z "$(find "$music" -type f -print -quit 2>/dev/null)" ]; }; then
        if change music "compose starter music (a minute or two on a Pi)"; then
            (cd "$app" && umask 002 && as_writer "$music" touch "$music/.unfinished" &&
                as_writer "$music" .venv/bin/python -m music compose "$music" &&
                as_writer "$music" rm "$music/.unfinished") >>"$log" 2>&1 ||
                warn "the starter music could not be composed ($log tells why): copy music of your own into $music."
        fi
    fi
    # Any client can load a stored playlist; each of the box's holds one of these.
    if has_moods && [ "$(find "$music/moodbox" -name '*.flac' 2>/dev/null | wc -l)" -lt 6 ]; then
        if change music "make the chimes in $music/moodbox"; then
            (cd "$app" && umask 022 && as_writer "$music" .venv/bin/python -m music chimes "$music") >>"$log" 2>&1 ||
                warn "the chimes could not be made ($log tells why): the playlists 'Mood: ...' will be missing."
        fi
    fi
    step music "$(find "$music" -type f 2>/dev/null | wc -l) files in $music"
    outside=$(links_outside)
    [ -z "$outside" ] || step music "$(wc -l <<<"$outside") links lead out of it, where MPD sees nothing unless it is" \
        "shown the place (SECURITY.md tells how): $(head -n 1 <<<"$outside")"
}

# Music on USB disks appears in each mood's folder, through a link that stands there for good.
step_usb() {
    local mood
    put usb /etc/tmpfiles.d/moodbox.conf 644 root:root "$(usb_folders)"
    put usb /etc/tmpfiles.d/moodbox-mpd.conf 644 root:root "$(cat systemd/mpd-tmpfiles.conf)"
    put usb /etc/udev/rules.d/90-moodbox-usb.rules 644 root:root "$(cat systemd/moodbox-usb.rules)"
    if [ "$action" != check ]; then
        systemd-tmpfiles --create /etc/tmpfiles.d/moodbox.conf /etc/tmpfiles.d/moodbox-mpd.conf
        udevadm control --reload 2>>"$log" || true # no udevd in a container
    fi
    for mood in "${moods[@]}"; do
        { [ -d "$music/$mood" ] && [ ! -e "$music/$mood/usb" ] && [ ! -L "$music/$mood/usb" ]; } || continue
        ! change usb "link $music/$mood/usb to the music of USB disks" ||
            as_writer "$music/$mood" ln -sn "/run/moodbox-usb/$mood" "$music/$mood/usb" 2>>"$log" ||
            warn "$music/$mood/usb could not be made: music for $mood on USB disks is not played."
    done
    step usb "folders named after moods on any disk that is plugged in"
}

unit_files=(moodbox.service moodbox-poweroff.path moodbox-poweroff.service moodbox-usb@.service
    moodbox-resolver.path moodbox-resolver.service)

step_units() {
    local unit mpd=$units/mpd.service.d/moodbox.conf
    for unit in "${unit_files[@]}"; do
        put units "$units/$unit" 644 root:root "$(cat "systemd/$unit")" moodbox.service
    done
    put units "$mpd" 644 root:root "$(sed "s|@MUSIC@|$(shown_music "$mpd")|" systemd/mpd.service.conf)" mpd.service
    put units "$avahi" 644 root:root "$(cat systemd/avahi.xml)"
    put units /etc/systemd/journald.conf.d/moodbox.conf 644 root:root "$(cat systemd/journald.conf)" \
        systemd-journald.service
    [ "$action" != check ] || return 0
    systemctl daemon-reload
    start_unit systemd-journald.service
}

is_enabled() { [ "$(systemctl is-enabled "$1" 2>/dev/null)" = enabled ]; }

# The first volume; afterwards it is the person's. It goes into MPD's state file before MPD starts: MPD writes
# down two minutes late what `mpc volume` sets, and a plug pulled before that would bring back 100 %.
first_volume() {
    local has='grep -qs "^sw_volume:" /var/lib/mpd/state'
    ! { id mpd >/dev/null 2>&1 && as_mpd sh -c "$has"; } || return 0
    [ "$action" = check ] || systemctl -q stop mpd.service # it writes its state when it ends
    ! change start "set the first volume, 35 %" || as_mpd sh -ec "! $has || exit 0
        cd /var/lib/mpd; { echo 'sw_volume: 35'; ! [ -r state ] || cat state; } >state.new; sync state.new; mv state.new state" ||
        warn "the first volume could not be set: take care, it is 100 %."
}

enable_unit() { is_enabled "$1" || ! change start "enable $1" || systemctl -q enable "$1"; }

step_start() {
    local unit
    enable_unit mpd.service
    enable_unit moodbox-poweroff.path
    # Started by its socket MPD tells the network nothing of itself and ignores our addresses. Enabling the
    # service has enabled its socket too.
    if is_enabled mpd.socket || systemctl -q is-active mpd.socket; then
        if change start "switch mpd.socket off"; then
            outdate mpd.service
            systemctl -q disable --now mpd.socket
        fi
    fi
    first_volume
    if [ "$action" = check ]; then
        enable_unit moodbox.service
        for unit in mpd.service moodbox.service moodbox-poweroff.path; do
            systemctl -q is-active "$unit" || change start "start $unit" || true
        done
        return
    fi
    start_unit mpd.service ||
        give_up "MPD does not start: 'journalctl -u mpd' tells why."
    # It tells the network of MPD; a package that was installed from a folder was not started.
    ! has_package avahi-daemon || systemctl -q is-active avahi-daemon.service || start_unit avahi-daemon.service ||
        warn "avahi-daemon does not start: give clients this machine's address."
    # It watches its folders while it runs; what was copied before it started, or into another folder, not.
    ! has_moods || MPD_HOST=/run/mpd/socket mpc --quiet update >/dev/null 2>>"$log" ||
        warn "MPD was not told to look for new music: 'mpc update' does it."
    systemctl start moodbox-poweroff.path
    start_unit moodbox.service || {
        step_doctor
        give_up "moodbox does not start: 'systemctl status moodbox' and 'journalctl -u moodbox' tell why." \
            "Mend it and run this again."
    }
    # Last, and when all the rest is on the disk: setup/first-boot.sh takes it for the sign that all is done.
    sync
    enable_unit moodbox.service
    step start "mpd $(systemctl is-active mpd.service), moodbox $(systemctl is-active moodbox.service)"
}

step_doctor() {
    [ "$action" = install ] || return 0
    step doctor "moodbox doctor:"
    runuser -u moodbox -- env RUNTIME_DIRECTORY=/run/moodbox STATE_DIRECTORY=/var/lib/moodbox \
        "$app/.venv/bin/moodbox" doctor --config "$settings/moodbox.toml" </dev/null 2>&1 | sed 's/^/    /' ||
        warn "the doctor found something; each line above says what to do."
}

# --- taking it away -----------------------------------------------------------------------------
uninstall() {
    local mood folder
    music=$(music_of "$settings/mpd.conf")
    music=${music:-/srv/music}
    step services "stop and disable"
    systemctl -q disable --now moodbox-poweroff.path moodbox.service 2>/dev/null || true
    systemctl -q stop 'moodbox-usb@*.service' 2>/dev/null || true
    systemctl -q disable --now mpd.service 2>/dev/null || true
    systemctl -q stop moodbox-resolver.path 2>/dev/null || true
    step files "remove $app, $settings, /var/lib/moodbox and the units"
    remove_own_policy
    remove "${unit_files[@]/#/$units/}" "$units/mpd.service.d/moodbox.conf" /etc/systemd/journald.conf.d/moodbox.conf \
        /etc/tmpfiles.d/moodbox.conf /etc/tmpfiles.d/moodbox-mpd.conf /etc/udev/rules.d/90-moodbox-usb.rules
    # The box's own chimes, and the playlists that hold one each: without the box they do nothing.
    for mood in "${moods[@]}"; do
        [ ! -L "$music/$mood/usb" ] || remove_by as_writer "$music/$mood" -- "$music/$mood/usb"
        remove_by as_writer "$music/moodbox" -- "$music/moodbox/mood $mood.flac"
        remove_by as_mpd -- "/var/lib/mpd/playlists/Mood: $mood.m3u"
    done
    remove_by as_writer "$music/moodbox" -- "$music/moodbox/read my mood.flac"
    remove_by as_mpd -- "/var/lib/mpd/playlists/Read my mood.m3u"
    as_writer "$music" rmdir "$music/moodbox" 2>/dev/null || true
    for folder in "$units/mpd.service.d" /etc/systemd/journald.conf.d; do
        rmdir "$folder" 2>/dev/null || true
    done
    remove "$avahi" "$app" "$settings" /var/lib/moodbox /run/moodbox /run/moodbox-usb /run/moodbox-disks /run/moodbox-mpd "$stale" /usr/local/bin/moodbox "$log"
    systemctl daemon-reload
    systemctl restart systemd-journald
    ! id moodbox >/dev/null 2>&1 || ! is_own_user || userdel moodbox || stayed+=("the user moodbox")
    step left "music in $music, playlists in /var/lib/mpd, and the Debian packages;"
    step left "MPD is stopped and has its own configuration again (/etc/mpd.conf)."
    [ "${#stayed[@]}" = 0 ] || step left "What could not be removed: ${stayed[*]} (a mount, perhaps: see /etc/fstab)."
}

look_at_system
[ "$action" = check ] || take_turn
if [ "$action" = uninstall ]; then
    uninstall
    exit 0
fi
if [ -n "$offline" ] && ! compgen -G "$offline/*.whl" >/dev/null; then
    give_up "$offline holds no wheels (*.whl): setup/offline.sh fills such a folder."
fi
if [ "$action" = install ]; then
    date '+=== %F %T' >>"$log"
    remove_own_policy
fi
[ -z "$offline" ] || check_offline "$offline"
choose_music
password=''
[ "$action" = check ] || [ -e "$settings/mpd-network.conf" ] || has_older_rules || ask_password
step_packages
step_user
step_program
step_music # before MPD is sent to its folder
step_settings
step_usb
step_units
step_start
step_doctor
[ "$action" = check ] || sync # all of it outlives a plug that is pulled now
if [ "$action" = check ]; then
    [ "$changes" = 0 ] || { step check "$changes things would be changed; nothing was"; exit 1; }
    step check "everything is as it should be"
elif [ "$warnings" != 0 ]; then
    step finished "but not all works yet ($warnings warnings above); mend what they name and run this again"
elif [ "$changes" = 0 ]; then
    step finished "nothing had to be changed"
else
    step finished "the box is ready; it will be after every start"
fi
