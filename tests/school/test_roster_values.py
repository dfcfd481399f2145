"""Single cells: dates in the order their file shows, addresses, languages, names, ids."""

from datetime import date

import pytest

from school.errors import InputError
from school.roster.dates import DateError, DateOrder, order_shown, read_date
from school.roster.languages import language_tag
from school.roster.values import address_in, listed, slug, split_name, truth
from tests.rosters.exports import novak_berg, read, said, spoilt

MAY_FIRST = date(2023, 5, 1)


@pytest.mark.parametrize(
    "text",
    [
        "2023-05-01",
        "2023-05-01T00:00:00.000Z",
        "2023-05-01 08:30:00+02:00",
        "2023/5/1",
        "20230501",
        "1.5.2023",
        "1. 5. 2023",
    ],
)
def test_dates_that_can_be_read_in_one_way_need_no_order(text):
    assert read_date(text, DateOrder.UNKNOWN) == MAY_FIRST


def test_day_or_month_first_follows_the_order_the_file_shows():
    assert read_date("1/05/2023", DateOrder.DAY_FIRST) == MAY_FIRST
    assert read_date("5/1/2023", DateOrder.MONTH_FIRST) == MAY_FIRST
    assert read_date("5/5/2023", DateOrder.UNKNOWN) == date(2023, 5, 5)
    assert read_date("", DateOrder.UNKNOWN) is None


@pytest.mark.parametrize(
    ("texts", "order"),
    [
        (["7/1/2017", "6/30/2018"], DateOrder.MONTH_FIRST),
        (["1/05/2023", "31/05/2023"], DateOrder.DAY_FIRST),
        (["1/05/2023", "2/06/2023", "2023-12-31", ""], DateOrder.UNKNOWN),
        (["31/05/2023", "05/31/2023"], DateOrder.MIXED),
    ],
)
def test_order_is_decided_by_dates_that_can_be_read_in_one_way(texts, order):
    assert order_shown(texts) is order


@pytest.mark.parametrize(
    ("text", "order", "why"),
    [
        ("1/05/2023", DateOrder.UNKNOWN, "nothing in the file shows which"),
        ("1/05/2023", DateOrder.MIXED, "the file holds both orders"),
        ("2023-02-30", DateOrder.UNKNOWN, "is no day of the calendar"),
        ("13/13/2023", DateOrder.DAY_FIRST, "is no day of the calendar"),
        ("1/5/23", DateOrder.DAY_FIRST, "is not a date"),
        ("soon", DateOrder.UNKNOWN, "is not a date"),
    ],
)
def test_doubtful_dates_are_never_guessed(text, order, why):
    with pytest.raises(DateError, match=why):
        read_date(text, order)


def test_files_without_a_sign_are_asked_about_with_line():
    files = spoilt(novak_berg(), "enrollments.csv", "2026-08-24", "1/08/2026")

    with pytest.raises(InputError, match=r"enrollments\.csv:2: beginDate '1/08/2026' can be read day first or month"):
        read(files)


def test_another_file_of_the_export_may_show_the_order():
    files = spoilt(novak_berg(), "enrollments.csv", "2026-08-24", "1/08/2026")
    files = spoilt(files, "academicSessions.csv", "2026-08-24", "24/08/2026")

    reading = read(files)

    assert reading.roster.enrolments[0].begins == date(2026, 8, 1)
    assert "note academicSessions.csv: dates were read day first, as they show; write YYYY-MM-DD to be sure" in said(
        reading
    )


def test_term_that_ends_before_it_begins_stops_the_import():
    files = spoilt(novak_berg(), "academicSessions.csv", "2026-08-24,2026-12-18", "2026-12-18,2026-08-24")

    with pytest.raises(InputError, match=r"academicSessions\.csv:2: the term autumn-2026 ends .* before it begins"):
        read(files)


def test_truth_in_several_spellings():
    assert [truth(text) for text in ("TRUE", "yes", "0", "False", "maybe", "")] == [
        True,
        True,
        False,
        False,
        None,
        None,
    ]


def test_list_cells_may_hold_blanks_doubles_and_semicolons():
    assert listed("PHY123, ASV120") == ("PHY123", "ASV120")
    assert listed(" a;b |a,, ") == ("a", "b")
    assert listed("") == ()


@pytest.mark.parametrize(
    ("text", "address", "problem"),
    [
        ("eva@example.org", "eva@example.org", ""),
        ("Eva <eva@example.org>", "eva@example.org", ""),
        ("mailto:eva@example.org", "eva@example.org", ""),
        ("josé@exämple.org", "josé@exämple.org", ""),
        ("", "", ""),
        ("none", "", "is not an e-mail address"),
        ("eva@localhost", "", "is not an e-mail address"),
        ("a@example.org; b@example.org", "a@example.org", "holds several addresses; only the first was taken"),
        ("a@example.org\nBcc: b@example.org", "a@example.org", "holds several addresses; only the first was taken"),
    ],
)
def test_addresses(text, address, problem):
    assert address_in(text) == (address, problem)


@pytest.mark.parametrize(
    ("text", "tag"),
    [
        ("es", "es"), ("ES", "es"), ("en_GB", "en-GB"), ("zh-hans", "zh-Hans"), ("pt-br", "pt-BR"), ("spa", "es"),
        ("Spanish", "es"), ("español", "es"), ("Français", "fr"), ("中文", "zh-Hans"), ("한국어", "ko"), ("hmn", "hmn"),
        ("", ""), ("the blue one", None), ("klingonish", None),
    ],
)  # fmt: skip
def test_languages(text, tag):
    assert language_tag(text) == tag


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("Ms Horn", ("Ms", "", "Horn")),
        ("Herr Dr. Ahn", ("Herr Dr.", "", "Ahn")),
        ("Eva Novak", ("", "Eva", "Novak")),
        ("Novak, Eva", ("", "Eva", "Novak")),
        ("Ana María de la Cruz", ("", "Ana María", "de la Cruz")),
        ("Jan van der Berg", ("", "Jan", "van der Berg")),
        ("Suharto", ("", "Suharto", "")),
        ("", ("", "", "")),
    ],
)
def test_names_in_one_cell(text, parts):
    assert split_name(text) == parts


def test_ids_made_from_words_keep_every_script():
    assert slug("Zoë  Núñez 3B") == "zoe-nunez-3b"
    assert slug("eva.novak@example.org") == "eva-novak-example-org"
    assert slug("李小龙 一年级") == "李小龙-一年级"
