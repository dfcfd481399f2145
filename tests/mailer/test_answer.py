"""A relayed answer: to that guardian alone, in her thread, without the teacher's address and without a quote."""

from datetime import timedelta
from email import message_from_bytes, policy

import pytest

from mailer.answer import AnswerWriter, Relay, chain
from school.conversation import Conversation, Message
from school.message_id import token_of
from school.reply_address import Token, TokenKind, token_in_address
from tests.office.our_letters import CHILDREN, GUARDIAN, KEYS, NOW, OSEI, SHAPE, publisher

ASKED = Message(
    id=1,
    author="guardian",
    author_id=GUARDIAN.id,
    at=NOW,
    text="What shall he bring?",
    message_id="asked@example.org",
    references=("first@school.test", "second@example.org"),
    subject="Re: news",
)
ANSWERED = Message(id=2, author="teacher", author_id=OSEI.id, at=NOW, text="A torch.")
CHILD, CLASS, _ = CHILDREN[0]
TALK = Conversation(
    id=3, public_id=77, guardian_id=GUARDIAN.id, child_id=CHILD.id, class_id=CLASS.id, role="class", messages=(ASKED,)
)


def relay(**changes) -> Relay:
    fields = {
        "spool_id": 5,
        "conversation": TALK,
        "guardian": GUARDIAN,
        "language": "en",
        "child": CHILD,
        "class_group": CLASS,
        "teacher": OSEI,
        "words": "A torch & a map.\n\nSee you!",
    }
    return Relay(**(fields | changes))


@pytest.fixture(scope="module")
def written():
    made = publisher()
    writer = AnswerWriter(press=made.press, postmark=made.postmark)
    return writer.letter(relay(), NOW + timedelta(hours=1))


def parsed(raw: bytes):
    return message_from_bytes(raw, policy=policy.default)


def test_it_reaches_exactly_the_guardian_who_asked(written):
    """I15."""
    letter, dispatch = written
    message = parsed(letter.raw)

    assert [held.addr_spec for held in message["To"].addresses] == [GUARDIAN.address] == [letter.address]
    assert message["Cc"] is message["Bcc"] is None
    assert (letter.recipient_id, dispatch.recipient_id) == (GUARDIAN.id, GUARDIAN.id)
    assert letter.child_ids == (CHILD.id,)


def test_the_teachers_own_address_is_nowhere_in_it(written):
    letter, _ = written

    assert OSEI.address.encode() not in letter.raw
    assert parsed(letter.raw)["From"].addresses[0].addr_spec == "news@school.test"
    assert "Ms Osei" in parsed(letter.raw)["From"].addresses[0].display_name


def test_the_words_stand_in_both_parts_and_nothing_is_quoted(written):
    message = parsed(written[0].raw)
    text, html = (message.get_body((kind,)).get_content() for kind in ("plain", "html"))

    assert "A torch & a map." in text
    assert "A torch &amp; a map." in html
    assert "What shall he bring?" not in text + html


def test_it_threads_below_the_question_and_leads_back_to_the_conversation(written):
    letter, dispatch = written
    message = parsed(letter.raw)
    ids = [held.strip("<>") for held in message["References"].split()]

    assert message["In-Reply-To"].strip() == "<asked@example.org>"
    assert ids[1:] == ["first@school.test", "second@example.org", "asked@example.org"]
    assert {token_of(ids[0], KEYS), token_of(message["Message-ID"], KEYS)} == {
        Token(kind=TokenKind.THREAD, public_id=77)
    }
    assert token_in_address(message["Reply-To"], SHAPE, KEYS) == Token(kind=TokenKind.THREAD, public_id=77)
    assert dispatch.conversation_ids == (3,)
    assert message["Auto-Submitted"] is None


def test_a_long_thread_keeps_our_anchor_and_its_newest_ids():
    long = Message(
        id=1,
        author="guardian",
        author_id="g",
        at=NOW,
        text="",
        message_id="last@x",
        references=tuple(f"{n}@x" for n in range(30)),
    )

    found = chain("anchor@school.test", long)

    assert len(found) == 10
    assert (found[0], found[-2:]) == ("anchor@school.test", ("29@x", "last@x"))
    assert chain("anchor@school.test", None) == ("anchor@school.test",)
