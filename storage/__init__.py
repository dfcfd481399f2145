"""Everything that must survive a crash: the only folder that knows the database."""
