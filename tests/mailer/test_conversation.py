"""One letter's talk with a server: no socket, no pipelining, nothing a server takes for a second message."""

import itertools

import pytest

from mailer.conversation import ConnectionBroken, Conversation, stuffed

LETTER = b"From: a\r\n\r\n.first\r\nwords\r\n"


def talk(*answers: bytes) -> tuple[Conversation, list[bytes]]:
    conversation = Conversation("news@school.test", "parent@example.org", LETTER)
    said = [conversation.opening]
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
