"""SMTP replies out of bytes, without a socket: RFC 5321 §4.2.1, several lines and pieces of lines included."""

import re

REPLY_LINE = re.compile(rb"([2-5]\d\d)(?:([ -])(?:([245]\.\d{1,3}\.\d{1,3})(?=\s|$))?.*)?", re.DOTALL)
WHOLE_REPLY = re.compile(rb"([2-5]\d\d)(?: (?:([245]\.\d{1,3}\.\d{1,3})(?=[ \t\r]))?[^\r\n]*)?\r\n")
MAX_REPLY = 64 * 1024  # a server that says more than that is not answering us


class NoReply(ValueError):  # noqa: N818 - it says what the bytes are not
    """These bytes are no SMTP reply."""


class ReplyReader:
    """Feed it what arrives; it gives (code, enhanced code) once a reply is complete."""

    def __init__(self) -> None:
        self.last_line = b""  #: of the reply that was complete last
        self._rest = b""
        self._size = 0

    @property
    def holds_more(self) -> bool:
        """Is there something that came together with the last reply?"""
        return bool(self._rest)

    def feed(self, data: bytes, *, more: bool = False) -> tuple[int, str] | None:
        """The reply that *data* completes, None while lines are missing; NoReply for anything else.

        The text is left out on purpose: servers write addresses into it, and we keep none. Nothing may follow a reply
        we did not ask for yet (RFC 3207 §5 on injected answers); with *more*, further ones were asked for, and wait
        here for the next call.
        """
        self._size += len(data)
        data = self._rest + data if self._rest else data
        whole = WHOLE_REPLY.match(data)
        if whole and (more or whole.end() == len(data)):  # nearly every reply is one line at once
            self._rest = data[whole.end() :]
            self._size = len(self._rest)
            self.last_line = whole[0]
            return int(whole[1]), (whole[2] or b"").decode("ascii")
        self._rest = data
        if self._size > MAX_REPLY:
            raise NoReply("the reply does not end")
        while b"\n" in self._rest:
            line, _, self._rest = self._rest.partition(b"\n")
            found = REPLY_LINE.fullmatch(line.rstrip(b"\r"))
            if not found:
                raise NoReply("not a reply")
            if found[2] == b"-":
                continue
            if self._rest and not more:
                raise NoReply("more than one reply at once")
            self._size = len(self._rest)
            self.last_line = line
            return int(found[1]), (found[3] or b"").decode("ascii")
        return None
