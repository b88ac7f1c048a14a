"""Adapters: each module connects the core to one outside thing."""
