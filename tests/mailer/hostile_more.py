"""More than three hundred ways to get a script into a letter, and everything that would fetch from a stranger's host.

Made from the parts such attempts are made of: elements, events, schemes, encodings, broken nesting.
"""

from tests.mailer.hostile import VECTORS

EVENTS = (
    "abort afterprint animationend animationstart auxclick beforecopy beforecut beforeinput beforeprint "
    "beforetoggle beforeunload blur cancel canplay change click close contextmenu copy cut dblclick drag dragend "
    "dragenter dragover dragstart drop durationchange ended error focus focusin formdata hashchange input invalid "
    "keydown keypress keyup load loadstart message mousedown mouseenter mousemove mouseout mouseover mouseup "
    "pageshow paste pointerdown pointerenter pointermove popstate progress reset resize scroll scrollend search "
    "seeked select submit toggle touchstart transitionend unload volumechange waiting wheel"
)
TAGS = (
    "a abbr article audio b base body br button canvas center code custom-tag details dialog div embed fieldset "
    "font form frame frameset h1 head html iframe image img input isindex keygen label layer li link main marquee "
    "math menu meta meter nobr noembed noframes noscript object ol option p param picture plaintext portal pre q "
    "s script select slot source style svg table td template textarea title track u video x xmp"
)
SCHEMES = (
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    " javascript:alert(1)",
    "\x01javascript:alert(1)",
    "java\tscript:alert(1)",
    "java\nscript:alert(1)",
    "java&Tab;script:alert(1)",
    "java&NewLine;script:alert(1)",
    "&#106;avascript:alert(1)",
    "&#x6A;avascript:alert(1)",
    "&#0000106avascript:alert(1)",
    "javascript&colon;alert(1)",
    "javascript:/*--></title></style>*/alert(1)",
    "jav\u00adascript:alert(1)",
    "ｊavascript:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "data:image/svg+xml;base64,PHN2ZyBvbmxvYWQ9YWxlcnQoMSk+",
    "vbscript:msgbox(1)",
    "livescript:alert(1)",
    "mocha:alert(1)",
    "feed:javascript:alert(1)",
    "view-source:javascript:alert(1)",
    "blob:https://t.test/x",
    "file:///etc/passwd",
    "//t.test/x",
)
BROKEN = (
    "<scr<script>ipt>alert(1)</scr</script>ipt>",
    "<<script>alert(1)//<</script>",
    "<script/x>alert(1)</script>",
    "<script\x0b>alert(1)</script>",
    "<script\x00>alert(1)</script>",
    "<script >alert(1)</script >",
    "\x3cscript\x3ealert(1)\x3c/script\x3e",
    "＜script＞alert(1)＜/script＞",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "&amp;lt;script&amp;gt;alert(1)&amp;lt;/script&amp;gt;",
    "%3Cscript%3Ealert(1)%3C/script%3E",
    "+ADw-script+AD4-alert(1)+ADw-/script+AD4-",
    "<!--><script>alert(1)</script>-->",
    "<!-- --!><img src=x onerror=alert(1)>-->",
    "<![CDATA[<script>alert(1)</script>]]>",
    "<?xml version='1.0'?><script xmlns='http://www.w3.org/1999/xhtml'>alert(1)</script>",
    "</title></head><body onload=alert(1)>",
    "</style><script>alert(1)</script>",
    "</textarea><script>alert(1)</script>",
    "</bdi></p></div></td><img src=x onerror=alert(1)>",
    "<svg><style><img src=x onerror=alert(1)></style></svg>",
    "<math><mi><table><mglyph><style><!--</style><img title='--&gt;&lt;img src=1 onerror=alert(1)&gt;'>",
    "<form><math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>",
    "<svg></p><style><a id='</style><img src=1 onerror=alert(1)>'>",
    "<a href='x' href='javascript:alert(1)'>x</a>",
    "<a\nhref\n=\njavascript:alert(1)>x</a>",
    "<a href=`javascript:alert(1)`>x</a>",
    "<img src='x'onerror='alert(1)'>",
    "<img/src=x/onerror=alert(1)//",
    "<img src=x onerror=alert&lpar;1&rpar;>",
    "<img src=x onerror=\\u0061lert(1)>",
    "<div style='width:expression(alert(1))'>",
    "<div style='-moz-binding:url(https://t.test/x.xml#x)'>",
    "<div style='behavior:url(https://t.test/x.htc)'>",
    "{{ 7*7 }}{{ school.__class__ }}{% for x in () %}{% endfor %}",
    "[[ school ]][% include 'body.mjml' %][# x #]",
    "<mj-raw><script>alert(1)</script></mj-raw>",
    "<mj-include path='/etc/passwd' />",
    "%(name)s %s %d {0} {name} $name ${name}",
    "[a]: javascript:alert(1)\n\n[a]",
    "![x][a]\n\n[a]: https://t.test/p.gif",
    "<javascript:alert(1)>",
    "[x](\x01javascript:alert(1))",
    "[x](//t.test/x)",
    'http://x"onmouseover=alert(1)//',
    "\u202e<tpircs>alert(1)\u202c",
    "\ufeff<script>alert(1)</script>",
    "<\u200bscript>alert(1)</script>",
)
REMOTE = (
    "<img src=https://t.test/a.gif>",
    "<img srcset='https://t.test/a.gif 2x'>",
    "<img lowsrc=https://t.test/a.gif>",
    "<img dynsrc=https://t.test/a.avi>",
    "<image src=https://t.test/a.gif>",
    "<picture><source srcset=https://t.test/a.webp><img></picture>",
    "<input type=image src=https://t.test/a.gif>",
    "<body background=https://t.test/a.gif>",
    "<table background=https://t.test/a.gif><tr><td background=https://t.test/b.gif>",
    "<div style='background:url(https://t.test/a.gif)'>",
    "<div style='background-image:\\75rl(https://t.test/a.gif)'>",
    "<div style='list-style-image:url(https://t.test/a.gif)'>",
    "<div style='border-image:url(https://t.test/a.gif)'>",
    "<div style='cursor:url(https://t.test/a.cur),auto'>",
    "<div style='content:url(https://t.test/a.gif)'>",
    "<div style='background:image-set(\"https://t.test/a.gif\" 1x)'>",
    "<div style='filter:url(https://t.test/a.svg#f)'>",
    "<style>@import url(https://t.test/a.css);</style>",
    "<style>@font-face{font-family:x;src:url(https://t.test/a.woff)}body{font-family:x}</style>",
    "<style>body{background:url(https://t.test/a.gif)}</style>",
    "<link rel=stylesheet href=https://t.test/a.css>",
    "<link rel=icon href=https://t.test/a.ico>",
    "<link rel=prefetch href=https://t.test/a>",
    "<link rel=preload as=image href=https://t.test/a.gif>",
    "<link rel=dns-prefetch href=//t.test>",
    "<link rel=preconnect href=https://t.test>",
    "<link rel=manifest href=https://t.test/m.json>",
    "<iframe src=https://t.test/></iframe>",
    "<iframe srcdoc='<img src=https://t.test/a.gif>'></iframe>",
    "<frameset><frame src=https://t.test/></frameset>",
    "<object data=https://t.test/a.swf></object>",
    "<embed src=https://t.test/a.swf>",
    "<applet code=x archive=https://t.test/a.jar></applet>",
    "<video src=https://t.test/a.mp4 poster=https://t.test/a.gif autoplay></video>",
    "<audio src=https://t.test/a.mp3 autoplay></audio>",
    "<bgsound src=https://t.test/a.mid>",
    "<track src=https://t.test/a.vtt>",
    "<svg><image href=https://t.test/a.gif /></svg>",
    "<svg><use href='https://t.test/a.svg#x' /></svg>",
    "<svg><feImage href=https://t.test/a.gif /></svg>",
    "<math href=https://t.test/ xlink:href=https://t.test/>x</math>",
    "<meta http-equiv=refresh content='0;url=https://t.test/'>",
    "<base href=https://t.test/>",
    "<script src=https://t.test/a.js></script>",
    "<form action=https://t.test/><input name=x autofocus></form>",
    "<a href=https://ok.test ping=https://t.test/>x</a>",
    "![x](https://t.test/a.gif)",
    "![x](http://t.test/a.gif 'title')",
)


def vectors() -> tuple[str, ...]:
    """Every attempt, each once."""
    made = (
        *VECTORS,
        *(f"<img src=x on{event}=alert(1)>" for event in EVENTS.split()),
        *(
            f"<{tag} onfocus=alert(1) onload=alert(1) onerror=alert(1) autofocus tabindex=1>x</{tag}>"
            for tag in TAGS.split()
        ),
        *(f"<a href='{scheme}'>x</a>" for scheme in SCHEMES),
        *(f"[x]({scheme})" for scheme in SCHEMES),
        *(f"<form action='{scheme}'><button formaction='{scheme}'>x</button></form>" for scheme in SCHEMES),
        *BROKEN,
        *REMOTE,
    )
    return tuple(dict.fromkeys(made))
