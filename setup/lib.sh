# shellcheck shell=bash
# What setting up a checkout and provisioning a box share. Sourced; expects $log, a file that can be written.
: "${log:?}"

give_up() {
    echo "moodbox: $*" >&2
    exit 1
}

# Prints the version as 3.N when the named interpreter is one that serves, else nothing.
fitting_version() {
    "$1" -c 'import sys
if (3, 11) <= sys.version_info < (3, 14) and sys.maxsize > 2**32:
    print("%d.%d" % sys.version_info[:2])' 2>/dev/null || true
}

refuse_32_bit() {
    [ "$("$1" -c 'import sys; print(sys.maxsize > 2**32)' 2>/dev/null)" != False ] ||
        give_up "this is a 32-bit system, for which numpy and OpenCV publish no packages:" \
            "install the 64-bit edition of the system and run this again."
}

# Takes away what a power cut during apt_install left behind: no service would ever be started again.
remove_own_policy() {
    ! grep -qs '^# Moodbox' /usr/sbin/policy-rc.d || rm -f /usr/sbin/policy-rc.d
}

# Installs packages without starting their services. apt_as: the command before apt-get (sudo), or nothing.
# apt_update: what fetches new lists when an installation failed; false where there is no network.
apt_install() {
    # The system's MPD must not start with Debian's settings: the demo and the tests run MPDs of their own,
    # and a box starts it with ours. policy-rc.d is Debian's way to say so; one already there stays.
    ${apt_as-} sh -s -- "${apt_update:-apt-get update}" "$@" >>"$log" 2>&1 <<'ROOT'
update=$1
shift
export DEBIAN_FRONTEND=noninteractive
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ] || grep -q '^# Moodbox' "$policy"; then
    trap 'rm -f "$policy"' EXIT
    trap 'exit 1' INT TERM
    printf '#!/bin/sh\n# Moodbox: no service starts while packages are installed.\nexit 101\n' >"$policy" &&
        chmod 755 "$policy"
fi
# After a power cut within dpkg apt does nothing before dpkg has ended its work; a package whose needs were
# not there yet is apt's to mend. Another apt, an automatic upgrade, may hold the lock for minutes.
install() {
    dpkg --force-confdef --force-confold --configure -a </dev/null || true
    apt-get install --fix-broken --yes --no-install-recommends -o DPkg::Lock::Timeout=300 "$@" </dev/null
}
# The lists may be fresh, stale or absent: only a failure is worth the download of new ones.
install "$@" || { $update </dev/null && install "$@"; }
ROOT
}

# Prints the Debian packages that a box needs, given its Python's version as 3.N.
box_packages() {
    local package
    printf '%s\n' mpd mpc flac "python$1-venv" ca-certificates
    # They come with Raspberry Pi OS only: the camera and the pins of a Pi.
    # A cache of apt's would be a file written by a run that only looks.
    for package in python3-picamera2 python3-lgpio; do
        ! apt-cache -o Dir::Cache::pkgcache= -o Dir::Cache::srcpkgcache= show "$package" >/dev/null 2>&1 ||
            echo "$package"
    done
}

# Prints the name of the sound card to play on, given a folder like /proc/asound; nothing where there is none.
# The best is one added on purpose (a HAT, USB), then the machine's own jack, then HDMI. Numbers change from
# boot to boot, names do not.
sound_card() {
    local folder=$1 line name rank best=4 card=''
    while read -r line; do
        name=$(sed -n 's/^[0-9]* \[\([^] ]*\) *\].*/\1/p' <<<"$line")
        # A webcam's microphone is a card too; what plays has a device with a p.
        { [ -n "$name" ] && compgen -G "$folder/$name/pcm*p" >/dev/null; } || continue
        case "$line" in
        *Loopback* | *Dummy*) continue ;;
        *vc4-hdmi* | *HDMI*) rank=3 ;;
        *bcm2835* | *HDA*) rank=2 ;;
        *) rank=1 ;;
        esac
        # A PC's graphics card does not say so in its name.
        [ "$rank" = 3 ] || grep -qvi hdmi <(grep -h '^id:' "$folder/$name"/pcm*p/info) || rank=3
        [ "$rank" -ge "$best" ] || { best=$rank && card=$name; }
    done < <(cat "$folder/cards" 2>/dev/null || true)
    echo "$card"
}

# Prints MPD's sound output, given the name of a card, or nothing.
sound_settings() {
    local card=$1
    # MPD's own mixer: a HAT often has none of its own, and each other one is named differently.
    # "default:CARD=" takes any rate and format, which HDMI's bare device does not.
    if [ -n "$card" ]; then
        printf 'audio_output {\n    type "alsa"\n    name "%s"\n    device "default:CARD=%s"\n' "$card" "$card"
    else
        printf '# No sound card was found.\naudio_output {\n    type "null"\n    name "no sound card"\n'
    fi
    printf '    mixer_type "software"\n}\n'
}

# Makes or mends a virtual environment. usage: make_venv PYTHON VENV UNFINISHED [argument of venv...]
# UNFINISHED is a file that exists until the caller has installed everything and removes it: where it was left
# behind, the environment is made anew, since a pip that was killed leaves packages that look complete and are
# not. So is one of another Python.
make_venv() {
    local python=$1 venv=$2 unfinished=$3
    shift 3
    if [ -e "$unfinished" ] || [ "$(fitting_version "$venv/bin/python")" != "$(fitting_version "$python")" ] ||
        ! "$venv/bin/python" -m pip --version >/dev/null 2>&1; then
        : >"$unfinished"
        "$python" -m venv --clear "$@" "$venv" >>"$log" 2>&1 ||
            give_up "could not make $venv: $log has the reason; mend it and run this again."
    fi
    : >"$unfinished"
}

# Installs by an environment's pip. usage: pip_install PYTHON CONSTRAINTS ARGUMENT...
pip_install() {
    local python=$1 constraints
    constraints=$(file_url "$python" "$2")
    shift 2
    # As a variable the constraints hold for the build of the package too, not only for its dependencies.
    PIP_CONSTRAINT=$constraints PIP_DISABLE_PIP_VERSION_CHECK=1 \
        "$python" -m pip install --no-input "$@" >>"$log" 2>&1 </dev/null ||
        give_up "pip could not install the Python packages: check the network and the space on the disk," \
            "then run this again ($log has what it said)."
}

# Prints a file or folder as a URL, since pip splits its variables at spaces. usage: file_url PYTHON PATH
file_url() { "$1" -c 'import pathlib, sys; print(pathlib.Path(sys.argv[1]).absolute().as_uri())' "$2"; }
