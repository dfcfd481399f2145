"""Samsung Email on a Galaxy phone: `Original message` between dashes, and nothing else marked."""

from html import escape

from office.demo.clients.quoting import html_lines, inside_body, plain_text
from office.demo.clients.writing import Answer, Client, common_headers, message, multipart, text_part, with_files

RULE = "-------- Original message --------"


def write(answer: Answer) -> bytes:
    """Words, `Sent from my Galaxy`, the rule, From, Date, To, Subject, and the letter without marks; all in base64."""
    text = f"{answer.words}\n\n\nSent from my Galaxy\n"
    html = "".join(f'<div dir="auto">{line}</div>' for line in html_lines(answer.words))
    html += '<div dir="auto"><br></div><div id="composer_signature" dir="auto"><div dir="auto">'
    html += "Sent from my Galaxy</div></div>"
    if answer.original:
        when = f"{answer.original_date('M/d/yy', 'en')}  {answer.original_date('h:mm a', 'en')}  ({answer.at:GMT%z})"
        fields = (
            f"From: {answer.original.shown_from} ",
            f"Date: {when} ",
            f"To: {answer.original.shown_to} ",
            f"Subject: {answer.original.subject} ",
        )
        quoted = plain_text(answer.original.html, link=" [{}]") or answer.original.text
        text += "\n".join(("", "", RULE, *fields, "", quoted))
        letter = inside_body(answer.original.html) or escape(answer.original.text, quote=False).replace("\n", "<br>")
        html += (
            '<div><br></div><div align="left" dir="auto" style="font-size:100%;color:#000000"><div>'
            f"{RULE}</div><div>{'</div><div>'.join(map(escape, fields))}</div><div><br></div></div>{letter}"
        )
    meta = '<meta http-equiv="Content-Type" content="text/html; charset=UTF-8">'
    page = f'<html><head>{meta}</head><body dir="auto">{html}</body></html>'
    message_id = (
        f"<{answer.chance('id', 24, 'abcdefghijklmnopqrstuvwxyz0123456789')}.{answer.at:%s}000@email.android.com>"
    )
    headers = (*common_headers(answer, message_id), ("MIME-Version", "1.0"))
    parts = (text_part("plain", text, encoding="base64"), text_part("html", page, encoding="base64"))
    body = multipart(
        "alternative", f"--_com.samsung.android.email_{answer.chance('boundary', 16, '0123456789')}", parts
    )
    return message(
        headers, with_files(answer, body, f"--_com.samsung.android.email_{answer.chance('mixed', 15, '0123456789')}")
    )


CLIENTS = (
    Client(
        name="samsung",
        how="`-------- Original message --------` with From, Date, To, Subject; quoted without marks; base64.",
        language="en",
        write=write,
    ),
)
