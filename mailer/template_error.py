"""The one error of templates and catalogs: which file, which line, what is wrong."""

from school.errors import InputError


class TemplateError(InputError):
    """A template or a catalog cannot become a letter; nothing was sent. The text says where and why."""
