"""A person's hand: filing, refusing with one clear line, dismissing."""

import pytest

from office.jobs.tray import age_tray, dismiss, file_mail
from school.errors import InputError
from storage.tables import SpoolRaw
from tests.office.linden import EVA, MIA, Linden, copy_of, open_school


@pytest.fixture(scope="module")
def published(tmp_path_factory) -> Linden:
    return open_school(tmp_path_factory.mktemp("published"))


@pytest.fixture
def linden(published, tmp_path):
    linden = copy_of(published, tmp_path)
    yield linden
    linden.house.database.close()


def file(linden: Linden, spool_id: int, child: str = "c-leo", role: str | None = None, guardian: str | None = None):
    return file_mail(linden.house, spool_id, child_id=child, role=role, guardian_id=guardian, now=linden.now)


def test_a_waiting_mail_goes_where_the_office_says(linden):
    waiting = linden.arrive(linden.reply(MIA, "Both are ill"))
    assert waiting.state == "triage"

    outcome = file(linden, waiting.spool_id, "c-ida", "music")

    assert (outcome.state, outcome.reasons) == ("filed", ("by-office",))
    assert linden.sees("t-cole") == [("c-ida", "Both are ill")]
    assert linden.sees("t-horn") == linden.sees("t-ruiz") == []
    assert linden.audit(waiting.spool_id) == [("office", "filed")]


def test_a_filed_mail_can_be_moved(linden):
    filed = linden.arrive(linden.reply(MIA, "Boots?", via_section_of="Ida"))

    file(linden, filed.spool_id, "c-leo")

    assert linden.sees("t-ruiz") == []
    assert linden.sees("t-horn") == [("c-leo", "Boots?")]


def test_only_new_words_are_filed(linden):
    waiting = linden.arrive(linden.reply(MIA, "Both are ill", "gmail-web"))

    file(linden, waiting.spool_id)

    assert linden.sees("t-horn") == [("c-leo", "Both are ill")]


def test_a_mail_whose_author_is_unknown_needs_the_offices_word(linden):
    held = linden.arrive(linden.reply(("Oma", "oma@example.net"), "All well", letter_of="g-eva"))

    with pytest.raises(InputError, match="--guardian"):
        file(linden, held.spool_id, "c-anna")
    file(linden, held.spool_id, "c-anna", guardian="g-eva")

    assert linden.sees("t-horn") == [("c-anna", "All well")]


@pytest.mark.parametrize(
    ("how", "words"),
    [
        ({"child": "c-anna"}, "may not hear about child c-anna"),
        ({"child": "c-leo", "role": "chess"}, "no chess today"),
        ({"child": "c-nobody"}, "no teacher today"),
        ({"guardian": "g-nobody"}, "may not hear"),
    ],
)
def test_what_does_not_fit_is_said_and_changes_nothing(linden, how, words):
    waiting = linden.arrive(linden.reply(MIA, "Both are ill"))

    with pytest.raises(InputError, match=words):
        file(linden, waiting.spool_id, **how)

    assert linden.state(waiting.spool_id) == "triage"


def test_numbers_that_do_not_exist_or_have_lost_their_bytes_are_said(linden):
    waiting = linden.arrive(linden.reply(MIA, "Both are ill"))
    SpoolRaw.delete().where(SpoolRaw.spool == waiting.spool_id).execute()

    with pytest.raises(InputError, match="there is no mail 99"):
        file(linden, 99)
    with pytest.raises(InputError, match="bytes"):
        file(linden, waiting.spool_id)


def test_dismissed_is_off_the_tray_and_can_be_filed_later(linden):
    waiting = linden.arrive(linden.reply(MIA, "Both are ill"))

    dismiss(linden.house, waiting.spool_id, "answered by phone", linden.now)

    assert linden.house.conversations.tray() == ()
    with pytest.raises(InputError, match="not on the tray"):
        dismiss(linden.house, waiting.spool_id, "again", linden.now)
    file(linden, waiting.spool_id)
    assert linden.sees("t-horn") == [("c-leo", "Both are ill")]


def test_what_was_filed_at_once_does_not_age(linden):
    linden.arrive(linden.reply(EVA, "Yes."))

    assert age_tray(linden.house, linden.now.replace(year=2027)) == 0
