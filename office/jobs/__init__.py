"""The deeds of the service, one file each: what the command line asks for and the daemon does by itself."""
