"""A teacher's digest: what waits for her, each item with its own address, the longest wait first."""

from dataclasses import replace
from datetime import date, timedelta
from email import message_from_bytes, policy

import pytest

from mailer.digest import TIMES_SHOWN, DigestWriter, Waiting, by_child, still_shown
from office.demo.clients.original import buttons
from school.conversation import Conversation, Message
from school.people import Guardian
from school.reply_address import TokenKind, token_in_address
from tests.office.our_letters import CHILDREN, GUARDIAN, KEYS, NOW, OSEI, SHAPE, publisher

DAY = date(2026, 11, 30)
OTHER = Guardian(id="g-two", given_name="Bo", family_name="Tamsin", address="bo.tamsin@example.org")


def turn(number: int, text: str, author: str = "guardian") -> Message:
    return Message(
        id=number, author=author, author_id="x", at=NOW + timedelta(hours=number), text=text, subject="Re: news"
    )


def waiting(number: int, *turns: Message, guardian: Guardian = GUARDIAN, child: int = 0) -> Waiting:
    kid, group, _ = CHILDREN[child]
    talk = Conversation(
        id=number,
        public_id=70 + number,
        guardian_id=guardian.id,
        child_id=kid.id,
        class_id=group.id,
        role="class",
        messages=turns,
    )
    return Waiting(conversation=talk, child=kid, guardian=guardian, class_group=group)


FIRST = waiting(1, turn(1, "Old question"), turn(2, "Old answer", "teacher"), turn(3, "New question"), turn(4, "And?"))
SECOND = waiting(2, turn(2, "Second family"), guardian=OTHER)


@pytest.fixture(scope="module")
def written():
    made = publisher()
    return DigestWriter(press=made.press, postmark=made.postmark).letter(OSEI, (FIRST, SECOND), DAY, NOW)


def test_it_goes_to_the_teachers_registered_address_alone(written):
    letter, dispatch = written
    message = message_from_bytes(letter.raw, policy=policy.default)

    assert [held.addr_spec for held in message["To"].addresses] == [OSEI.address] == [letter.address]
    assert message["Cc"] is message["Bcc"] is None
    assert message["Auto-Submitted"] == "auto-generated"
    assert (dispatch.recipient_id, dispatch.conversation_ids) == (OSEI.id, (1, 2))


def test_it_shows_no_guardians_address(written):
    assert b"@example.org" not in written[0].raw


def test_each_item_has_the_address_of_its_own_conversation(written):
    tokens = [token_in_address(button.address, SHAPE, KEYS) for button in buttons(written[0].raw)]

    assert [held.public_id for held in tokens if held and held.kind is TokenKind.STAFF] == [71, 72]


def test_only_what_was_written_since_the_last_answer_stands_in_it(written):
    text = message_from_bytes(written[0].raw, policy=policy.default).get_body(("plain",)).get_content()

    assert "New question" in text
    assert "And?" in text
    assert "Old question" not in text
    assert "Old answer" not in text


def test_the_longest_wait_comes_first_and_a_childs_others_right_behind():
    third = replace(FIRST, conversation=replace(FIRST.conversation, id=3))
    elsewhere = waiting(4, turn(1, "x"), child=1)

    assert [held.conversation.id for held in by_child((FIRST, elsewhere, third))] == [1, 3, 4]


def test_after_a_school_week_an_item_is_no_longer_shown():
    shown = still_shown((FIRST, SECOND), lambda ids: {4: TIMES_SHOWN, 2: TIMES_SHOWN - 1})

    assert shown == (SECOND,)
