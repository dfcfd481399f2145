"""The few web addresses families need. No login, no cookie, nothing private on any page."""
