"""Music: whose song is whose, plans for the queue, trigger tracks, and which songs come next."""
