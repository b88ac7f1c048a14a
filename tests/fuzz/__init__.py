"""Readers of what others wrote, fed with damage: none crashes, hangs or raises anything else."""
