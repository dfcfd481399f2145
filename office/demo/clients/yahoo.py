"""Yahoo Mail on the web: its text part quotes without any mark."""

from html import escape

from office.demo.clients.quoting import html_lines, inside_body, plain_text, renamed
from office.demo.clients.writing import Answer, Client, common_headers, message, multipart, text_part, with_files

FONT = "font-family:Helvetica Neue, Helvetica, Arial, sans-serif;font-size:13px;"


def write(answer: Answer) -> bytes:
    """Words, then `On … wrote:` behind blanks, then the letter, each line behind a blank and nothing else."""
    text = answer.words + "\n"
    html = f'<div class="ydp{answer.chance("ydp", 7)}yahoo-style-wrap" style="{FONT}">'
    html += "".join(f'<div dir="ltr" data-setdir="false">{line}</div>' for line in html_lines(answer.words))
    html += "<div><br></div></div>"
    if answer.original:
        who = answer.original.shown_from
        when = answer.original_date("EEEE, MMMM d, y 'at' hh:mm:ss a z", "en")
        line = f"On {when}, {who} wrote:"
        quoted = plain_text(answer.original.html, link=" ({})") or answer.original.text
        text += f"\n    {line}  \n \n " + quoted.replace("\n", "\n ") + "  "
        number = answer.chance("quoted", 10, "0123456789")
        letter = renamed(inside_body(answer.original.html), f"yiv{number}")
        letter = letter or escape(answer.original.text, quote=False).replace("\n", "<br>")
        html += (
            f'<div id="yahoo_quoted_{number}" class="yahoo_quoted"><div style="{FONT}color:#26282a;">'
            f"<div>{escape(line)}</div><div><br></div><div><br></div>"
            f'<div><div id="yiv{number}"><div>{letter}</div></div></div></div></div>'
        )
    page = f"<html><head></head><body>{html}</body></html>"
    message_id = f"<{answer.chance('id', 10, '123456789')}.{answer.chance('id2', 7, '123456789')}@mail.yahoo.com>"
    headers = (*common_headers(answer, message_id), ("MIME-Version", "1.0"), ("X-Mailer", "WebService/1.1 YMailNorrin"))
    boundary = f"----=_Part_{answer.chance('boundary', 7, '0123456789')}_{answer.chance('b2', 9, '0123456789')}"
    body = multipart("alternative", boundary, (text_part("plain", text), text_part("html", page)))
    return message(headers, with_files(answer, body, boundary + ".mixed"))


CLIENTS = (
    Client(
        name="yahoo",
        how="The text part quotes without marks, each line behind one blank; HTML: `yahoo_quoted` and a number.",
        language="en",
        write=write,
    ),
)
