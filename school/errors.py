"""What can go wrong, sorted by whether trying again may help."""


class FridayFolderError(Exception):
    """Something a person must read: the text says what, where and what to do."""


class TemporaryError(FridayFolderError):
    """Trying again later may help: a server away, a full disk, a busy database."""


class PermanentError(FridayFolderError):
    """Trying again will not help until a person changes something."""


class InputError(PermanentError):
    """A file or an argument cannot be used as it is; nothing was changed by it."""
