"""A mail server that fails on purpose."""
