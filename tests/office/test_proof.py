"""The proof book: one page per distinct letter, everybody on it, and nothing in it that leads anywhere."""

from dataclasses import replace

import pytest

from mailer.edition import ItemShelf, for_guardian
from mailer.render import LetterPress
from mailer.render.nesting import nesting_fault
from office.proof import gather, write_proof
from school.audience import Addressee
from school.issue import ItemKind, Skipped
from tests.mailer.hostile import live_markup
from tests.mailer.sample_letters import (
    FACE,
    IDA,
    IDAS_DESKS,
    ISSUE,
    ITEMS,
    LEO,
    LEOS_DESKS,
    MARIA,
    child_,
    item,
    taught,
)

SHELF = ItemShelf.of(held for held in ITEMS if held.id != "ida")


@pytest.fixture(scope="module")
def press() -> LetterPress:
    return LetterPress(None, FACE)


def result(guardian_id: str, *children, name: str = "Maria", language: str = "en", address: str = "a@example.org"):
    guardian = replace(MARIA, id=guardian_id, given_name=name, language=language, address=address)
    return for_guardian(ISSUE, Addressee(guardian=guardian, children=children), SHELF, "en")


def other(number: int):
    return replace(IDA, id=f"c-{number}", given_name=f"Kid{number}")


def test_guardians_whose_letters_differ_only_in_names_share_a_page(press):
    results = [result(f"g{n}", taught(other(n), *IDAS_DESKS), name=f"Parent{n}") for n in range(5)]
    proof = gather(ISSUE, [*results, result("g9", taught(LEO, *LEOS_DESKS))], press)

    assert [[reader.id for reader in group.readers] for group in proof.groups] == [
        ["g0", "g1", "g2", "g3", "g4"],
        ["g9"],
    ]
    assert proof.letters == 6
    assert "Kid0" in proof.groups[0].rendered.html


def test_another_language_another_teacher_or_an_own_item_is_another_page(press):
    own = item("own", ItemKind.NEWS, child_("c-2"), {"en": ("Just for one", "text")})
    shelf = ItemShelf.of([*ITEMS, own])
    addressees = [
        Addressee(guardian=replace(MARIA, id="g1"), children=(taught(other(1), *IDAS_DESKS),)),
        Addressee(guardian=replace(MARIA, id="g2"), children=(taught(other(2), *IDAS_DESKS),)),
        Addressee(guardian=replace(MARIA, id="g3", language="es"), children=(taught(other(3), *IDAS_DESKS),)),
        Addressee(guardian=replace(MARIA, id="g4"), children=(taught(other(4), *LEOS_DESKS),)),
    ]

    assert len(gather(ISSUE, (for_guardian(ISSUE, a, shelf, "en") for a in addressees), press).groups) == 4


def test_the_book_lists_every_letter_everybody_without_one_and_what_to_look_at(press, tmp_path):
    results = [
        result("g1", taught(IDA, *IDAS_DESKS), name="Maria"),
        result("g2", taught(LEO, *LEOS_DESKS), name="Wei", language="zh-CN"),
        result("g3", taught(LEO, *LEOS_DESKS), address=""),
        Skipped(guardian_id="g4", reason="barred"),
    ]
    (tmp_path / "letter-077.html").write_text("an earlier proof")
    index = write_proof(tmp_path, gather(ISSUE, results, press), press, names={"g3": "Nora <b>Nomail"})
    page = index.read_text(encoding="utf-8")

    written = {path.name for path in tmp_path.iterdir()}
    assert written == {"index.html", "letter-001.html", "letter-001.txt", "letter-002.html", "letter-002.txt"}
    for words in (
        "Maria Lopez",
        "Wei Lopez",
        "Nora &lt;b&gt;Nomail",
        "g4",
        "the school has no e-mail address",
        "may not hear",
    ):
        assert words in page
    assert "1 of 3 items are not in zh-CN" in page
    assert nesting_fault(page) == ""
    assert "<script" not in page


def test_a_proof_can_be_passed_round_its_addresses_lead_nowhere(press, tmp_path):
    write_proof(tmp_path, gather(ISSUE, [result("g1", taught(IDA, *IDAS_DESKS))], press), press)
    letter = (tmp_path / "letter-001.html").read_text(encoding="utf-8")

    assert "mailto:proof+01@school.test" in letter
    assert "Ref proof-01" in letter
    assert live_markup(letter) == []


def test_what_is_too_large_or_leads_to_nobody_is_pointed_at(press):
    long = item("long", ItemKind.NEWS, child_("c-ida"), {"en": ("Long", "word " * 20_000)})
    desks = (replace(IDAS_DESKS[0], teachers=()),)
    addressee = Addressee(guardian=MARIA, children=(taught(IDA, *desks),))
    (group,) = gather(ISSUE, [for_guardian(ISSUE, addressee, ItemShelf.of([long]), "en")], press).groups

    assert group.warnings[0].startswith("does not go out: ")
    assert "mail programs cut a letter at 100 KB: shorten long (100 KB)" in group.warnings[0]
    assert group.warnings[1] == "1 sections have no teacher today: answers go to the office"
