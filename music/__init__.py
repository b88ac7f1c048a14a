"""Composes Moodbox's starter music; all notes and sounds are made by this package.

Run ``python -m music compose DIR`` from the repository root. It needs numpy and the ``flac``
command, nothing else.
"""
