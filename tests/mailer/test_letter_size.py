"""A letter that mail programs would cut does not go out, and whoever writes it hears what to shorten."""

from dataclasses import replace
from email import message_from_bytes, policy

import pytest

from mailer.edition import ItemShelf
from mailer.letter_size import MOST_BYTES, WARN_BYTES, LongLetters, too_long
from mailer.publish import LetterTooLongError
from school.audience import Addressee, Desk, TaughtChild
from school.issue import ItemKind
from tests.mailer.sample_letters import SCHOOL, child_, item
from tests.office.our_letters import CHILDREN, GUARDIAN, ISSUE, NOW, publisher

#: In one letter as many bytes of HTML as a letter may have, whatever the script.
SCRIPTS = {
    "en": "The children built bridges. ",
    "es": "Mañana habrá función. ",
    "ar": "سيزور الأطفال المتحف. ",
    "zh": "孩子们去博物馆。",
}
ALLOWED_BYTES = 300_000  #: of a whole letter without files


def addressee(number: int = 1, language: str = "en") -> Addressee:
    guardian = replace(GUARDIAN, id=f"g{number}", language=language)
    desks = tuple(
        TaughtChild(child=child, barred=False, desks=(Desk(class_group=group, role="class", teachers=(teacher,)),))
        for child, group, teacher in CHILDREN[:1]
    )
    return Addressee(guardian=guardian, children=desks)


def long_item(name: str, kilobytes: float, language: str = "en", audience=SCHOOL):
    words = SCRIPTS[language]
    return item(
        name, ItemKind.NEWS, audience, {language: (name.title(), words * int(kilobytes * 1000 / len(words.encode())))}
    )


def made(*items, to: int = 1, language: str = "en"):
    skipped, long_letters = [], LongLetters()
    people = [addressee(number, language) for number in range(1, to + 1)]
    letters = list(publisher().letters(ISSUE, ItemShelf.of(items), people, skipped, NOW, long_letters=long_letters))
    return letters, skipped, long_letters.words()


def html_bytes(raw: bytes) -> int:
    return len(message_from_bytes(raw, policy=policy.default).get_body(("html",)).get_content().encode())


def test_a_letter_of_usual_length_is_no_matter_at_all():
    letters, skipped, words = made(long_item("fair", 3))

    assert (len(letters), skipped, words) == (1, [], ())


def test_letters_near_the_cut_go_out_and_are_told_once_with_what_to_shorten():
    letters, skipped, words = made(long_item("fair", 46), long_item("trip", 20), long_item("hats", 1), to=3)

    assert (len(letters), skipped) == (3, [])
    assert all(WARN_BYTES < html_bytes(letter.raw) <= MOST_BYTES for letter, _ in letters)
    (line,) = words
    assert line.startswith("3 letter(s) have 9")
    assert "shorten fair (46 KB), trip (20 KB), hats (1 KB)" in line


def test_one_letter_that_would_be_cut_stays_and_the_others_go():
    own = long_item("diary", 95, audience=child_(CHILDREN[0][0].id))
    other = replace(addressee(2), children=(replace(addressee().children[0], child=CHILDREN[1][0]),))
    skipped = []

    shelf = ItemShelf.of([long_item("fair", 3), own])
    letters = list(publisher().letters(ISSUE, shelf, [addressee(), other], skipped, NOW))

    assert [letter.recipient_id for letter, _ in letters] == ["g2"]
    (held,) = skipped
    assert (held.guardian_id, held.reason) == ("g1", "too-long")
    assert "shorten diary (95 KB), fair (3 KB)" in held.detail


def test_an_issue_in_which_every_letter_would_be_cut_is_refused_whole():
    with pytest.raises(LetterTooLongError) as refused:
        made(long_item("fair", 70), long_item("trip", 40), to=3)

    words = str(refused.value)
    assert words.startswith("issue 2026-11-27: no letter can go out")
    assert "shorten fair (70 KB), trip (40 KB)" in words
    assert "\n" not in words


@pytest.mark.parametrize("language", SCRIPTS)
def test_the_longest_letter_that_goes_out_is_below_300_kilobytes_in_every_script(language):
    (made_letter,), _, words = made(long_item("fair", 67, language), language=language)
    letter, _ = made_letter

    assert words  # it is near the cut
    assert len(letter.raw) <= ALLOWED_BYTES
    message = message_from_bytes(letter.raw, policy=policy.default)
    assert [part.get_content_type() for part in message.iter_parts()] == ["text/plain", "text/html"]
    assert message.get_body(("plain",)).get_content().strip()


def test_a_family_with_too_many_children_is_told_apart_from_too_many_words():
    edition = publisher().edition(ISSUE, ItemShelf.of([]), addressee())

    long = too_long(edition, "x" * (MOST_BYTES + 1), "en")

    assert long.cut
    assert long.deed().startswith("it has more sections than one letter carries")
