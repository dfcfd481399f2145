"""From an ending to a decision: what becomes of one letter, and of its run, its domain and its address."""

from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache

from mailer.conversation import ConnectionBroken
from mailer.retry import DOMAIN_PAUSE, wait_before
from mailer.server_replies import Action, Meaning, ServerReply, meaning
from school.letter import LetterState
from school.sending import Claimed, SendResult

#: Temporary answers that say something about the mailbox, not about the server behind it.
ABOUT_THE_MAILBOX = ("4.1.", "4.2.")
#: Of these, the ones the office hears of. Not 4.2.0: with it some servers make every unknown sender wait.
MAILBOX_TROUBLES = {"4.2.1", "4.2.2", "4.2.3", "4.2.4"}
#: Refusals that speak of our own address (RFC 3463 §3.2).
ABOUT_THE_SENDER = {"5.1.7", "5.1.8"}
#: Said of a recipient these mean the mailbox, also without a second code (RFC 5321 §4.2.3); 550 and 554 may mean us.
MAILBOX_REFUSED = {551, 552, 553}


@dataclass(frozen=True, kw_only=True, slots=True)
class Decision:
    result: SendResult
    action: Action
    slow_domain: bool = False  #: the domain as a whole seems to be in trouble
    address_trouble: str = ""  #: `hard` or `soft` when the answer speaks of the address


def decide(
    letter: Claimed, ending: ServerReply | Exception, now: datetime, *, fresh: bool, provider_domain: str = ""
) -> Decision:
    """What follows from *ending*. *fresh*: the letter was the first on its connection.

    A connection that ends between two letters is an old one running out, so that letter goes again at once.
    *provider_domain*: of the ids a provider gives in place of ours; empty = it keeps ours.
    """
    if isinstance(ending, ServerReply):
        decision = _by_reply(letter, ending, now, fresh=fresh)
        if not provider_domain or not ending.given_id or decision.action is not Action.SENT:
            return decision
        provider_id = f"{ending.given_id}@{provider_domain.lower()}"
        return replace(decision, result=replace(decision.result, provider_id=provider_id))
    if isinstance(ending, ConnectionBroken):
        return _by_break(letter, ending, now, fresh=fresh)
    # One bad letter never stops the others; the log has the rest.
    result = SendResult(
        state=LetterState.FAILED, code="local.error", reason=f"could not be offered ({type(ending).__name__})"
    )
    return Decision(result=result, action=Action.FAIL)


def _by_reply(letter: Claimed, reply: ServerReply, now: datetime, *, fresh: bool) -> Decision:
    means = _in_context(meaning(reply), reply)
    code, words = str(reply), means.words
    if means.action is Action.SENT:
        return _sent(code)
    if means.action is Action.SERVER or (reply.code == 421 and not fresh and reply.phase == "mail"):
        return _untouched(means.action, code, words)
    if means.action is Action.PAUSE_RUN:
        return Decision(result=SendResult(state=LetterState.READY, code=code, reason=words), action=means.action)
    if means.action is Action.PAUSE_DOMAIN:
        until = now + DOMAIN_PAUSE
        result = SendResult(state=LetterState.DEFERRED, code=code, reason=words, until=until)
        return Decision(result=result, action=means.action, slow_domain=True)
    if means.action is Action.RETRY:
        slow = not reply.enhanced.startswith(ABOUT_THE_MAILBOX)
        trouble = "soft" if reply.phase != "mail" and mailbox_trouble(code) else ""
        result = _later(letter, now, code, words)
        return Decision(result=result, action=means.action, slow_domain=slow, address_trouble=trouble)
    result = SendResult(state=LetterState.FAILED, code=code, reason=words)
    return Decision(result=result, action=means.action, address_trouble="hard" if _refuses_the_address(reply) else "")


def mailbox_trouble(code: str) -> bool:
    """Whether *code* ("452 4.2.2") says for now that something is wrong with the mailbox itself."""
    return code.rpartition(" ")[2] in MAILBOX_TROUBLES


def _refuses_the_address(reply: ServerReply) -> bool:
    """An answer to MAIL FROM speaks of us, and so does 5.7.x."""
    if reply.phase == "mail":
        return False
    if reply.enhanced:
        return reply.enhanced.startswith(("5.1.", "5.2.")) and reply.enhanced not in ABOUT_THE_SENDER
    return reply.phase == "rcpt" and reply.code in MAILBOX_REFUSED


@lru_cache(maxsize=64)  # a server has one or two ways to say so
def _sent(code: str) -> Decision:
    return Decision(result=SendResult(state=LetterState.SENT, code=code, reason=""), action=Action.SENT)


def _in_context(means: Meaning, reply: ServerReply) -> Meaning:
    """An answer to MAIL FROM speaks of us, so it can never close the recipient's address."""
    if reply.phase == "mail" and means.action in {Action.SUPPRESS, Action.SUPPRESS_REPEATED}:
        return Meaning(action=Action.FAIL, words="our sender address was refused")
    if reply.phase != "dot" and means.action is Action.SENT:
        return Meaning(action=Action.RETRY, words="the servers lost the thread")
    return means


def _by_break(letter: Claimed, ending: ConnectionBroken, now: datetime, *, fresh: bool) -> Decision:
    code, words = f"local.{ending.phase}", str(ending)
    if ending.phase == "dot":
        if letter.kind.at_most_once:
            result = SendResult(state=LetterState.SENT_UNSURE, code=code, reason=words, uncertain=True)
        else:
            result = _later(letter, now, code, words, uncertain=True)
        return Decision(result=result, action=Action.RETRY)
    if ending.phase == "mail" and not fresh:
        return _untouched(Action.RETRY, code, words)
    return Decision(result=_later(letter, now, code, words), action=Action.RETRY)


def _untouched(action: Action, code: str, words: str) -> Decision:
    return Decision(result=SendResult(state=LetterState.READY, code=code, reason=words, tried=False), action=action)


def _later(letter: Claimed, now: datetime, code: str, words: str, *, uncertain: bool = False) -> SendResult:
    until = now + wait_before(letter.attempts + 1, letter.id)
    return SendResult(state=LetterState.DEFERRED, code=code, reason=words, until=until, uncertain=uncertain)
