"""QQ Mail: Chinese labels under a dashed rule, in gb18030."""

from html import escape

from office.demo.clients.quoting import html_lines, inside_body, plain_text
from office.demo.clients.writing import Answer, Client, common_headers, message, multipart, text_part, with_files

RULE = "------------------ 原始邮件 ------------------"


def write(answer: Answer) -> bytes:
    """Words, a gap, the rule, four labels, and the letter without marks."""
    text = answer.words + "\n"
    html = "".join(f"<div>{line}</div>" for line in html_lines(answer.words))
    if answer.original:
        original = answer.original
        fields = (
            f'发件人: "{original.from_name}" <{original.from_address}>;',
            f"发送时间: {answer.original_date('y年M月d日(EEEE) ah:mm', 'zh')}",
            f'收件人: "{original.to_name}" <{original.to_address}>;',
            f"主题: {original.subject}",
        )
        text += "\n\n\n\n" + "\n".join((RULE, *fields, "", "", "", plain_text(original.html) or original.text))
        letter = inside_body(original.html) or escape(original.text, quote=False).replace("\n", "<br>")
        html += (
            '<div><br></div><div><br></div><div style="font-size: 12px;font-family: Arial Narrow;padding:2px 0 2px 0;">'
            f'{RULE.replace(" ", "&nbsp;")}</div><div style="font-size: 12px;background:#efefef;padding:8px;"><div>'
            f"{'</div><div>'.join(map(escape, fields))}</div></div><div><br></div>{letter}"
        )
    meta = '<meta http-equiv="Content-Type" content="text/html; charset=GB18030">'
    message_id = f"<tencent_{answer.chance('id', 40, '0123456789ABCDEF')}@qq.com>"
    headers = (
        *common_headers(answer, message_id, "回复："),
        ("X-QQ-mid", f"webmail{answer.chance('mid', 12, '0123456789')}"),
        ("Mime-Version", "1.0"),
        ("X-Mailer", "QQMail 2.x"),
    )
    parts = (text_part("plain", text, "gb18030", "base64"), text_part("html", meta + html, "gb18030", "base64"))
    body = multipart("alternative", f"----=_NextPart_{answer.chance('boundary', 8).upper()}_00000001", parts)
    return message(headers, with_files(answer, body, f"----=_NextPart_{answer.chance('mixed', 8).upper()}_00000002"))


CLIENTS = (
    Client(
        name="qq",
        how="`------------------ 原始邮件 ------------------` and four labels; gb18030; prefix `回复：`.",
        language="zh",
        write=write,
    ),
)
