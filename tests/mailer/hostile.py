"""Words somebody may try to get into a letter, and a reader that says what of it would be live."""

from html.parser import HTMLParser

VECTORS = (
    "<script>alert(1)</script>",
    "</td></tr></table><script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<img src='https://t.test/p.gif' width=1 height=1>",
    "<svg/onload=alert(1)>",
    "<svg><script>alert&#40;1&#41;</script></svg>",
    "<math><mtext></mtext><mglyph><style></math><img src onerror=alert(1)>",
    "<iframe src=javascript:alert(1)></iframe>",
    "<object data='javascript:alert(1)'></object>",
    "<embed src=javascript:alert(1)>",
    "<a href='javascript:alert(1)'>x</a>",
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt:alert(1))",
    "[x](java&#10;script:alert(1))",
    "[x](data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==)",
    "[x](vbscript:msgbox(1))",
    '[x](https://ok.test" onmouseover="alert(1))',
    "[x](<https://ok.test/ onclick=alert(1)>)",
    "![x](https://t.test/p.gif)",
    "![x](javascript:alert(1))",
    "![<img src=x onerror=alert(1)>](x)",
    '<https://ok.test/"onclick=alert(1)>',
    "<style>@import 'https://t.test/a.css';</style>",
    "<link rel=stylesheet href=https://t.test/a.css>",
    "<meta http-equiv=refresh content='0;url=https://t.test'>",
    "<base href=https://t.test>",
    "<form action=https://t.test><input name=a></form>",
    "<body onload=alert(1)>",
    "<div style='background:url(https://t.test/p.gif)'>x</div>",
    "<table background=https://t.test/p.gif>",
    "<!--[if mso]><script>alert(1)</script><![endif]-->",
    "--><script>alert(1)</script>",
    "<!--",
    "<![CDATA[<script>alert(1)</script>]]>",
    "<mj-raw><script>alert(1)</script></mj-raw>",
    "{{ school.__class__ }}",
    "{% for x in range(10) %}x{% endfor %}",
    "[[ ''.__class__ ]]",
    "jx0001xj",
    "<!--jx0001xj-->",
    '" onmouseover="alert(1)',
    "' onmouseover='alert(1)",
    '"><script>alert(1)</script>',
    "&#60;script&#62;alert(1)&#60;/script&#62;",
    "&lt;script&gt;alert(1)",
    "%3Cscript%3Ealert(1)%3C/script%3E",
    "\u2028<script>alert(1)</script>\u2029",
    "\x00<script\x00>alert(1)</script>",
    "<scr\x00ipt>alert(1)</scr\x00ipt>",
    "＜script＞alert(1)＜/script＞",
    "\r\nBcc: evil@example.org",
    "\u202egnp.exe",
    "a\x0bb\x0cc\x85d",
    "`<script>alert(1)</script>`",
    "```\n<script>alert(1)</script>\n```",
    "<details open ontoggle=alert(1)>",
    "<video><source onerror=alert(1)></video>",
    '<a href="https://ok.test" ping="https://t.test">x</a>',
    "<input autofocus onfocus=alert(1)>",
    '<noscript><p title="</noscript><img src=x onerror=alert(1)>">',
)
DEAD = frozenset(
    {
        "script",
        "img",
        "svg",
        "math",
        "iframe",
        "object",
        "embed",
        "form",
        "input",
        "base",
        "video",
        "audio",
        "link",
        "details",
    }
)


def live_markup(html: str) -> list[str]:
    """Everything in *html* that could run, load or send: elements, handlers, and links of other schemes."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return reader.found


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag, attrs):
        if tag in DEAD:
            self.found.append(f"<{tag}>")
        for name, value in attrs:
            words = (value or "").lower()
            if name.startswith("on") or name in {
                "src",
                "srcset",
                "background",
                "ping",
                "action",
                "formaction",
                "poster",
            }:
                self.found.append(f"{tag} {name}={value}")
            if name == "href" and not words.startswith(("https:", "mailto:")):
                self.found.append(f"{tag} href={value}")
            if name == "style" and ("url(" in words or "expression" in words or "@import" in words):
                self.found.append(f"{tag} style={value}")
            if name == "http-equiv" and "refresh" in words:
                self.found.append("refresh")
