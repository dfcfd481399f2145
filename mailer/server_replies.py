"""What each answer of a mail server means for the letter, its run, its domain and its address: one table.

Codes: RFC 5321 §4.2 (basic), RFC 3463 and IANA's registry (enhanced). An enhanced code says more than a basic one, so
it is looked up first. Nothing but the rows marked SUPPRESS ever closes an address: a wrong "no such user" costs a
family a week, a wrong suppression costs them the year.
"""

from dataclasses import dataclass
from enum import Enum


class Action(Enum):
    SENT = "sent"
    RETRY = "retry"  #: try this letter later
    FAIL = "fail"  #: this letter cannot go; the office sees why; the address stays open
    PAUSE_DOMAIN = "pause domain"  #: that provider asks us to slow down
    PAUSE_RUN = "pause run"  #: they doubt us, not the address: stop before our name is worse
    SUPPRESS = "suppress address"
    SUPPRESS_REPEATED = "suppress address when repeated"
    SERVER = "server"  #: our own mail server wants something from the office: keep everything, say so once


@dataclass(frozen=True, kw_only=True, slots=True)
class ServerReply:
    """What a server said at one step; *code* 0 = nothing intelligible."""

    code: int
    enhanced: str = ""  #: "5.1.1"
    text: str = ""
    phase: str = ""  #: connect, ehlo, starttls, auth, mail, rcpt, data, dot
    given_id: str = ""  #: the Message-ID the provider says it gave the letter, without its domain

    def __str__(self) -> str:
        return f"{self.code} {self.enhanced}".strip()


@dataclass(frozen=True, kw_only=True, slots=True)
class Meaning:
    action: Action
    words: str  #: what the office reads


def _rows(action: Action, rows: dict[str, str]) -> dict[str, Meaning]:
    return {code: Meaning(action=action, words=words) for code, words in rows.items()}


TABLE: dict[str, Meaning] = {
    **_rows(
        Action.SENT,
        {
            "250": "accepted",
            "251": "accepted, the server forwards it",
            "252": "accepted, not verified",
            "2.0.0": "accepted",
            "2.1.5": "recipient accepted",
            "2.6.0": "accepted",
        },
    ),
    **_rows(
        Action.RETRY,
        {
            "421": "the server is closing down for now",
            "431": "the server lacks space for now",
            "441": "the server does not answer",
            "442": "the connection broke",
            "446": "too many hops for now",
            "450": "the mailbox is busy, or the server makes unknown senders wait",
            "451": "the server had a problem, or makes unknown senders wait",
            "452": "the server lacks space for now",
            "455": "the server cannot take these parameters now",
            "471": "a filter on the server failed for now",
            "4.1.1": "the mailbox cannot be found for now",
            "4.1.2": "the domain cannot be found for now",
            "4.1.7": "our sender address cannot be checked for now",
            "4.1.8": "our domain cannot be checked for now",
            "4.2.0": "the mailbox has a problem for now",
            "4.2.1": "the mailbox is disabled for now",
            "4.2.2": "the mailbox is full",
            "4.2.4": "a list behind the address cannot be expanded for now",
            "4.3.0": "the server has a problem for now",
            "4.3.1": "the server's disk is full",
            "4.3.2": "the server takes no mail for now",
            "4.3.5": "the server is misconfigured for now",
            "4.4.0": "network trouble",
            "4.4.1": "the server does not answer",
            "4.4.2": "the connection broke",
            "4.4.3": "the directory server does not answer",
            "4.4.4": "no route to the server for now",
            "4.4.5": "the network is congested",
            "4.4.6": "a mail loop for now",
            "4.4.7": "the message waited too long",
            "4.5.1": "the server did not understand a command for now",
            "4.5.3": "too many recipients at once",
            "4.7.0": "refused for now for reasons of policy",
            "4.7.1": "greylisted: unknown senders have to come back",
            "4.7.5": "an encryption problem for now",
            "4.7.24": "the SPF check failed for now",
        },
    ),
    **_rows(
        Action.PAUSE_DOMAIN,
        {
            "4.7.26": "our mail is not authenticated; slowed down",
            "4.7.27": "the SPF check failed; slowed down",
            "4.7.28": "too much mail from us at once",
            "4.7.29": "not encrypted; slowed down",
            "4.7.30": "the DKIM check failed; slowed down",
            "4.7.32": "the From address is not aligned; slowed down",
            "4.7.40": "the DMARC check failed; slowed down",
            "4.7.500": "the server is busy; slowed down",
            "4.7.650": "our server's name is not trusted yet; slowed down",
        },
    ),
    **_rows(
        Action.PAUSE_RUN,
        {
            "5.7.1": "refused by policy: our authentication or reputation",
            "5.7.20": "no valid DKIM signature",
            "5.7.21": "no acceptable DKIM signature",
            "5.7.22": "no DKIM signature of the From domain",
            "5.7.23": "the SPF check failed",
            "5.7.25": "our server's reverse DNS is missing",
            "5.7.26": "our mail is not authenticated (SPF, DKIM or DMARC)",
            "5.7.27": "our SPF record does not hold",
            "5.7.28": "too much mail from us: our reputation",
            "5.7.30": "our DKIM signature does not hold",
            "5.7.40": "no DMARC record",
            "5.7.509": "our DMARC check failed",
            "5.7.511": "our server is on the provider's block list",
            "5.7.515": "the From domain does not meet the provider's authentication rules",
            "5.7.606": "our server is on the provider's block list",
            "5.7.708": "the provider does not trust our server",
        },
    ),
    **_rows(
        Action.SUPPRESS,
        {
            "5.1.1": "no such mailbox",
            "5.1.2": "no such domain",
            "5.1.6": "the mailbox has moved away",
            "5.1.10": "the domain takes no mail",
        },
    ),
    **_rows(Action.SUPPRESS_REPEATED, {"5.2.1": "the mailbox is disabled"}),
    **_rows(
        Action.SERVER,
        {
            "432": "our mail server wants a new password",
            "454": "our mail server cannot check our password, or start TLS, for now",
            "530": "our mail server wants us to log in",
            "534": "our mail server wants a stronger way to log in",
            "535": "our mail server refused our name or password",
            "538": "our mail server wants encryption before the password",
            "5.7.8": "our mail server refused our name or password",
            "5.7.9": "our mail server wants a stronger way to log in",
            "5.7.11": "our mail server wants encryption before the password",
        },
    ),
    **_rows(
        Action.FAIL,
        {
            "500": "the server did not understand a command",
            "501": "the server did not understand the address",
            "502": "the server lacks a command",
            "503": "the server lost the thread",
            "504": "the server lacks a parameter",
            "521": "that server takes no mail at all",
            "523": "the message is too long",
            "541": "refused as spam",
            "550": "refused, the server does not say why",
            "551": "the mailbox is elsewhere",
            "552": "the mailbox is full",
            "553": "the server does not accept the address as written",
            "554": "refused, the server does not say why",
            "555": "the server lacks a parameter",
            "556": "the domain takes no mail",
            "5.1.0": "an address problem",
            "5.1.3": "the server does not accept the address as written",
            "5.1.4": "the address is ambiguous",
            "5.1.7": "our sender address is not accepted as written",
            "5.1.8": "our sender's domain does not exist for that server",
            "5.1.9": "the message was refused behind the address",
            "5.2.0": "the mailbox has a problem",
            "5.2.2": "the mailbox is full",
            "5.2.3": "the message is too long for the mailbox",
            "5.2.4": "a list behind the address cannot be expanded",
            "5.3.0": "the server has a problem",
            "5.3.1": "the server's disk is full",
            "5.3.2": "the server takes no mail",
            "5.3.4": "the message is too big",
            "5.4.1": "the server does not answer for that address",
            "5.4.4": "no route to the domain",
            "5.4.6": "a mail loop",
            "5.4.7": "the message waited too long",
            "5.5.0": "the servers did not understand each other",
            "5.5.1": "the server did not understand a command",
            "5.5.2": "the server did not understand the address",
            "5.5.4": "the server lacks a parameter",
            "5.6.0": "the server does not accept the content",
            "5.6.1": "the server does not accept the kind of content",
            "5.6.7": "the address has letters outside ASCII, which the server refuses",
            "5.7.0": "refused by policy, no reason given",
            "5.7.7": "the message was changed on the way",
            "5.7.13": "the account is disabled",
            "5.7.17": "the mailbox has a new owner",
            "5.7.129": "the mailbox takes mail from some senders only",
        },
    ),
}

UNKNOWN_TEMPORARY = Meaning(action=Action.RETRY, words="refused for now")
UNKNOWN_PERMANENT = Meaning(action=Action.FAIL, words="refused")
UNINTELLIGIBLE = Meaning(action=Action.RETRY, words="the server's answer made no sense")


def meaning(reply: ServerReply) -> Meaning:
    """What *reply* asks us to do. An enhanced code of another class than the basic one is not believed."""
    basic = TABLE.get(str(reply.code))
    # "530 5.7.0 log in first" speaks of us and our server, whatever its second code is.
    if basic is not None and basic.action is Action.SERVER:
        return basic
    group = reply.code // 100
    rows = [TABLE.get(reply.enhanced)] if reply.enhanced.startswith(f"{group}.") else []
    if reply.enhanced.endswith(".0.0") or not any(rows):
        rows = [basic]
    if rows[0] is not None:
        return rows[0]
    if group == 2:
        return TABLE["250"]
    if group == 4:
        return UNKNOWN_TEMPORARY
    return UNKNOWN_PERMANENT if group == 5 else UNINTELLIGIBLE
