"""Proton Mail on the web: `protonmail_quote`, an advert for a signature, and a date with `th`."""

from html import escape

from office.demo.clients.quoting import html_lines, inside_body, marked, plain_text
from office.demo.clients.writing import (
    BASE62,
    Answer,
    Client,
    common_headers,
    message,
    multipart,
    text_part,
    with_files,
)

FONT = "font-family: Arial, sans-serif; font-size: 14px;"


def write(answer: Answer) -> bytes:
    """Words, the advert, `On Friday, November 27th, 2026 at 4:00 PM, … wrote:`, and the letter behind `>`; base64."""
    advert = "Sent with Proton Mail secure email."
    text = f"{answer.words}\n\n{advert}\n"
    html = "".join(f'<div style="{FONT}">{line}</div>' for line in html_lines(answer.words))
    html += (
        f'<div style="{FONT}"><br></div><div class="protonmail_signature_block" style="{FONT}">'
        f'<div class="protonmail_signature_block-proton">{advert}</div></div>'
    )
    if answer.original:
        day = int(answer.original_date("d", "en") or 0)
        when = answer.original_date(f"EEEE, MMMM d'{ordinal(day)}', y 'at' h:mm a", "en")
        line = f"On {when}, {answer.original.shown_from} wrote:"
        text += f"\n{line}\n\n" + marked(
            plain_text(answer.original.html) or answer.original.text, blank="> ", width=998
        )
        letter = inside_body(answer.original.html) or escape(answer.original.text, quote=False).replace("\n", "<br>")
        html += (
            f'<div class="protonmail_quote">{escape(line)}<br><br>'
            f'<blockquote class="protonmail_quote" type="cite">{letter}</blockquote><br></div>'
        )
    headers = (
        *common_headers(answer, f"<{answer.chance('id', 66, BASE62 + '_-')}=@proton.me>"),
        ("Feedback-ID", f"{answer.chance('feedback', 8, '0123456789')}:user:proton"),
        ("MIME-Version", "1.0"),
    )
    parts = (text_part("plain", text, encoding="base64"), text_part("html", html, encoding="base64"))
    boundary = f"b1_{answer.chance('boundary', 40, BASE62)}"
    return message(headers, with_files(answer, multipart("alternative", boundary, parts), boundary.replace("b1", "b0")))


def ordinal(day: int) -> str:
    return "th" if day in {11, 12, 13} else {1: "st", 2: "nd", 3: "rd"}.get(day % 10, "th")


CLIENTS = (
    Client(
        name="proton",
        how="An advert for a signature above the quote; `27th` in the date; everything in base64.",
        language="en",
        write=write,
    ),
)
