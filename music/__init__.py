"""The composer of Moodbox's starter music: every note and every sound comes from this package.

Run ``python -m music compose DIR`` from the repository root. It needs numpy and the ``flac``
command, nothing else.
"""
