"""Thunderbird: format=flowed text, and `moz-cite-prefix` in its HTML."""

from html import escape

from office.demo.clients.original import Original
from office.demo.clients.quoting import html_lines, inside_body, marked, plain_text, wrapped
from office.demo.clients.writing import (
    BASE62,
    Answer,
    Client,
    common_headers,
    fits_a_line,
    message,
    multipart,
    text_part,
    with_files,
)


def write(answer: Answer) -> bytes:
    """Text in UTF-8 as it is (8bit), soft line ends with a blank before them (RFC 3676 §4.2)."""
    text = "\n".join(" \n".join(wrapped(line, 72)) for line in answer.words.split("\n")) + "\n"
    html = "".join(f"<p>{line}</p>\n" for line in html_lines(answer.words))
    if answer.original:
        line = _attribution(answer, answer.original)
        text += f"\n{line}\n" + marked(plain_text(answer.original.html, bold="*") or answer.original.text, width=998)
        cite = escape(answer.original.message_id.strip("<>"))
        letter = inside_body(answer.original.html) or f"<pre>{escape(answer.original.text, quote=False)}</pre>"
        html += (
            f'<div class="moz-cite-prefix">{escape(line, quote=False)}<br>\n</div>\n'
            f'<blockquote type="cite" cite="mid:{cite}">\n{letter}\n</blockquote>\n<br>\n'
        )
    page = (
        "<!DOCTYPE html>\n<html>\n<head>\n"
        '<meta http-equiv="Content-Type" content="text/html; charset=UTF-8">\n</head>\n'
        f"<body>\n{html}</body>\n</html>"
    )
    headers = (
        ("Content-Language", "en-GB"),
        ("MIME-Version", "1.0"),
        ("User-Agent", "Mozilla Thunderbird"),
        *common_headers(answer, f"<{answer.uuid('id')}@example.org>"),
    )
    boundary = f"------------{answer.chance('boundary', 24, BASE62)}"
    parts = (
        text_part("plain", text, encoding="8bit" if fits_a_line(text) else "base64", more="; format=flowed"),
        text_part("html", page, encoding="8bit" if fits_a_line(page) else "quoted-printable"),
    )
    return message(headers, with_files(answer, multipart("alternative", boundary, parts), boundary + "0"))


def _attribution(answer: Answer, original: Original) -> str:
    return f"On {answer.original_date('dd/MM/y HH:mm', 'en')}, {original.from_name or original.from_address} wrote:"


CLIENTS = (
    Client(
        name="thunderbird",
        how="format=flowed text with `>`; HTML with moz-cite-prefix; no address in the attribution.",
        language="en",
        write=write,
    ),
)
