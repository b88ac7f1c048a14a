"""`make soak`: a simulated day of sittings, hands and accidents before a real MPD."""
