"""One letter's talk with a server: no socket, nothing a server takes for a second message."""

import itertools

import pytest

from mailer.conversation import ConnectionBroken, Conversation, stuffed

LETTER = b"From: a\r\n\r\n.first\r\nwords\r\n"


def talk(*answers: bytes, pipelining: bool = False) -> tuple[Conversation, list[bytes]]:
    conversation = Conversation("news@school.test", "parent@example.org", LETTER)
    said = [conversation.open(pipelining=pipelining)]
    for answer in answers:
        said.append(conversation.hear(answer))
        conversation.written()
    return conversation, said


def test_each_command_waits_for_the_answer_before():
    conversation, said = talk(b"250 ok\r\n", b"250 ok\r\n", b"354 go\r\n", b"250 2.0.0 taken\r\n")

    assert said == [
        b"MAIL FROM:<news@school.test>\r\n",
        b"RCPT TO:<parent@example.org>\r\n",
        b"DATA\r\n",
        b"From: a\r\n\r\n..first\r\nwords\r\n.\r\n",
        b"",
    ]
    assert (conversation.ending.code, conversation.ending.enhanced, conversation.ending.phase) == (250, "2.0.0", "dot")
    assert not conversation.spent


ALL_THREE = b"MAIL FROM:<news@school.test>\r\nRCPT TO:<parent@example.org>\r\nDATA\r\n"
TAKEN = b"250 2.1.0 ok\r\n250-2.1.5 yes\r\n250 2.1.5 ok\r\n354 go\r\n"


@pytest.mark.parametrize("cut", range(1, len(TAKEN)))
def test_commands_that_go_out_together_are_answered_together_or_in_any_pieces(cut):
    conversation, said = talk(TAKEN[:cut], TAKEN[cut:], pipelining=True)

    assert said == [ALL_THREE, b"", b"From: a\r\n\r\n..first\r\nwords\r\n.\r\n"]
    assert (conversation.phase, conversation.ending) == ("dot", None)


def test_the_letter_waits_for_the_go_ahead():
    conversation, said = talk(b"250 ok\r\n250 ok\r\n", pipelining=True)

    assert said == [ALL_THREE, b""]
    assert conversation.phase == "data"


@pytest.mark.parametrize(
    ("answers", "told"),
    [
        (b"451 4.3.0 later\r\n503 mail first\r\n503 rcpt first\r\n", "451 4.3.0"),
        (b"250 ok\r\n550 5.1.1 unknown\r\n554 no recipients\r\n", "550 5.1.1"),
        (b"250 ok\r\n250 ok\r\n452 4.3.1 full\r\n", "452 4.3.1"),
    ],
)
def test_the_first_refusal_decides_and_all_answers_are_heard_before_rset(answers, told):
    first, rest = answers[:20], answers[20:]
    conversation, said = talk(first, rest, b"250 ok\r\n", pipelining=True)

    assert said == [ALL_THREE, b"", b"RSET\r\n", b""]
    assert (str(conversation.ending), conversation.spent) == (told, False)


@pytest.mark.parametrize("last", [b"354 go on\r\n", b"421 bye\r\n"])
def test_a_server_that_wants_a_refused_letter_gets_no_dot(last):
    """RFC 2920 §3.1: it may; without a dot it has taken nothing."""
    conversation, said = talk(b"250 ok\r\n550 5.1.1 unknown\r\n" + last, pipelining=True)

    assert said == [ALL_THREE, b""]
    assert (str(conversation.ending), conversation.spent) == ("550 5.1.1", True)


def test_one_answer_too_many_is_no_answer():
    conversation = Conversation("", "parent@example.org", LETTER)
    conversation.open(pipelining=True)

    with pytest.raises(ConnectionBroken, match="made no sense"):
        conversation.hear(TAKEN + b"250 and your letter is taken too\r\n")


def test_answers_in_pieces_and_over_several_lines_are_waited_for():
    conversation, said = talk(b"2", b"50-one\r\n250", b" two\r\n")

    assert said[1:] == [b"", b"", b"RCPT TO:<parent@example.org>\r\n"]
    assert conversation.phase == "rcpt"


def test_a_refusal_is_followed_by_rset_and_remembered():
    conversation, said = talk(b"250 ok\r\n", b"550 5.1.1 unknown\r\n", b"250 ok\r\n")

    assert said[-2:] == [b"RSET\r\n", b""]
    assert (str(conversation.ending), conversation.ending.phase, conversation.spent) == ("550 5.1.1", "rcpt", False)


@pytest.mark.parametrize("answer", [b"500 what\r\n", b"421 bye\r\n"])
def test_a_server_that_cannot_begin_anew_is_left(answer):
    conversation, _ = talk(b"550 5.1.1 unknown\r\n", answer)

    assert (str(conversation.ending), conversation.spent) == ("550 5.1.1", True)


def test_a_connection_lost_after_the_refusal_changes_nothing_about_it():
    conversation, _ = talk(b"550 5.1.1 unknown\r\n")
    conversation.lost("gone")

    assert (str(conversation.ending), conversation.spent) == ("550 5.1.1", True)


@pytest.mark.parametrize(("answers", "phase"), [(0, "mail"), (1, "rcpt"), (2, "data"), (3, "dot")])
def test_a_lost_connection_names_the_step(answers, phase):
    conversation, _ = talk(*[b"250 ok\r\n"] * answers)

    with pytest.raises(ConnectionBroken) as broken:
        conversation.lost("gone")
    assert broken.value.phase == phase


def test_until_the_last_byte_is_written_the_dot_is_not_sent():
    conversation = Conversation("", "parent@example.org", LETTER)
    for _ in range(3):
        conversation.hear(b"250 ok\r\n")

    assert conversation.phase == "body"


def test_only_crlf_goes_over_the_wire():
    """Every text of up to seven of these bytes: either it is lines that end in CRLF, or it is refused."""
    for length in range(7):
        for signs in itertools.product(b"\r\n.a", repeat=length):
            raw = bytes(signs)
            good = raw.endswith(b"\r\n") and b"\r" not in (rest := raw.replace(b"\r\n", b"")) and b"\n" not in rest
            if not good:
                with pytest.raises(ValueError, match="CRLF"):
                    stuffed(raw)
                continue
            wire = stuffed(raw)
            assert wire.index(b"\r\n.\r\n" if raw else b".\r\n") == len(wire) - 5
            lines = wire[:-3].split(b"\r\n")
            assert b"\r\n".join(line[1:] if line.startswith(b".") else line for line in lines) == raw
