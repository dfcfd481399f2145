"""A school's roster as one value, read from the files a student information system exports."""
