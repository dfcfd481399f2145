"""Gmail, on the web and on Android, in four languages."""

from functools import partial
from html import escape

from office.demo.clients.original import Original
from office.demo.clients.quoting import html_lines, inside_body, marked, plain_text, renamed, wrapped
from office.demo.clients.writing import (
    BASE62,
    Answer,
    Client,
    Part,
    common_headers,
    message,
    multipart,
    text_part,
    with_files,
)

#: (date pattern, attribution with {when} {name} {address}) as Gmail writes it in each language.
ATTRIBUTIONS = {
    "en": ("EEE, MMM d, y 'at' h:mm\u202fa", "On {when} {name} <{address}> wrote:"),
    "es": ("EEE, d MMM y 'a las' H:mm", "El {when}, {name} (<{address}>) escribió:"),
    "ar": (
        "EEEE، d MMMM y 'في' h:mm a",
        "في {when} تمت كتابة ما يلي بواسطة \u202a{name}\u202c\u200f <\u202a{address}\u202c\u200f>:",
    ),
    "zh": ("y年M月d日EEE HH:mm", "{name} <{address}> 于{when}写道："),
}


def write(answer: Answer, *, language: str, on_phone: bool, signature: bool = False) -> bytes:
    """The mail as Gmail sends it: alternative text and HTML, both in UTF-8."""
    headers = (
        ("MIME-Version", "1.0"),
        *common_headers(answer, f"<CA{answer.chance('id', 58, BASE62 + '-_+=')}@mail.gmail.com>"),
    )
    boundary = f"000000000000{answer.chance('boundary', 16)}"
    body = multipart(
        "alternative",
        boundary,
        (text_part("plain", _text(answer, language, signature)), _html(answer, language, on_phone, signature)),
    )
    return message(headers, with_files(answer, body, f"000000000000{answer.chance('mixed', 16)}"))


def _text(answer: Answer, language: str, signature: bool) -> str:
    pieces = ["\n".join(piece for line in answer.words.split("\n") for piece in wrapped(line))]
    if signature:
        pieces.append(f"-- \n{answer.author[0]}")
    if answer.original:
        attribution = "\n".join(wrapped(_attribution(answer, answer.original, language).replace(" <", " <\x00")))
        quoted = plain_text(answer.original.html, bold="*") or answer.original.text
        pieces += [attribution.replace("\x00", ""), marked(quoted)]
    return "\n\n".join(pieces) + "\n"


def _html(answer: Answer, language: str, on_phone: bool, signature: bool) -> Part:
    first, *rest = html_lines(answer.words)
    direction = "auto" if on_phone else "rtl" if language == "ar" else "ltr"
    # The phone writes each line in a div of its own; the web leaves the first one bare.
    lines = "".join(f'<div dir="auto">{line}</div>' if on_phone else f"<div>{line}</div>" for line in rest)
    html = f'<div dir="{direction}">{first}{lines}</div>'
    if signature:
        html += (
            '<br><span class="gmail_signature_prefix">-- </span><br><div dir="ltr" class="gmail_signature" '
            f'data-smartmail="gmail_signature">{escape(answer.author[0])}</div>'
        )
    if answer.original:
        html += _quote(answer, answer.original, language)
    return text_part("html", html, encoding="base64" if language in {"ar", "zh"} else "quoted-printable")


def _quote(answer: Answer, original: Original, language: str) -> str:
    line = escape(_attribution(answer, original, language), quote=False)
    link = f'&lt;<a href="mailto:{original.from_address}">{original.from_address}</a>&gt;'
    line = line.replace(f"&lt;{original.from_address}&gt;", link)
    # Gmail puts m_ and a number before every class, and drops the letter's own style sheet.
    quoted = renamed(inside_body(original.html), f"m_-{answer.chance('class', 19, '0123456789')}")
    quoted = quoted or escape(original.text, quote=False).replace("\n", "<br>\n")
    return (
        '<br><div class="gmail_quote gmail_quote_container"><div dir="ltr" class="gmail_attr">'
        f'{line}<br></div><blockquote class="gmail_quote" style="margin:0px 0px 0px 0.8ex;'
        f'border-left:1px solid rgb(204,204,204);padding-left:1ex"><u></u>{quoted}</blockquote></div>'
    )


def _attribution(answer: Answer, original: Original, language: str) -> str:
    pattern, line = ATTRIBUTIONS[language]
    name = original.from_name or original.from_address
    return line.format(when=answer.original_date(pattern, language), name=name, address=original.from_address)


def _client(name: str, how: str, language: str = "en", *, on_phone: bool = False, signature: bool = False) -> Client:
    return Client(
        name=name,
        how=how,
        language=language,
        write=partial(write, language=language, on_phone=on_phone, signature=signature),
    )


CLIENTS = (
    _client("gmail-web", "Words on top, then `On … wrote:` folded over two lines, then everything behind `>`."),
    _client("gmail-android", "As on the web, but every line is a `div dir=auto` of its own.", on_phone=True),
    _client("gmail-es", "`El vie, … escribió:`, with a signature after `-- ` above the quote.", "es", signature=True),
    _client("gmail-ar", "Right to left, with direction marks around name and address in the attribution.", "ar"),
    _client("gmail-zh", "The name comes first: `… 于2026年11月27日周五 16:00写道：`.", "zh"),
)
