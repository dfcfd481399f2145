"""One letter's talk with an SMTP server as bytes in and bytes out, without a socket: MAIL, RCPT, DATA, the letter.

Where the server offers it, the three commands go out together (RFC 2920), otherwise each after the answer to the one
before. The letter waits for the server's go-ahead in either case, and it and its final dot go out in one piece: nothing
of it can be mistaken for a command, and no server finds a second message in it.
"""

import re
from io import IncrementalNewlineDecoder

from mailer.provider_id import named_in
from mailer.reply_reader import NoReply, ReplyReader
from mailer.server_replies import ServerReply

DATA = b"DATA\r\n"
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
    """Write what `open` gives; give what the server says to `hear`, and write what that returns, until `ending`."""

    def __init__(self, envelope_from: str, address: str, raw: bytes) -> None:
        """*raw* has CRLF line ends only; anything else is a ValueError, before a server could hear of it."""
        self.phase = "mail"  #: what an end of the connection would mean: see ConnectionBroken
        self.ending: ServerReply | None = None  #: the answer that decided: to the final dot, or the first refusal
        self.spent = False  #: the connection is of no more use
        self._sender = f"MAIL FROM:<{envelope_from}>\r\n".encode("ascii")
        self._recipient = f"RCPT TO:<{address}>\r\n".encode("ascii")
        self._letter = stuffed(raw)
        self._refusal: ServerReply | None = None
        self._reader = ReplyReader()
        self._ahead = 0  #: commands that went out before the answer to the one before them

    def open(self, *, pipelining: bool) -> bytes:
        """What to write first; with *pipelining* the server takes the three commands at once."""
        if not pipelining:
            return self._sender
        self._ahead = 2
        return self._sender + self._recipient + DATA

    def hear(self, data: bytes) -> bytes:
        """What to write now; nothing while the answer is incomplete, or once `ending` is there."""
        try:
            heard = self._reader.feed(data, more=self._ahead > 0)
            while heard is not None:
                answer = self._answer(*heard)
                if answer or self.ending is not None or not self._reader.holds_more:
                    return answer
                heard = self._reader.feed(b"", more=self._ahead > 0)
        except NoReply as exc:
            return self.lost("the server's answer made no sense", exc)
        return b""

    def _answer(self, code: int, enhanced: str) -> bytes:
        if self._refusal is not None and self._ahead:
            return self._not_wanted_any_more(code)
        decides = self.phase in {"rset", "dot"}
        if not decides and code // 100 in GOOD:
            return self._go_on()
        given = named_in(self._reader.last_line) if self.phase == "dot" else ""
        reply = ServerReply(code=code, enhanced=enhanced, phase=self.phase, given_id=given)
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
            return self._unless_sent(self._recipient)
        if self.phase == "rcpt":
            self.phase = "data"
            return self._unless_sent(DATA)
        self.phase = "body"
        return self._letter

    def _unless_sent(self, command: bytes) -> bytes:
        if not self._ahead:
            return command
        self._ahead -= 1
        return b""

    def _refused(self, reply: ServerReply) -> bytes:
        """RSET, so the next letter finds a clean connection; one that is being closed (421) needs none."""
        if reply.code == 421:
            return self._end(reply)
        self._refusal = reply
        return b"" if self._ahead else self._begin_anew()

    def _not_wanted_any_more(self, code: int) -> bytes:
        """The answer to a command that went out together with the refused one."""
        self._ahead -= 1
        # A server that wants the letter all the same (RFC 2920 §3.1) is left: without a dot it has got nothing.
        if code in {354, 421}:
            self.spent = True
            self.ending = self._refusal
            return b""
        return b"" if self._ahead else self._begin_anew()

    def _begin_anew(self) -> bytes:
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
