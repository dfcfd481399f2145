"""The text of a CSV file, whatever program saved it: UTF-8 with or without a BOM, UTF-16 with one, or Windows-1252."""

import codecs

from school.roster.notes import Notes

WORKBOOK_SIGNS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")  # .xlsx is a zip; .xls is an OLE file


def text_of(file: str, data: bytes, notes: Notes) -> str | None:
    """The file's text without a BOM; None after an error note when it is no text."""
    if data.startswith(WORKBOOK_SIGNS):
        notes.error(
            file, None, "this is a workbook or a zip, not a CSV file: save the sheet as 'CSV UTF-8' and import that"
        )
        return None
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return _utf16(file, data, notes)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        return _cp1252(file, data, line_of(data, problem.start), notes)
    if "\0" in text:
        notes.error(file, text[: text.index("\0")].count("\n") + 1, "holds a zero byte: this is not a text file")
        return None
    return text


def line_of(data: bytes, offset: int) -> int:
    return data.count(b"\n", 0, offset) + 1


def _utf16(file: str, data: bytes, notes: Notes) -> str | None:
    try:
        text = data.decode("utf-16")
    except UnicodeDecodeError:
        notes.error(file, None, "starts like UTF-16 and is not: save it as 'CSV UTF-8'")
        return None
    notes.note(file, None, "read as UTF-16; OneRoster and SDS ask for UTF-8")
    return text


def _cp1252(file: str, data: bytes, line: int, notes: Notes) -> str | None:
    try:
        text = data.decode("cp1252")
    except UnicodeDecodeError as problem:
        notes.error(
            file, line_of(data, problem.start), "is neither UTF-8 nor Windows-1252 text: save the file as 'CSV UTF-8'"
        )
        return None
    notes.warning(file, line, "is not UTF-8: the file was read as Windows-1252; check names with accents")
    return text
