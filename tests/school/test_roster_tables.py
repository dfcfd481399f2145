"""CSV files as schools really save them are read, or refused with file and line."""

import codecs

import pytest

from school.errors import InputError
from school.roster.notes import Notes
from school.roster.tables import read_table
from tests.rosters.exports import lines, novak_berg, read, said, spoilt

COLUMNS = ("sourcedId", "givenName", "familyName")


def table(data, *, columns=COLUMNS):
    notes = Notes()
    found = read_table("users.csv", data, columns, (), notes)
    return [tuple(row[column] for column in columns) for row in found.rows], [f"{n.level} {n}" for n in notes.all()]


PLAIN = lines("sourcedId,givenName,familyName", "1,Ana,Lee", "2,Zoë,O’Malley")
ROWS = [("1", "Ana", "Lee"), ("2", "Zoë", "O’Malley")]


@pytest.mark.parametrize(
    "data",
    [
        PLAIN,
        PLAIN.replace(b"\n", b"\r\n"),
        PLAIN.rstrip(b"\n"),
        codecs.BOM_UTF8 + PLAIN,
        PLAIN.replace(b"familyName\n", b"familyName,,\n").replace(b"Lee\n", b"Lee,,\n").replace(b"ley\n", b"ley,,\n"),
        PLAIN + b"\n,,\n  ,\n",
        lines("familyName,x,sourcedId,givenName", "Lee,,1,Ana", "O’Malley,,2,Zoë"),
        lines('"sourcedId","givenName","familyName"', '"1","Ana","Lee"', '"2","Zoë","O’Malley"'),
    ],
    ids=["plain", "CRLF", "no last newline", "BOM", "blank last headers", "blank lines", "other order", "quoted"],
)
def test_harmless_differences_read_the_same_without_a_word(data):
    assert table(data) == (ROWS, [])


def test_windows_1252_is_read_and_said_with_the_line():
    rows, notes = table(PLAIN.decode().encode("cp1252"))

    assert rows == ROWS
    assert notes == ["warning users.csv:3: is not UTF-8: the file was read as Windows-1252; check names with accents"]


def test_utf_16_from_a_spreadsheet_is_read_and_said():
    rows, notes = table(PLAIN.decode().replace(",", "\t").encode("utf-16"))

    assert rows == ROWS
    assert notes == [
        "note users.csv: read as UTF-16; OneRoster and SDS ask for UTF-8",
        "note users.csv:1: read with tabs between the values",
    ]


@pytest.mark.parametrize(("separator", "word"), [(";", "semicolons"), ("\t", "tabs")])
def test_other_separators_are_read_and_said(separator, word):
    rows, notes = table(PLAIN.replace(b",", separator.encode()))

    assert rows == ROWS
    assert notes == [f"note users.csv:1: read with {word} between the values"]


def test_spreadsheets_separator_line_is_not_the_header():
    rows, _ = table(b"sep=;\r\n" + PLAIN.replace(b",", b";"))

    assert rows == ROWS


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (b"", "error users.csv: is empty: not even a header row"),
        (b"PK\x03\x04rest", "error users.csv: this is a workbook or a zip"),
        (PLAIN + b"3,\x81\x8d,x\n", "error users.csv:4: is neither UTF-8 nor Windows-1252 text"),
        (PLAIN + b"3,\0,x\n", "error users.csv:4: holds a zero byte"),
        (PLAIN + b'3,"Bo,Lu\n4,Cy,Mo\n', "error users.csv:4: the quotes of this row do not close"),
        (PLAIN + b"3,Bo,Lu,Mo\n", "error users.csv:4: has 4 values for 3 columns: a list inside one cell needs quotes"),
    ],
    ids=["empty", "workbook", "no text", "zero byte", "open quote", "shifted values"],
)
def test_what_cannot_be_read_in_full_is_an_error_with_its_line(data, problem):
    _, notes = table(data)

    assert any(note.startswith(problem) for note in notes), notes


def test_header_only_file_without_newline_has_no_rows():
    assert table(b"sourcedId,givenName,familyName") == ([], [])


def test_short_row_is_padded_and_said():
    rows, notes = table(PLAIN + b"3\n")

    assert rows[-1] == ("3", "", "")
    assert notes == ["warning users.csv:4: has 1 values for 3 columns; the rest was read as blank"]


def test_lines_are_counted_through_cells_that_span_several():
    _, notes = table(lines("sourcedId,givenName,familyName", '1,"Ana\nMaria",Lee', "2") + b"3,a,b,c\n")

    assert "warning users.csv:4: has 1 values for 3 columns; the rest was read as blank" in notes
    assert any(note.startswith("error users.csv:5: has 4 values") for note in notes)


def test_name_with_a_line_break_becomes_one_line():
    files = spoilt(novak_berg(), "users.csv", ",Anna,Novak,", ',"Anna\nLena","Novak\r\nBcc: x",')

    assert read(files).roster.children[0].full_name == "Anna Lena Novak Bcc: x"


def test_secret_columns_are_not_kept():
    rows, notes = table(lines("sourcedId,givenName,familyName,Password", "1,Ana,Lee,hunter2"))

    assert "hunter2" not in repr(rows)
    assert notes == ["note users.csv:1: the column 'Password' was not read, on purpose"]


def test_half_a_file_changes_nothing():
    files = novak_berg()
    files["users.csv"] = files["users.csv"][: files["users.csv"].index(b'"g-jon') + 8]

    with pytest.raises(InputError, match=r"users\.csv:3: the quotes of this row do not close"):
        read(files)


def test_unknown_files_name_what_was_found_and_what_is_wanted():
    with pytest.raises(InputError, match=r"found a\.csv, b\.csv; wanted OneRoster"):
        read({"a.csv": b"x\n", "b.csv": b"y\n"})


def test_nothing_at_all_is_one_clear_error():
    with pytest.raises(InputError, match="found no CSV file at all"):
        read({})


def test_sensitive_files_are_skipped_on_purpose_and_said():
    reading = read({**novak_berg(), "demographics.csv": b"\xff\xfe broken", "userFlags.csv": b""})

    assert "note demographics.csv: was not read, on purpose: birth dates and ethnicity are not needed" in said(reading)
    assert "note userFlags.csv: was not read, on purpose: special needs and benefits are not needed" in said(reading)
