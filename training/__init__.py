"""Builds the model on a workstation: prepare, train, export, evaluate, report."""
