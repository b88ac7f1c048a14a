#!/bin/bash
# Turns a machine into the box at its first start, without a terminal. cloud-init calls it early in each
# start (setup/user-data); it leaves the work to a unit, so that the start is not held up. Nothing is done on
# a machine that is a box already; one that was interrupted, or had no internet, goes on at the next start.
# The packages come from the internet, or from a folder `offline` beside provision.sh (setup/offline.sh).
set -euo pipefail
! systemctl -q is-enabled moodbox.service 2>/dev/null || exit 0
checkout=$(cd "$(dirname "$(readlink -f "$0")")/.." && pwd)
options=()
[ ! -d "$checkout/offline" ] || options=(--offline "$checkout/offline")

# In memory: the next start makes it anew if it is still needed.
mkdir -p /run/systemd/system
cat >/run/systemd/system/moodbox-first-boot.service <<UNIT
[Unit]
Description=Moodbox: turn this machine into the box
Wants=network-online.target
After=network-online.target time-sync.target
StartLimitIntervalSec=0

[Service]
Type=oneshot
ExecStart=/bin/bash $checkout/provision.sh ${options[*]}
# The network may not be there yet, and without a clock of its own the machine may live in the past.
Restart=on-failure
RestartSec=60
UNIT
systemctl daemon-reload
systemctl start --no-block moodbox-first-boot.service
