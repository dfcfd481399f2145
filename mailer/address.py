"""The one form of an e-mail address that every mail server takes: ASCII, checked, never bent into another address."""

import re
import unicodedata
from dataclasses import dataclass

ATOM = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+")
DOT_ATOM = re.compile(rf"{ATOM.pattern}(?:\.{ATOM.pattern})*")
DOTTED = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]+")
QUOTED = re.compile(r'"(?:[ !#-\[\]-~]|\\[ -~])*"')
LABEL = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?")
DOTS = re.compile("[.\u3002\uff0e\uff61]")  # every full stop RFC 3490 §3.1 takes for a dot
MAX_LOCAL = 64  # RFC 5321 §4.5.3.1.1
MAX_DOMAIN = 253  # RFC 5321 §4.5.3.1.2 allows 255 octets, two of them lengths in the DNS


@dataclass(frozen=True, kw_only=True, slots=True)
class AddressRefused:
    """Why no letter can go to an address."""

    reason: str  #: no-at-sign, bad-local-part, bad-domain, non-ascii-local-part
    explanation: str


def wire_address(address: str) -> str | AddressRefused:
    """*address* as servers read it: the domain in A-labels, the local part untouched; or why that cannot be."""
    local, at, domain = address.strip(" ").rpartition("@")
    if not at or not local or not domain:
        return AddressRefused(reason="no-at-sign", explanation="the address needs a name, an @ and a domain")
    if not local.isascii():
        # RFC 6531: only a server with SMTPUTF8 takes it, and a transcription would be somebody else's address.
        return AddressRefused(
            reason="non-ascii-local-part",
            explanation="the part before the @ has letters outside ASCII, which most mail servers refuse",
        )
    wire_local = _local(local)
    if wire_local is None:
        return AddressRefused(reason="bad-local-part", explanation="the part before the @ is not a valid mailbox name")
    wire_domain = _domain(domain)
    if wire_domain is None:
        return AddressRefused(reason="bad-domain", explanation="the part after the @ is not a valid domain name")
    return f"{wire_local}@{wire_domain}"


def on_the_wire(address: str) -> str:
    """The wire address where there is one, else *address* itself: for comparing, and for letters already checked."""
    wire = wire_address(address)
    return wire if isinstance(wire, str) else address


def _local(local: str) -> str | None:
    if len(local) > MAX_LOCAL:
        return None
    if DOT_ATOM.fullmatch(local) or QUOTED.fullmatch(local):
        return local
    # Some providers gave out names like "a..b" or "a.": the same mailbox, written as RFC 5321 §4.1.2 wants it.
    return f'"{local}"' if DOTTED.fullmatch(local) else None


def _domain(domain: str) -> str | None:
    labels = [_a_label(label) for label in DOTS.split(domain)]
    if not all(LABEL.fullmatch(label) for label in labels):
        return None
    joined = ".".join(labels)
    return joined if len(joined) <= MAX_DOMAIN else None


def _a_label(label: str) -> str:
    """The label in ASCII. By IDNA 2008: the standard library's codec still turns `ß` into `ss`, another domain."""
    if label.isascii():
        return label
    mapped = unicodedata.normalize("NFC", unicodedata.normalize("NFKC", label).lower())
    if mapped.isascii():
        return mapped
    if any(unicodedata.category(sign)[0] in "CZ" for sign in mapped):
        return ""
    return "xn--" + mapped.encode("punycode").decode("ascii")
