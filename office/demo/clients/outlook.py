"""Outlook: the desktop program that thinks in Word, the web, and the phone."""

import base64
import hashlib
import re
from functools import partial
from html import escape

from office.demo.clients.original import Original
from office.demo.clients.quoting import html_lines, inside_body, plain_text, renamed
from office.demo.clients.writing import (
    Answer,
    Client,
    common_headers,
    message,
    multipart,
    smallest_charset,
    text_part,
    with_files,
)

RULE = "_" * 32
META = '<html>\n<head>\n<meta http-equiv="Content-Type" content="text/html; charset={}">\n</head>'
LINK = "<{}>"
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
#: From, Sent, To, Subject, the date, and the prefix of an answer's subject.
LABELS = {
    "en": ("From:", "Sent:", "To:", "Subject:", "EEEE, MMMM d, y h:mm a", "RE: "),
    "es": ("De:", "Enviado:", "Para:", "Asunto:", "EEEE, d 'de' MMMM 'de' y H:mm", "RE: "),
    "ar": ("من:", "تاريخ الإرسال:", "إلى:", "الموضوع:", "EEEE، d MMMM، y h:mm a", "رد: "),
    "zh": ("发件人:", "发送时间:", "收件人:", "主题:", "y年M月d日 H:mm", "答复: "),
}
WORD_HEAD = (
    '<html xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-microsoft-com:office:office" '
    'xmlns:w="urn:schemas-microsoft-com:office:word" xmlns:m="http://schemas.microsoft.com/office/2004/12/omml" '
    'xmlns="http://www.w3.org/TR/REC-html40">\n<head>\n'
    '<meta http-equiv="Content-Type" content="text/html; charset={charset}">\n'
    '<meta name="Generator" content="Microsoft Word 15 (filtered medium)">\n'
    "<style><!--\n/* Font Definitions */\n@font-face\n\t{{font-family:Calibri;\n\tpanose-1:2 15 5 2 2 2 4 3 2 4;}}\n"
    "/* Style Definitions */\np.MsoNormal, li.MsoNormal, div.MsoNormal\n\t{{margin:0in;\n\tfont-size:11.0pt;\n"
    '\tfont-family:"Calibri",sans-serif;}}\nspan.EmailStyle19\n\t{{mso-style-type:personal-reply;}}\n'
    "div.WordSection1\n\t{{page:WordSection1;}}\n--></style>\n</head>\n"
)


def write_desktop(answer: Answer, *, language: str) -> bytes:
    """Word's HTML: no id or class marks the quote, only a rule and bold labels."""
    text = answer.words + "\n"
    if answer.original:
        text += f"\n{_labels_text(answer, language)}\n\n{_quoted_text(answer)}"
    html = _word_html(answer, language)
    charset = smallest_charset(text + html, "us-ascii", "iso-8859-1", "utf-8")
    html = WORD_HEAD.format(charset=charset) + html
    return _sealed(answer, language, (text, html), charset, (("X-Mailer", "Microsoft Outlook 16.0"),))


def write_web(answer: Answer, *, language: str) -> bytes:
    """Outlook on the web and the new Outlook: a rule, then `divRplyFwdMsg`, then the letter beside it."""
    lines = "".join(
        f'<div class="elementToProof" style="font-family: Aptos, Calibri, sans-serif; font-size: 12pt;">{line}</div>\n'
        for line in html_lines(answer.words)
    )
    html = lines
    if answer.original:
        html += (
            '<div id="appendonsend"></div>\n<hr style="display:inline-block;width:98%" tabindex="-1">\n'
            + _reply_header(answer, answer.original, language)
            + f"<div>\n{_quoted_html(answer.original)}\n</div>\n"
        )
    text = _text_words(answer.words, _under_the_rule(answer, language))
    charset = smallest_charset(text + html, "us-ascii", "Windows-1252", "utf-8")
    direction = "rtl" if language == "ar" else "ltr"
    page = f'{META.format(charset)}\n<body dir="{direction}">\n{html}</body>\n</html>'
    return _sealed(answer, language, (text, page), charset)


def write_phone(answer: Answer, *, language: str) -> bytes:
    """Outlook for iOS: its own signature stands between the words and the rule."""
    advert = 'Get <a href="https://aka.ms/o0ukef">Outlook for iOS</a>'
    lines = "".join(f'<div dir="auto">{line}</div>\n' for line in html_lines(answer.words))
    html = (
        f'{lines}<div id="ms-outlook-mobile-body-separator-line" dir="ltr"><br></div>\n'
        f'<div class="ms-outlook-mobile-signature" id="ms-outlook-mobile-signature" dir="ltr">{advert}</div>\n'
    )
    if answer.original:
        html += (
            '<div id="mail-editor-reference-message-container" '
            'class="ms-outlook-mobile-reference-message skipProofing">'
            '<hr style="display: inline-block; width: 98%;">\n'
            + _reply_header(answer, answer.original, language)
            + f"{_quoted_html(answer.original)}</div>\n"
        )
    text = _text_words(
        answer.words, ["\nGet Outlook for iOS<https://aka.ms/o0ukef>", *_under_the_rule(answer, language)]
    )
    page = f"{META.format('utf-8')}\n<body>\n{html}</body>\n</html>"
    return _sealed(answer, language, (text, page), "utf-8")


def _sealed(
    answer: Answer, language: str, texts: tuple[str, str], charset: str, more: tuple[tuple[str, str], ...] = ()
) -> bytes:
    server = f"{answer.chance('server', 12, LETTERS)}.eurprd04.prod.outlook.example"
    message_id = f"<{answer.chance('id', 28, LETTERS)}@{server}>"
    topic = answer.original.subject if answer.original else answer.subject
    index = hashlib.sha256(topic.encode()).digest()[:22]
    headers = (
        *common_headers(answer, message_id, LABELS[language][5]),
        ("Thread-Topic", topic),
        ("Thread-Index", base64.b64encode(index + bytes.fromhex(answer.chance("index", 10))).decode()),
        ("Accept-Language", {"en": "en-US", "es": "es-ES", "ar": "ar-SA", "zh": "zh-CN"}[language]),
        # Exchange puts this on people's mail too: it does not make a mail automatic.
        ("X-Auto-Response-Suppress", "DR, OOF, AutoReply" if more else ""),
        ("X-MS-Has-Attach", "yes" if answer.files else ""),
        *more,
        ("MIME-Version", "1.0"),
    )
    text, html = texts
    encoding = "base64" if language in {"ar", "zh"} else "quoted-printable"
    parts = (text_part("plain", text, charset, encoding), text_part("html", html, charset, encoding))
    boundary = f"_000_{answer.chance('boundary', 40, LETTERS)}_"
    body = multipart("alternative", boundary, parts)
    return message(headers, with_files(answer, body, boundary.replace("_000_", "_004_")))


def _word_html(answer: Answer, language: str) -> str:
    end = "<o:p></o:p></p>\n"
    space = '<p class="MsoNormal"><o:p>&nbsp;</o:p></p>\n'
    lines = (line.replace("<br>", "&nbsp;") for line in html_lines(answer.words))
    html = "".join(f'<p class="MsoNormal">{line}{end}' for line in lines)
    if answer.original:
        bold = "<br>\n".join(
            f"<b>{label}</b> {escape(value)}" for label, value in _labels(answer, answer.original, language)
        )
        html += (
            f'{space}<div>\n<div style="border:none;border-top:solid #E1E1E1 1.0pt;padding:3.0pt 0in 0in 0in">\n'
            f'<p class="MsoNormal">{bold}{end}</div>\n</div>\n{space}{_wordy(answer.original)}\n'
        )
    direction = ' dir="RTL"' if language == "ar" else ""
    return (
        f'<body lang="EN-US" link="#0563C1" vlink="#954F72" style="word-wrap:break-word"{direction}>\n'
        f'<div class="WordSection1">\n{html}</div>\n</body>\n</html>'
    )


def _wordy(original: Original) -> str:
    """The quoted letter as Word writes it again: paragraphs become MsoNormal, classes of the letter go."""
    html = re.sub(r"\s(?:class|id)=([\"'])[^\"']*\1", "", inside_body(original.html) or _text_as_html(original.text))
    html = re.sub(r"<p\b[^>]*>", '<p class="MsoNormal">', html)
    return html.replace("</p>", "<o:p></o:p></p>")


def _reply_header(answer: Answer, original: Original, language: str) -> str:
    bold = "<br>\n".join(f"<b>{label}</b> {escape(value)}" for label, value in _labels(answer, original, language))
    return (
        '<div id="divRplyFwdMsg" dir="ltr"><font face="Calibri, sans-serif" style="font-size:11pt" color="#000000">'
        f"{bold}</font>\n<div>&nbsp;</div>\n</div>\n"
    )


def _quoted_html(original: Original) -> str:
    """Web and phone put x_ before the letter's classes and ids."""
    return renamed(inside_body(original.html), "x_") or _text_as_html(original.text)


def _text_as_html(text: str) -> str:
    return "".join(f"<p>{escape(line) or '&nbsp;'}</p>\n" for line in text.split("\n"))


def _under_the_rule(answer: Answer, language: str) -> list[str]:
    return [RULE, _labels_text(answer, language), "", _quoted_text(answer)] if answer.original else []


def _labels_text(answer: Answer, language: str) -> str:
    original = answer.original
    return "\n".join(f"{label} {value}" for label, value in _labels(answer, original, language)) if original else ""


def _labels(answer: Answer, original: Original, language: str) -> list[tuple[str, str]]:
    from_label, sent, to, subject, pattern, _ = LABELS[language]
    return [
        (from_label, original.shown_from),
        (sent, answer.original_date(pattern, language)),
        (to, original.shown_to),
        (subject, original.subject),
    ]


def _quoted_text(answer: Answer) -> str:
    if answer.original is None:
        return ""
    return plain_text(answer.original.html, link=LINK) or answer.original.text


def _text_words(words: str, rest: list[str]) -> str:
    return "\n".join([words, *rest]) + "\n"


CLIENTS = (
    Client(
        name="outlook-desktop",
        how="Word's HTML in the smallest charset; a grey rule and bold From, Sent, To, Subject; nothing marked.",
        language="en",
        write=partial(write_desktop, language="en"),
    ),
    Client(
        name="outlook-desktop-es",
        how="The same with De, Enviado, Para, Asunto, in iso-8859-1.",
        language="es",
        write=partial(write_desktop, language="es"),
    ),
    Client(
        name="outlook-web",
        how="`divRplyFwdMsg` after a rule; the quoted letter stands beside it with x_ before its classes.",
        language="en",
        write=partial(write_web, language="en"),
    ),
    Client(
        name="outlook-web-ar",
        how="The same right to left, in base64, with Arabic labels and `رد:` as prefix.",
        language="ar",
        write=partial(write_web, language="ar"),
    ),
    Client(
        name="outlook-ios",
        how="`Get Outlook for iOS` between the words and the rule; the quote in a container with an id.",
        language="en",
        write=partial(write_phone, language="en"),
    ),
)
