"""Apple Mail: on the Mac, and on the iPhone with its famous last words."""

from functools import partial
from html import escape

from office.demo.clients.original import Original
from office.demo.clients.quoting import html_lines, inside_body, marked, plain_text
from office.demo.clients.writing import (
    Answer,
    Client,
    common_headers,
    fits_a_line,
    message,
    multipart,
    smallest_charset,
    text_part,
    with_files,
)

INVISIBLE = "\ufeff"  #: the iPhone begins its quote with it
UTF8 = '<html><head><meta http-equiv="content-type" content="text/html; charset=utf-8"></head>'
#: (date pattern, attribution, last words of the phone) in each language.
LANGUAGES = {
    "en": ("MMM d, y, 'at' h:mm\u202fa", "On {when}, {who} wrote:", "Sent from my iPhone"),
    "es": ("d MMM y, 'a las' H:mm", "El {when}, {who} escribió:", "Enviado desde mi iPhone"),
    "ar": ("dd/MM/y، 'الساعة' h:mm a", "في {when}، كتب/كتبت {who}:", "مُرسل من الـ iPhone"),
    "zh": ("y年M月d日 HH:mm", "{when}，{who} 写道：", "发自我的iPhone"),
}


def write_mac(answer: Answer, *, language: str) -> bytes:
    """Apple Mail: the attribution stands inside the quote, so its line begins with `>` in the text part."""
    text, html = answer.words + "\n", "<br>".join(html_lines(answer.words))
    if answer.original:
        line = _attribution(answer, answer.original, language)
        text += "\n" + marked(f"{line}\n\n{_quoted_text(answer.original)}", blank="> ", width=998)
        html += (
            '<br id="lineBreakAtBeginningOfMessage"><div><br><blockquote type="cite"><div>'
            f'{escape(line, quote=False)}</div><br class="Apple-interchange-newline"><div>'
            f"{_quoted_html(answer.original)}</div></blockquote></div><br>"
        )
    style = "overflow-wrap: break-word; -webkit-nbsp-mode: space; line-break: after-white-space;"
    page = f'{UTF8}<body style="{style}">{html}</body></html>'
    mailer = (
        ("Mime-Version", "1.0 (Mac OS X Mail 16.0 \\(3826.300.87.4.3\\))"),
        ("X-Mailer", "Apple Mail (2.3826.300.87.4.3)"),
    )
    return _sealed(answer, mailer, f"Apple-Mail=_{answer.uuid('boundary').upper()}", (text, page))


def write_phone(answer: Answer, *, language: str) -> bytes:
    """IPhone Mail: last words between the author's words and the quote, and an invisible sign where it begins."""
    last = LANGUAGES[language][2]
    text = f"{answer.words}\n\n{last}\n"
    html = (
        f'{"<br>".join(html_lines(answer.words))}<br id="lineBreakAtBeginningOfSignature"><div dir="ltr">{last}</div>'
    )
    if answer.original:
        line = _attribution(answer, answer.original, language)
        quoted = f"{line}\n\n{INVISIBLE}{_quoted_text(answer.original)}"
        text += "\n" + marked(quoted, blank="> ", width=998)
        html += (
            f'<div dir="ltr"><br><blockquote type="cite">{escape(line, quote=False)}<br><br></blockquote></div>'
            f'<blockquote type="cite"><div dir="ltr">{INVISIBLE}{_quoted_html(answer.original)}</div></blockquote>'
        )
    mailer = (("Mime-Version", "1.0 (1.0)"), ("X-Mailer", "iPhone Mail (22F76)"))
    page = f'{UTF8}<body dir="auto">{html}</body></html>'
    return _sealed(answer, mailer, f"Apple-Mail-{answer.uuid('boundary').upper()}", (text, page))


def _sealed(answer: Answer, mailer: tuple[tuple[str, str], ...], boundary: str, texts: tuple[str, str]) -> bytes:
    """Text and HTML, in ASCII where the words allow it."""
    text, html = texts
    headers = (*common_headers(answer, f"<{answer.uuid('id').upper()}@example.org>"), *mailer)
    charset = smallest_charset(text, "us-ascii", "utf-8")
    encoding = "none" if charset == "us-ascii" and fits_a_line(text) else "quoted-printable"
    parts = (text_part("plain", text, charset, encoding), text_part("html", html, "utf-8", "quoted-printable"))
    body = multipart("alternative", boundary, parts)
    return message(headers, with_files(answer, body, boundary.replace("-Mail", "-Mail-Files")))


def _attribution(answer: Answer, original: Original, language: str) -> str:
    pattern, line, _ = LANGUAGES[language]
    return line.format(when=answer.original_date(pattern, language), who=original.shown_from)


def _quoted_text(original: Original) -> str:
    return plain_text(original.html) or original.text


def _quoted_html(original: Original) -> str:
    return inside_body(original.html) or escape(original.text, quote=False).replace("\n", "<br>")


def _phone(name: str, language: str, how: str) -> Client:
    return Client(name=name, how=how, language=language, write=partial(write_phone, language=language))


CLIENTS = (
    Client(
        name="apple-mail",
        how="Everything of the quote in `blockquote type=cite`, its attribution too: even that line begins with `>`.",
        language="en",
        write=partial(write_mac, language="en"),
    ),
    _phone("iphone", "en", "`Sent from my iPhone` stands between the words and the quote."),
    _phone("iphone-es", "es", "The same with `Enviado desde mi iPhone` and `escribió:`."),
    _phone("iphone-ar", "ar", "The same in Arabic, `body dir=auto`."),
    _phone(
        "iphone-zh", "zh", "The same with `发自我的iPhone`; the date comes first and a full-width colon ends the line."
    ),
)
