"""`make soak`: a simulated day of sittings, user actions and accidents before a real MPD."""
