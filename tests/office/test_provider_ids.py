"""A provider that puts its own Message-ID in place of ours: answers to it are known, on both engines (scenario 18)."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field

import msgspec
import pytest
from aiosmtpd.controller import Controller

from mailer.provider_id import named_in
from office.jobs.delivering import deliver
from storage.tables import ProviderId
from tests.office.linden import EVA, JON, MIA, Linden, open_school, stamped
from tests.office.test_scenarios import copied, edited, without_header
from tests.peers.loopback import HOST, free_port
from tests.peers.postgres import new_database

DOMAIN = "eu-west-1.amazonses.com"


@dataclass
class Provider:
    """Takes every letter and names the id it gives it, as Amazon SES does."""

    given: dict[str, str] = field(default_factory=dict)  #: {recipient: id}
    words: str = "250 Ok {id}"

    async def handle_DATA(self, server, session, envelope):  # noqa: N802 - the name aiosmtpd calls
        name = f"0102018f3c2b1a2d-5f9c6e2e-0b1c-4d7e-9a00-{len(self.given):012x}-000000"
        self.given[envelope.rcpt_tos[0]] = name
        return self.words.format(id=name)


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def published(request, tmp_path_factory) -> Iterator[Linden]:
    folder = tmp_path_factory.mktemp("published")
    if request.param == "sqlite":
        yield open_school(folder, shape="fixed")
        return
    with new_database(request.getfixturevalue("postgres_host")) as url:
        yield open_school(folder, shape="fixed", database_url=url)


def sent(linden: Linden, provider: Provider, domain: str) -> Linden:
    """The school after its letters went out through *provider*."""
    port = free_port()
    smtp = msgspec.structs.replace(
        linden.house.settings.smtp, host=HOST, port=port, security="none", provider_id_domain=domain
    )
    linden.restart(msgspec.structs.replace(linden.house.settings, smtp=smtp))
    controller = Controller(provider, hostname=HOST, port=port)
    controller.start()
    try:
        assert deliver(linden.house, "test", lambda: linden.now, threading.Event()).sent == 3
    finally:
        controller.stop()
    return linden


@pytest.fixture
def provider() -> Provider:
    return Provider()


@pytest.fixture
def linden(published, provider, tmp_path) -> Iterator[Linden]:
    with copied(published, tmp_path) as linden:
        yield sent(linden, provider, DOMAIN)


def ios_reply(linden: Linden, provider: Provider, author, words, *, letter_of="", domain: str = DOMAIN) -> bytes:
    """An iPhone drops References and answers the provider's id alone; the subject is typed anew."""
    name = provider.given[letter_of or author[1]]
    raw = linden.reply(author, words, to="reply@school.test", subject="Thursday", **(_of(letter_of)))
    mail = edited(
        lambda _: raw, rb"^In-Reply-To:.*\r\n(?:[ \t].*\r\n)*", f"In-Reply-To: <{name}@{domain}>\r\n".encode()
    )
    plain = without_header(mail, "References")(linden)
    head, _, body = plain.partition(b"\r\n\r\n")
    return head + b"\r\n\r\n" + body.replace(b"Ref ", b"")  # no printed line either


def _of(address: str) -> dict[str, str]:
    return {"letter_of": f"g-{address.partition('@')[0]}"} if address else {}


def test_18_an_answer_to_the_providers_id_alone_is_filed_where_somebody_vouches(linden, provider):
    outcome = linden.arrive(stamped(ios_reply(linden, provider, EVA, "Yes."), "pass"))

    assert (outcome.state, outcome.reasons) == ("filed", ("C3",))
    assert [(seen.sign, seen.place) for seen in outcome.evidence][-1] == ("C3", "letter")


@pytest.mark.parametrize("domain", [DOMAIN, DOMAIN.upper()])
def test_it_says_which_letter_so_two_children_are_told_apart(linden, provider, domain):
    raw = ios_reply(linden, provider, MIA, "Sorry about the choir evening", domain=domain)

    outcome = linden.arrive(stamped(raw, "pass"))

    assert (outcome.state, outcome.suggestions[0].child_id) == ("asked", "c-ida")


@pytest.mark.parametrize(
    ("dmarc", "reason"), [("none", "author-not-verified"), ("fail", "author-failed-authentication")]
)
def test_nobody_signed_it_so_without_a_voucher_it_is_held(linden, provider, dmarc, reason):
    """The specification gives the row of the signed id to ours alone: a provider's proves nothing of the author."""
    outcome = linden.arrive(stamped(ios_reply(linden, provider, EVA, "Yes."), dmarc))

    assert (outcome.state, outcome.reasons) == ("held", (reason,))


def test_another_guardians_is_held(linden, provider):
    raw = ios_reply(linden, provider, EVA, "Leo is ill", letter_of=JON[1])

    outcome = linden.arrive(stamped(raw, "pass"))

    assert (outcome.state, outcome.reasons) == ("held", ("reference-of-another-family",))


def test_the_same_id_at_another_provider_means_nothing(linden, provider):
    raw = ios_reply(linden, provider, MIA, "Sorry about the choir evening", domain="us-east-1.amazonses.com")

    assert linden.arrive(stamped(raw, "pass")).state == "triage"


def test_a_school_whose_provider_keeps_our_ids_keeps_none(published, provider, tmp_path):
    with copied(published, tmp_path) as linden:
        sent(linden, provider, "")

        assert ProviderId.select().count() == 0


@pytest.mark.parametrize(
    ("line", "name"),
    [
        (b"250 Ok 0102018f3c2b1a2d-5f9c6e2e-000000\r\n", "0102018f3c2b1a2d-5f9c6e2e-000000"),
        (b"250 2.0.0 OK: 0102018F3C2B1A2D-5F9C6E2E-000000", "0102018f3c2b1a2d-5f9c6e2e-000000"),
        (b"250 2.0.0 Ok: queued as 4FBd2Q2Zx1z9", ""),
        (b"250 Ok 12345", ""),  # short enough to be guessed
        (b"250 Ok someone.with.a.long.name@example.org", ""),
        (b"250 2.0.0 kept as 1", ""),
        (b"550 Ok 0102018f3c2b1a2d-5f9c6e2e-000000", ""),
        (b"", ""),
    ],
)
def test_only_an_id_too_long_to_guess_is_taken_from_a_reply(line, name):
    assert named_in(line) == name
