"""Adapters: one outside thing each."""
