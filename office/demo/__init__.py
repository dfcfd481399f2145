"""A school to try Friday Folder with: invented families, their mail programs, and mail servers on loopback."""
