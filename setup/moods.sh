# shellcheck shell=bash
# The moods' names, from the program's own list: a disk that is plugged in is not kept waiting for a Python to
# start. Sourced; sets $moods.
mapfile -t moods < <(sed -n '/^class Mood(/,/^class /s/^    [A-Z]* = "\(.*\)"$/\1/p' \
    "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/../device/moodbox/core/mood.py")
[ "${#moods[@]}" != 0 ] || { echo "moodbox: device/moodbox/core/mood.py names no moods: is the program whole?" >&2; exit 1; }
readonly moods
