"""Mails opened in a child process with limits: `OpenerProcess` is the parent's side, `child` the other."""

from inbox.opener.process import Limits, OpenerProcess

__all__ = ["Limits", "OpenerProcess"]
