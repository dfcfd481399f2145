"""One letter's talk with an SMTP server as bytes in and bytes out, without a socket: MAIL, RCPT, DATA, the letter.

Commands are never pipelined (RFC 2920 is not used): each goes out after the answer to the one before. The letter and
its final dot go out in one piece, so nothing of it can be mistaken for a command, and no server finds a second message
in it.
"""

import re
from io import IncrementalNewlineDecoder

from mailer.provider_id import named_in
from mailer.reply_reader import NoReply, ReplyReader
from mailer.server_replies import ServerReply

RSET = b"RSET\r\n"
GOOD = {2, 3}
DOT_BEGINS = re.compile(rb"\n\.")


class ConnectionBroken(Exception):  # noqa: N818 - it names a state of the connection
    """The connection ended at *phase*: `mail`, `rcpt`, `data` and `body` are certain, nothing was sent.

    At `dot` nobody can know: the server may have taken the letter (RFC 1047).
    """

    def __init__(self, phase: str, words: str) -> None:
        super().__init__(words)
        self.phase = phase


class Conversation:
    """Write `opening`; give what the server says to `hear`, and write what that returns, until `ending` is there."""

    def __init__(self, envelope_from: str, address: str, raw: bytes) -> None:
        """*raw* has CRLF line ends only; anything else is a ValueError, before a server could hear of it."""
        self.phase = "mail"  #: what an end of the connection would mean: see ConnectionBroken
        self.ending: ServerReply | None = None  #: the answer that decided: to the final dot, or the first refusal
        self.spent = False  #: the connection is of no more use
        self.opening = f"MAIL FROM:<{envelope_from}>\r\n".encode("ascii")
        self._recipient = f"RCPT TO:<{address}>\r\n".encode("ascii")
        self._letter = stuffed(raw)
        self._refusal: ServerReply | None = None
        self._reader = ReplyReader()

    def hear(self, data: bytes) -> bytes:
        """What to write now; nothing while the answer is incomplete, or once `ending` is there."""
        try:
            heard = self._reader.feed(data)
        except NoReply as exc:
            return self.lost("the server's answer made no sense", exc)
        if heard is None:
            return b""
        decides = self.phase in {"rset", "dot"}
        if not decides and heard[0] // 100 in GOOD:
            return self._go_on()
        given = named_in(self._reader.last_line) if self.phase == "dot" else ""
        reply = ServerReply(code=heard[0], enhanced=heard[1], phase=self.phase, given_id=given)
        return self._end(reply) if decides else self._refused(reply)

    def lost(self, words: str, cause: Exception | None = None) -> bytes:
        """The connection ended or made no sense: ConnectionBroken, unless the answer that decides was heard already."""
        self.spent = True
        if self._refusal is None:
            raise ConnectionBroken(self.phase, words) from cause
        self.ending = self._refusal
        return b""

    def written(self) -> None:
        """All that was to be written is on its way; until then the final dot is for certain not sent."""
        if self.phase == "body":
            self.phase = "dot"

    def _go_on(self) -> bytes:
        if self.phase == "mail":
            self.phase = "rcpt"
            return self._recipient
        if self.phase == "rcpt":
            self.phase = "data"
            return b"DATA\r\n"
        self.phase = "body"
        return self._letter

    def _refused(self, reply: ServerReply) -> bytes:
        """RSET, so the next letter finds a clean connection; one that is being closed (421) needs none."""
        if reply.code == 421:
            return self._end(reply)
        self._refusal = reply
        self.phase = "rset"
        return RSET

    def _end(self, reply: ServerReply) -> bytes:
        self.spent = reply.code == 421 or (self.phase == "rset" and reply.code != 250)
        self.ending = self._refusal or reply
        return b""


def stuffed(raw: bytes) -> bytes:
    """The letter as it goes over the wire, with its final dot (RFC 5321 §4.5.2). ValueError for a bare CR, LF or a NUL.

    A server that takes one for a line end, or drops a NUL before a dot, would find an end of message inside the letter
    (RFC 5321 §4.1.1.4).
    """
    # The decoder notes every kind of line end it meets, in one pass in C: a third of the time that counting them takes.
    seen = IncrementalNewlineDecoder(None, translate=False)
    seen.decode(raw.decode("latin-1"), final=True)
    if seen.newlines != "\r\n" or not raw.endswith(b"\r\n") or b"\0" in raw:
        raise ValueError("a letter has CRLF line ends only, and no NUL")
    if raw.startswith(b".") or DOT_BEGINS.search(raw):  # our own letters have no such line, so looking is cheaper
        raw = (b"." if raw.startswith(b".") else b"") + raw.replace(b"\r\n.", b"\r\n..")
    return raw + b".\r\n"
