"""A school whose mail server vouches for nobody can verify signatures itself: the author's, by a stub of the DNS."""

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from msgspec import structs

from inbox.dkim_keys import DkimKeys
from mailer.sign import DkimSigner
from office.demo.clients import write_new
from office.doctor import CHECKS, Visit
from office.sender_domain import NoAnswer, unanswered_is_none
from storage.tables import Evidence
from tests.office.linden import EVA, MIA, copy_of, open_school, stamped

PEM = generate_private_key(65537, 2048).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


@pytest.fixture(scope="module")
def opened(tmp_path_factory):
    return open_school(tmp_path_factory.mktemp("linden"))


@pytest.fixture
def school(opened, tmp_path):
    """Linden School with `routing.verify_dkim`, and example.org's key in its DNS."""
    linden = copy_of(opened, tmp_path, {"verify_dkim": True})
    linden.asked = []

    def texts(name):
        linden.asked.append(name)
        found = {"s1._domainkey.example.org": [DkimSigner("example.org", "s1", PEM).public_record()]}
        return found.get(name, [])

    linden.house.__dict__["dkim_keys"] = DkimKeys(ask=texts, clock=lambda: 0.0)
    yield linden
    linden.house.database.close()


def written(school, author=EVA, words="Anna rides home with a friend today."):
    return write_new(words, client="iphone", author=author, at=school.now, to="reply@school.test", subject="Today")


def signed(school, raw: bytes, domain: str = "example.org") -> bytes:
    raw = raw.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
    return DkimSigner(domain, "s1", PEM).sign(raw, school.now)


def vouchers(outcome) -> list[tuple[str, str]]:
    rows = Evidence.select().where((Evidence.spool == outcome.spool_id) & (Evidence.sign == "author"))
    return [(row.place, row.strength) for row in rows]


def test_new_mail_signed_by_the_parents_domain_is_filed_and_says_who_vouched(school):
    outcome = school.arrive(signed(school, written(school)))

    assert (outcome.state, outcome.reasons[0], vouchers(outcome)) == ("filed", "one-child", [("dkim", "ok")])


def test_a_servers_word_is_named_as_such_and_wins(school):
    passed = school.arrive(stamped(written(school), "pass"))
    failed = school.arrive(stamped(signed(school, written(school, words="Once more.")), "fail"))

    assert (passed.state, vouchers(passed)) == ("filed", [("authentication-results", "ok")])
    assert (failed.state, failed.reasons) == ("held", ("author-not-verified",))
    assert school.asked == []


@pytest.mark.parametrize("domain", ["evil.example", "post.example.org"])
def test_new_mail_signed_by_another_domain_is_held(school, domain):
    outcome = school.arrive(signed(school, written(school), domain))

    assert (outcome.state, outcome.reasons, vouchers(outcome)) == ("held", ("author-not-verified",), [])


def test_a_replayed_mail_with_another_author_is_held(school):
    raw = signed(school, written(school)).replace(b"Eva Novak", b"Mia Berg").replace(b"eva@", b"mia@")

    assert school.arrive(raw).state == "held"


def test_without_a_name_server_new_mail_waits_and_a_reply_is_filed_as_ever(school):
    def nobody():
        raise NoAnswer("no name server here")

    school.house.__dict__["dkim_keys"] = DkimKeys(ask=unanswered_is_none(nobody), clock=lambda: 0.0)

    assert school.arrive(signed(school, written(school))).state == "held"
    assert school.arrive(signed(school, school.reply(EVA, "She is well again."))).state == "filed"


def test_nobody_is_asked_about_the_domain_of_a_stranger(school):
    stranger = ("Alex Wood", "alex@elsewhere.example")

    assert school.arrive(signed(school, written(school, stranger), "elsewhere.example")).state == "unmatched"
    assert school.asked == []


def test_a_signature_that_fails_is_no_reason_to_doubt_a_reply(school):
    raw = signed(school, school.reply(MIA, "Leo has a cold."))

    assert school.arrive(raw.replace(b"Leo has", b"Leo had")).state == "filed"


def test_it_is_off_unless_the_school_wishes_it(opened, tmp_path):
    school = copy_of(opened, tmp_path)

    assert school.house.reading.dkim_keys is None
    assert school.arrive(signed(school, written(school))).state == "held"
    school.house.database.close()


# ---- what the doctor says ----


def doctor(school, check: str, text_of=None, **routing) -> list[tuple[str, str]]:
    choices = {"trusted_authserv_ids": [], **routing}
    held = structs.replace(school.house.settings, routing=structs.replace(school.house.settings.routing, **choices))
    visit = Visit(settings=held, house=school.house, now=school.now, config=None, text_of=text_of)
    return [(finding.state, finding.words) for finding in dict(CHECKS)[check](visit)]


def test_the_doctor_says_when_nobody_vouches_and_what_to_set(school):
    (said,) = [words for _, words in doctor(school, "settings", verify_dkim=False) if "vouches" in words]

    assert "routing.trusted_authserv_ids" in said
    assert "routing.verify_dkim = true" in said
    for routing in ({"verify_dkim": True}, {"trusted_authserv_ids": ["mx.school.test"], "verify_dkim": False}):
        assert not [words for _, words in doctor(school, "settings", **routing) if "vouches" in words]


def test_the_doctor_says_that_signatures_need_a_name_server(school):
    def nobody():
        raise NoAnswer("no name server here")

    assert [words for state, words in doctor(school, "dns", nobody, verify_dkim=True) if state == "bad"] == [
        "routing.verify_dkim needs a name server: until one answers, nobody's signature counts"
    ]
    assert "bad" not in {state for state, _ in doctor(school, "dns", nobody, verify_dkim=False)}
