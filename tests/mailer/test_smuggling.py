"""No text of ours becomes a second message, whatever a server takes for an end of data.

SMTP smuggling: CVE-2023-51764 (Postfix), -51765 (Sendmail), -51766 (Exim); RFC 5321 §2.3.8 knows CRLF only.
"""

import contextlib
import re
import smtplib
import socket
import threading
from collections.abc import Iterator

import pytest

from mailer.compose import compose
from mailer.smtp import SmtpSettings, SmtpTransport
from tests.mailer.drafts import draft
from tests.peers.lmtp_sink import lmtp_sink
from tests.peers.loopback import HOST

__all__ = ["lmtp_sink"]

ENDS = (
    "\n.\n", "\n.\r\n", "\n.\r", "\r.\r", "\r.\r\n", "\r.\n", "\r\n.\n", "\r\n.\r", "\r\n.\r\n", "\r\n\0.\r\n",
    "\n\n.\n\n", "\r\n.\r\n.\r\n",
)  # fmt: skip
LENIENT_END = re.compile(rb"(?:\r\n|\r|\n)\0?\.(?:\r\n|\r|\n)")
SECOND = "MAIL FROM:<evil@example.org>\r\nRCPT TO:<victim@example.org>\r\nDATA\r\nSubject: smuggled\r\n\r\nboo\r\n.\r\n"
NAMES = [end.encode().hex(" ") for end in ENDS]


class LenientSink:
    """Takes every dot between two line ends of any kind for the end of a message, as careless servers did."""

    def __init__(self) -> None:
        self.recipients: list[bytes] = []
        self._listener = socket.create_server((HOST, 0))
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def close(self) -> None:
        self._listener.close()

    def _serve(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                with connection, contextlib.suppress(OSError):
                    connection.settimeout(20)
                    self._talk(connection)

    def _talk(self, connection: socket.socket) -> None:
        held, in_data = b"", False
        connection.sendall(b"220 come in\r\n")
        while data := connection.recv(65536):
            held += data
            while found := (LENIENT_END if in_data else re.compile(rb"\r?\n")).search(held):
                line, held = held[: found.start()], held[found.end() :]
                if in_data:
                    in_data = False
                    connection.sendall(b"250 taken\r\n")
                    continue
                if line.upper().startswith(b"RCPT TO:"):
                    self.recipients.append(line[8:].strip(b"<> "))
                in_data = line.upper() == b"DATA"
                connection.sendall(b"354 go\r\n" if in_data else b"250 ok\r\n")


@pytest.fixture
def lenient_sink() -> Iterator[LenientSink]:
    sink = LenientSink()
    yield sink
    sink.close()


def text(end: str) -> str:
    return f"Dear Ana,\r\nall is well.{end}{SECOND}"


def raw(end: str, to: str = "ana@example.org") -> bytes:
    head = f"From: news@school.test\r\nTo: {to}\r\nDate: Fri, 27 Nov 2026 12:00:00 +0000\r\nMessage-ID: <a@x>\r\n\r\n"
    return (head + text(end)).encode()


def send(port: int, letter: bytes, to: str = "ana@example.org") -> int:
    transport = SmtpTransport(SmtpSettings(host=HOST, port=port, security="none", hello="school.test"))
    transport.connect()
    try:
        return transport.send("news@school.test", to, letter).code
    finally:
        transport.close()


@pytest.mark.parametrize("end", ENDS, ids=NAMES)
def test_the_sink_would_be_fooled(lenient_sink, end):
    with socket.create_connection((HOST, lenient_sink.port)) as client:
        for words in (b"EHLO x\r\n", b"MAIL FROM:<a@x>\r\n", b"RCPT TO:<ana@example.org>\r\n", b"DATA\r\n", raw(end)):
            client.recv(65536)
            client.sendall(words)
        while b"victim@example.org" not in lenient_sink.recipients:
            assert client.recv(65536)


@pytest.mark.parametrize("end", ENDS, ids=NAMES)
def test_a_letter_with_it_in_its_words_is_one_message(lenient_sink, end):
    letter = compose(draft(text=text(end), html=f"<p>{text(end)}</p>", subject="News"))

    assert send(lenient_sink.port, letter) == 250
    assert lenient_sink.recipients == [b"ana@example.org"]


@pytest.mark.parametrize("end", ENDS, ids=NAMES)
def test_bytes_with_it_are_one_message_or_none(lenient_sink, end):
    try:
        assert send(lenient_sink.port, raw(end)) == 250
    except ValueError:
        assert lenient_sink.recipients == []  # refused before the server heard of it
    else:
        assert lenient_sink.recipients == [b"ana@example.org"]


@pytest.mark.peers
@pytest.mark.xdist_group("dovecot")
def test_through_postfix_each_is_exactly_one_message(postfix, lmtp_sink):
    server = postfix(lmtp_to=lmtp_sink.port)
    asked = []
    for number, end in enumerate(ENDS):
        asked.append(f"words{number}@example.org")
        letter = compose(draft(text=text(end), html=f"<p>{text(end)}</p>", to_address=asked[-1]))
        assert send(server.port, letter, asked[-1]) == 250
        with contextlib.suppress(ValueError):
            send(server.port, raw(end, f"bytes{number}@example.org"), f"bytes{number}@example.org")
            asked.append(f"bytes{number}@example.org")
    with smtplib.SMTP(HOST, server.port) as client:
        client.sendmail("news@school.test", ["last@example.org"], raw("\r\n\r\n", "last@example.org"))

    for address in [*asked, "last@example.org"]:
        lmtp_sink.wait_for(address)
    assert [len(lmtp_sink.to(address)) for address in asked] == [1] * len(asked)
    assert lmtp_sink.to("victim@example.org") == []
    assert len(lmtp_sink.taken) == len(asked) + 1
