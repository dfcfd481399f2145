"""Joins, starts and shows: configuration, wiring, command line, daemon, demo."""
