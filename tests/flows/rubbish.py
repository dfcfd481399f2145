"""Things that end up in mailboxes and are hardly mails."""

_DEEP = b"".join(b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (n, n) for n in range(200))

#: In an order in which nothing is alike; none may stop the mails around it.
RUBBISH: tuple[bytes, ...] = (
    b"just words, and no header at all\r\n",
    b"\r\n",
    b"\r\n\r\n\r\nonly a body\r\n",
    bytes(range(1, 256)) * 4,
    b"Subject: the header never ends",
    b"Subject: " + b"x" * 60_000 + b"\r\n\r\nlong\r\n",
    b"From: \xff\xfe\xfd <\x80@\x81>\r\nSubject: \xe4\xf6\xfc\r\n\r\n\xff\r\n",
    b"Content-Type: text/plain; charset=klingon-8\r\n\r\n\xc3\x28\r\n",
    b"Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n====!!!!\r\n",
    b"Content-Type: multipart/mixed\r\n\r\nno boundary\r\n",
    b"Content-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\n",
    b"MIME-Version: 1.0\r\n" + _DEEP,
    b"Content-Type: message/rfc822\r\n\r\nContent-Type: message/rfc822\r\n\r\nContent-Type: message/rfc822\r\n\r\n",
    b"Date: the day before tomorrow\r\nFrom: @@@@\r\nTo: ,,,;;;<>\r\n\r\nwhen?\r\n",
    b"".join(b"X-%d: y\r\n" % n for n in range(5000)) + b"\r\nmany\r\n",
    b"From: a@example.org\r\nFrom: b@example.org\r\nFrom: c@example.org\r\n\r\nwho?\r\n",
    b"Content-Type: message/partial; id=x; number=2; total=9\r\n\r\nthe second part of nine\r\n",
    b"Content-Type: ;;;==;;\r\nContent-Disposition: ===\r\n\r\nparameters\r\n",
    b"Subject: =?utf-8?B?w7w=?= =?utf-8?Q?=C3?= =?x?y?z?= =?utf-8?B?\r\n\r\nwords\r\n",
    "Subject: wide\r\n\r\nwide".encode("utf-16"),
    b"From someone Fri Nov 27 16:00:00 2026\r\nSubject: from an mbox\r\n\r\n>From here\r\n",
    b"Content-Type: text/html\r\n\r\n" + b"<div>" * 5000 + b"deep\r\n",
    b"References: " + b"<a@b>" * 3000 + b"\r\n\r\nreferences\r\n",
    b"Content-Type: text/calendar\r\n\r\nBEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\n",
)
