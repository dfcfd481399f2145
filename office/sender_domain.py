"""What the DNS says about the domains our letters come from: SPF, DKIM and DMARC, each with what to add.

Families' mail services ask exactly this before they believe a letter. The look-up is an argument: tests have their own,
and a school without a resolver loses the check, not the service.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache

#: The TXT records of a name, each joined to one text; empty for a name without any. NoAnswer when nobody can be asked.
TextLookup = Callable[[str], list[str]]
MAY_ASK = re.compile(r"^(include:|a\b|mx\b|ptr\b|exists:|redirect=)", re.IGNORECASE)
MOST_LOOKUPS = 10  # RFC 7208 §4.6.4


class NoAnswer(Exception):  # noqa: N818 - it names a state of the network, not an error
    """No name server answered; the text says why."""


@dataclass(frozen=True, kw_only=True, slots=True)
class DnsFinding:
    check: str  #: spf, dkim, dmarc
    state: str  #: good, note, bad
    words: str


def look_up(domain: str, text_of: TextLookup, *, selector: str = "", record: str = "") -> Iterator[DnsFinding]:
    """SPF, DKIM (when we sign: *selector* and our own *record*) and DMARC of one domain."""
    yield _spf(domain, text_of(domain))
    if selector:
        yield _dkim(f"{selector}._domainkey.{domain}", text_of, record)
    yield _dmarc(domain, text_of)


def _spf(domain: str, texts: list[str]) -> DnsFinding:
    """RFC 7208 §3.2, §4.5: exactly one record that begins with v=spf1."""
    found = [text for text in texts if re.match(r"v=spf1(\s|$)", text, re.IGNORECASE)]
    if not found:
        words = f"{domain} has no SPF record: add a TXT record such as 'v=spf1 mx -all' that names your mail server"
        return DnsFinding(check="spf", state="bad", words=words)
    if len(found) > 1:
        words = f"{domain} has {len(found)} SPF records: join them to one, or none counts (RFC 7208 §4.5)"
        return DnsFinding(check="spf", state="bad", words=words)
    terms = found[0].split()[1:]
    asking = sum(1 for term in terms if MAY_ASK.match(term.lstrip("+-~?")))
    if asking > MOST_LOOKUPS:
        words = f"{domain}: SPF asks {asking} further names, at most {MOST_LOOKUPS} are allowed (RFC 7208 §4.6.4)"
        return DnsFinding(check="spf", state="bad", words=words)
    if "+all" in terms or "all" in terms:
        words = f"{domain}: SPF ends in +all: anybody may send in your name; end it in -all"
        return DnsFinding(check="spf", state="bad", words=words)
    return DnsFinding(check="spf", state="good", words=f"{domain}: {found[0]}")


def _dkim(name: str, text_of: TextLookup, record: str) -> DnsFinding:
    """RFC 6376 §3.6.1: the public half of our key."""
    found = [text for text in text_of(name) if "p=" in text]
    if not found:
        return DnsFinding(check="dkim", state="bad", words=f"{name} has no key: add the TXT record {record}")
    published = {_key(text) for text in found}
    if _key(record) not in published:
        words = f"{name} holds another key than dkim.key: publish {record}, or correct dkim.selector"
        return DnsFinding(check="dkim", state="bad", words=words)
    return DnsFinding(check="dkim", state="good", words=f"{name} holds the key we sign with")


def _key(text: str) -> str:
    tags = dict(part.strip().partition("=")[::2] for part in text.split(";"))
    return "".join(tags.get("p", "").split())


def _dmarc(domain: str, text_of: TextLookup) -> DnsFinding:
    """RFC 7489 §6.6.3: at the domain itself, else at the one above it."""
    names = [domain, domain.partition(".")[2]]
    for name in (name for name in names if "." in name):
        for text in text_of(f"_dmarc.{name}"):
            if text.lower().replace(" ", "").startswith("v=dmarc1"):
                return DnsFinding(check="dmarc", state="good", words=f"_dmarc.{name}: {text}")
    words = f"{domain} has no DMARC record: add the TXT record 'v=DMARC1; p=none' at _dmarc.{domain} to begin with"
    return DnsFinding(check="dmarc", state="bad", words=words)


def system_lookup(seconds: float = 5.0, *, server: str = "", port: int = 53) -> TextLookup:
    """Asks the name servers this machine uses, or the one given."""
    import dns.exception  # noqa: PLC0415 - a large library, for one command
    import dns.resolver  # noqa: PLC0415 - as above

    try:
        resolver = dns.resolver.Resolver(configure=not server)
    except dns.exception.DNSException as exc:
        raise NoAnswer(type(exc).__name__) from exc
    resolver.lifetime = seconds
    if server:
        resolver.nameservers, resolver.port = [server], port

    def text_of(name: str) -> list[str]:
        try:
            answer = resolver.resolve(name, "TXT")
        except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
            return []
        except dns.exception.DNSException as exc:
            raise NoAnswer(type(exc).__name__) from exc
        return [b"".join(record.strings).decode("ascii", "replace") for record in answer]

    return text_of


def unanswered_is_none(make: Callable[[], TextLookup]) -> Callable[[str], list[str] | None]:
    """The look-up that *make* makes for the first question (the library is large), with None where nobody answers."""
    made = cache(make)

    def text_of(name: str) -> list[str] | None:
        try:
            return made()(name)
        except NoAnswer:
            return None

    return text_of
