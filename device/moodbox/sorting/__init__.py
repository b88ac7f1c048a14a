"""One's own music, sorted by the box: from samples to a place, and from places to playlists."""
