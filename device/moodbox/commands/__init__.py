"""The commands of `moodbox`, a module each; imported only when they are called."""
