"""Inbound: from a parent's reply, as it came, to words on the right child's record."""
