"""Terms and holidays come back as kept, and importing a file again replaces only its own days."""

from dataclasses import replace
from datetime import date

from school.term import Holiday, Term
from storage.terms import TermStore

AUTUMN = Term(id="t1", title="Autumn", begins=date(2026, 9, 1), ends=date(2026, 12, 18))
SPRING = Term(id="t2", title="Spring", begins=date(2027, 1, 5), ends=date(2027, 3, 25), kind="semester")
HALF_TERM = Holiday(name="Half-term", first=date(2026, 10, 26), last=date(2026, 10, 30))
CHRISTMAS = Holiday(name="Christmas Day", first=date(2026, 12, 25), last=date(2026, 12, 25))


def test_terms_come_back_by_date(database):
    store = TermStore(database)
    store.add_terms([SPRING, AUTUMN])

    assert store.terms() == (AUTUMN, SPRING)


def test_a_term_added_again_is_changed_not_doubled(database):
    store = TermStore(database)
    store.add_terms([AUTUMN])
    longer = replace(AUTUMN, ends=date(2026, 12, 22))
    store.add_terms([longer])

    assert store.terms() == (longer,)


def test_importing_a_file_again_replaces_only_its_own_holidays(database):
    store = TermStore(database)
    store.replace_holidays([CHRISTMAS], "public.ics")
    store.replace_holidays([HALF_TERM], "school.csv")
    later = replace(HALF_TERM, last=date(2026, 11, 2))
    store.replace_holidays([later], "school.csv")

    assert store.holidays() == (later, CHRISTMAS)
    assert store.holiday_sources() == ("public.ics", "school.csv")


def test_a_holiday_two_files_name_alike_stands_once(database):
    store = TermStore(database)
    store.replace_holidays([CHRISTMAS], "public.ics")
    store.replace_holidays([CHRISTMAS, HALF_TERM], "school.csv")

    assert store.holidays() == (HALF_TERM, CHRISTMAS)
