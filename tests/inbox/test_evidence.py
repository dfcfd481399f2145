"""What a mail says about child and teacher, sign by sign."""

from dataclasses import replace

import pytest

from inbox.evidence import Candidate, Sign, Source, candidates, children_gone, collect, salutation
from inbox.match import Lead
from inbox.trim.spans import Span, SpanKind, Trimmed
from inbox.words import built_in
from school.audience import Addressee
from school.people import Child
from school.reply_address import TokenKind
from tests.inbox.letters import (
    ANNA,
    COLE,
    EVAS_LETTER,
    HORN,
    IDA,
    IDAS,
    K3B,
    LEO,
    LEOS,
    MIA,
    MIAS_LETTER,
    RUIZ,
    TALK,
    carrier,
    desk,
    letter,
    taught,
)

EVERYDAY = built_in().everyday
MIA_TODAY = Addressee(guardian=MIA, children=(IDAS, LEOS))
PLAIN = Lead(carrier=carrier(TokenKind.DISPATCH, 3), guardian_id=MIA.id, dispatch=MIAS_LETTER)
SECTION = Lead(
    carrier=carrier(TokenKind.SECTION, 3, 1), guardian_id=MIA.id, dispatch=MIAS_LETTER, section=MIAS_LETTER.sections[0]
)
THREAD = Lead(
    carrier=carrier(TokenKind.THREAD, 91),
    guardian_id=MIA.id,
    conversation=replace(TALK, guardian_id=MIA.id, child_id=LEO.id),
)


def trimmed(*pieces: tuple[str, SpanKind, int | None] | str) -> Trimmed:
    spans, body = [], ""
    for piece in pieces:
        text, kind, after = (piece, SpanKind.NEW, None) if isinstance(piece, str) else piece
        spans.append(Span(start=len(body), end=len(body) + len(text), kind=kind, after_section=after))
        body += text
    return Trimmed(body=body, spans=tuple(spans))


def signs(*pieces, leads=(PLAIN,), author=MIA_TODAY) -> set[tuple[str, str, str]]:
    """(sign, child, role) of everything but what points elsewhere."""
    return {found for found in all_signs(*pieces, leads=leads, author=author) if found[0] != "N1"}


def all_signs(*pieces, leads=(PLAIN,), author=MIA_TODAY) -> set[tuple[str, str, str]]:
    places = candidates(author, leads)
    source = Source(author=author, leads=leads, trimmed=trimmed(*pieces), everyday=EVERYDAY)
    return {(found.sign.value, found.child_id, found.role) for found in collect(source, places)}


def keys(places: tuple[Candidate, ...]) -> set[tuple[str, str]]:
    return {place.key for place in places}


# ---- where it could go ----

ALL = {(IDA.id, "class"), (IDA.id, "music"), (LEO.id, "class")}


@pytest.mark.parametrize(
    ("leads", "expected"),
    [
        ((), ALL),
        ((PLAIN,), ALL),
        ((THREAD,), ALL),
        ((replace(PLAIN, dispatch=letter(4, MIA, (LEO, K3B, "class"))),), {(LEO.id, "class")}),
        ((replace(PLAIN, dispatch=letter(4, MIA, (LEO, K3B, "chess"))),), ALL),
        ((replace(PLAIN, dispatch=letter(4, MIA)),), ALL),
        ((replace(PLAIN, dispatch=EVAS_LETTER),), ALL),
    ],
)
def test_the_letters_sections_so_far_as_they_hold_today(leads, expected):
    assert keys(candidates(MIA_TODAY, leads)) == expected


def test_a_conversation_beside_a_letter_is_a_place_too():
    only_ida = replace(PLAIN, dispatch=letter(4, MIA, (IDA, K3B, "class")))

    assert (LEO.id, "class") in keys(candidates(MIA_TODAY, (only_ida, THREAD)))


def test_a_barred_child_is_no_place():
    author = Addressee(guardian=MIA, children=(taught(IDA, *IDAS.desks, barred=True), LEOS))

    assert keys(candidates(author, (PLAIN,))) == {(LEO.id, "class")}
    assert children_gone(author, (PLAIN,), candidates(author, (PLAIN,)))
    assert children_gone(author, (), candidates(author, ()))


def test_after_a_change_of_class_todays_teacher_answers():
    author = Addressee(guardian=MIA, children=(taught(LEO, desk(K3B, "class", RUIZ)),))

    (place,) = candidates(author, (PLAIN,))

    assert place.teachers == (RUIZ,)


def test_of_several_letters_no_section_number_is_known():
    other = replace(PLAIN, dispatch=letter(4, MIA, (LEO, K3B, "class"), (IDA, K3B, "class")))

    assert {place.ordinal for place in candidates(MIA_TODAY, (PLAIN, other))} == {0}
    assert {place.ordinal for place in candidates(MIA_TODAY, (PLAIN, PLAIN))} == {1, 2, 3}


# ---- the signs ----


@pytest.mark.parametrize(
    ("leads", "expected"),
    [
        ((SECTION,), {("C1", IDA.id, "class")}),
        ((THREAD,), {("C2", LEO.id, "class")}),
        ((SECTION, THREAD), {("C1", IDA.id, "class"), ("C2", LEO.id, "class")}),
        ((PLAIN,), set()),
        ((replace(PLAIN, dispatch=letter(4, MIA, (LEO, K3B, "class"))),), {("C3", LEO.id, "class")}),
        ((replace(PLAIN, dispatch=letter(4, MIA, (ANNA, K3B, "class"))),), set()),
        ((), set()),
    ],
)
def test_addresses_and_letters_with_one_section(leads, expected):
    assert signs("Hello", leads=leads) == expected


def test_a_letter_of_two_sections_does_not_become_certain_because_one_is_gone():
    author = Addressee(guardian=MIA, children=(LEOS,))

    assert signs("Hello", author=author) == set()


def test_an_answer_in_a_conversation_is_not_the_letters_only_section():
    one = replace(PLAIN, dispatch=letter(4, MIA, (IDA, K3B, "class")))

    assert signs("Hello", leads=(one, THREAD)) == {("C2", LEO.id, "class")}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Dear Ms Horn,\nall well", {("C5", LEO.id, "class")}),
        ("Hello Mr. Cole!\nall well", {("C5", IDA.id, "music")}),
        ("Hi HORN: all well", {("C5", LEO.id, "class")}),
        ("Sehr geehrte Frau Ruiz,\nalles gut", {("C5", IDA.id, "class")}),
        ("Dear Ms Horn and Ms Ruiz,\nall well", set()),
        ("We met Ms Horn at the gate, all well", {("C5", LEO.id, "class")}),
        ("Yesterday evening at the school gate we met Ms Horn, all well", set()),
        ("All well.\nDear Ms Horn,", set()),
        ("All well", set()),
        ("Hornets everywhere, help", set()),
    ],
)
def test_a_greeted_teacher(text, expected):
    assert signs(text) == expected


def test_a_teacher_of_the_familys_own_name_is_not_greeted_by_it():
    author = Addressee(
        guardian=MIA, children=(taught(LEO, desk(K3B, "class", replace(HORN, family_name="Berg"))), IDAS)
    )

    assert signs("Mia Berg here,\nall well", author=author) == set()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Leo is ill", {("C6", LEO.id, "")}),
        ("leo's cap is lost", {("C6", LEO.id, "")}),
        ("Leo and Ida are ill", set()),
        ("She is ill", set()),
        ("Leonie is ill", set()),
        ("Ida in 5A is ill", {("C6", IDA.id, ""), ("C7", IDA.id, "class")}),
        ("the music was lovely", {("C7", IDA.id, "music")}),
        ("class 3b goes out", {("C7", LEO.id, "class")}),
        ("3B and 5A go out", set()),
    ],
)
def test_names_and_classes(text, expected):
    assert signs(text) == expected


@pytest.mark.parametrize(
    ("child", "guardian"),
    [
        (replace(LEO, given_name="Petra"), MIA),  # the teacher's first name
        (replace(LEO, given_name="Horn"), MIA),
        (replace(LEO, given_name="Mia"), MIA),  # the mother's own
        (replace(LEO, given_name="Ida", called="Ida"), MIA),  # the sister's
    ],
)
def test_a_name_that_others_have_too_is_no_sign(child, guardian):
    author = Addressee(guardian=guardian, children=(taught(child, *LEOS.desks), IDAS))

    assert not [found for found in signs(f"So {child.given_name} is ill", author=author) if found[0] == "C6"]


def test_the_name_used_every_day_counts_as_well():
    leopold = Child(id=LEO.id, given_name="Leopold", family_name="Berg", called="Poldi")
    author = Addressee(guardian=MIA, children=(taught(leopold, *LEOS.desks), IDAS))

    assert signs("Poldi is ill", author=author) == signs("Leopold is ill", author=author) == {("C6", LEO.id, "")}


def test_names_in_quotes_and_signatures_say_nothing():
    pieces = ("She is ill\n", ("> Leo\n", SpanKind.QUOTED, None), ("-- \nLeo's mum", SpanKind.SIGNATURE, None))

    assert all_signs(*pieces) == set()


def test_words_under_a_quoted_section_speak_for_it():
    pieces = ("Hello\n", ("> river\n", SpanKind.QUOTED, None), ("boots\n", SpanKind.NEW, 1), (" \n", SpanKind.NEW, 3))

    assert signs(*pieces) == {("C4", IDA.id, "class")}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Ida and Leo", {("N1", IDA.id, ""), ("N1", LEO.id, "")}),
        ("Idas cap", {("N1", IDA.id, "")}),
        ("Ask Ms Ruiz", {("N1", IDA.id, "class")}),
        ("the music", {("N1", IDA.id, "music")}),
    ],
)
def test_whatever_is_named_may_point_elsewhere(text, expected):
    assert expected <= all_signs(text)


def test_a_sibling_outside_the_letter_points_elsewhere_too():
    one = replace(PLAIN, dispatch=letter(4, MIA, (LEO, K3B, "class")))

    assert ("N1", IDA.id, "") in all_signs("Ida is ill", leads=(one,))


def test_a_siblings_longer_name_is_not_the_shorter_one_bent():
    leon = replace(IDA, given_name="Leon")
    author = Addressee(guardian=MIA, children=(taught(leon, *IDAS.desks), LEOS))

    assert all_signs("Leon is ill", author=author) == {("C6", IDA.id, ""), ("N1", IDA.id, "")}


@pytest.mark.parametrize(
    ("written", "opening"), [("Dear Ms Horn,\nx", "Dear Ms Horn"), ("  Hi! x", "Hi"), ("no end", ""), ("", "")]
)
def test_the_opening_words(written, opening):
    assert salutation(written) == opening


def test_every_sign_has_its_strength_and_teachers_of_all_roles_are_known():
    assert {sign.value for sign in Sign} == {"C1", "C2", "C3", "C4", "C5", "C6", "C7", "N1"}
    assert {teacher for place in candidates(MIA_TODAY, ()) for teacher in place.teachers} == {HORN, RUIZ, COLE}
