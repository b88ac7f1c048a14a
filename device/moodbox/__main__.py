"""`python -m moodbox`: the same as the command `moodbox`."""

from __future__ import annotations

import sys

from moodbox.cli import main

sys.exit(main())
