"""Moodbox: looks at who sits down in front of it and plays the music of their mood."""

__version__ = "0.1.0"
