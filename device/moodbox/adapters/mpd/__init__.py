"""MPD: its address, a link with deadlines, a listener, its library and its player."""
