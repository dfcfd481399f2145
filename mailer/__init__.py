"""Outbound: from one week of school to one finished letter per guardian, and to the mail server."""
