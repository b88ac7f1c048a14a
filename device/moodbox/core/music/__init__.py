"""Music: ownership of songs, plans for the queue, trigger tracks, tastes, choice of next songs."""
