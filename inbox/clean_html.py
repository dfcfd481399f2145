"""HTML that may be shown: no script, no remote image, no address but https and mailto."""

import nh3

# nh3's defaults keep <img src="http://…" width=1>, which tells the sender that the mail was read (trap T8).
_TAGS = frozenset(nh3.ALLOWED_TAGS) - {"img", "map", "area", "link"}


def safe_html(html: str) -> str:
    """The HTML a browser may get: formatting only."""
    return nh3.clean(html, tags=set(_TAGS), url_schemes={"https", "mailto"}, link_rel="noopener noreferrer nofollow")
