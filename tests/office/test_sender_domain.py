"""SPF, DKIM and DMARC as families' mail services look them up, each fault with what to do."""

import socketserver
import threading

import dns.message
import dns.rcode
import dns.rrset
import pytest
from cryptography.hazmat.primitives.asymmetric import ed25519
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from mailer.sign import DkimSigner
from office.sender_domain import NoAnswer, look_up, system_lookup

SPF, DMARC = ["v=spf1 mx -all"], ["v=DMARC1; p=reject"]


def signer() -> DkimSigner:
    key = ed25519.Ed25519PrivateKey.generate()
    return DkimSigner("school.example", "news", key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))


def found(records: dict[str, list[str]], **options: str) -> dict[str, tuple[str, str]]:
    asked = look_up("school.example", lambda name: records.get(name, []), **options)
    return {one.check: (one.state, one.words) for one in asked}


def test_a_domain_in_order_is_good():
    ours = signer().public_record()
    records = {
        "school.example": ["google-site-verification=x", *SPF],
        "news._domainkey.school.example": [ours],
        "_dmarc.school.example": DMARC,
    }

    states = {check: state for check, (state, _) in found(records, selector="news", record=ours).items()}

    assert states == {"spf": "good", "dkim": "good", "dmarc": "good"}


@pytest.mark.parametrize(
    ("texts", "told"),
    [
        ([], "has no SPF record: add a TXT record"),
        (["v=spf10 mx"], "has no SPF record"),
        ([*SPF, *SPF], "has 2 SPF records"),
        (["v=spf1 " + " ".join(f"include:s{n}.example" for n in range(11)) + " -all"], "SPF asks 11 further names"),
        (["v=spf1 mx +all"], "anybody may send in your name"),
    ],
)
def test_a_wrong_spf_record_says_what_to_add(texts, told):
    state, words = found({"school.example": texts})["spf"]

    assert state == "bad"
    assert told in words


@pytest.mark.parametrize(
    ("texts", "told"), [([], "has no key: add the TXT record v=DKIM1"), (["v=DKIM1; p=AAAA"], "another key")]
)
def test_a_missing_or_foreign_dkim_key_is_shown_with_ours(texts, told):
    ours = signer().public_record()

    state, words = found({"news._domainkey.school.example": texts}, selector="news", record=ours)["dkim"]

    assert state == "bad"
    assert told in words
    assert ours in words


def test_dmarc_may_stand_above():
    records = {"_dmarc.example.org": DMARC}
    above = {one.check: one for one in look_up("news.example.org", lambda name: records.get(name, []))}

    assert above["dmarc"].state == "good"
    assert found({})["dmarc"][0] == "bad"
    assert "add the TXT record 'v=DMARC1; p=none' at _dmarc.school.example" in found({})["dmarc"][1]


class NameServer(socketserver.BaseRequestHandler):
    """Knows one name; another one it does not want to talk about."""

    def handle(self):
        data, socket = self.request
        query = dns.message.from_wire(data)
        answer = dns.message.make_response(query)
        name = query.question[0].name.to_text()
        if name == "school.example.":
            answer.answer.append(dns.rrset.from_text(name, 60, "IN", "TXT", '"v=spf1 " "mx -all"'))
        else:
            answer.set_rcode(dns.rcode.REFUSED if name == "secret.example." else dns.rcode.NXDOMAIN)
        socket.sendto(answer.to_wire(), self.client_address)


def test_records_come_from_a_name_server_and_silence_is_said():
    with socketserver.ThreadingUDPServer(("127.0.0.1", 0), NameServer) as server:
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        text_of = system_lookup(2.0, server="127.0.0.1", port=server.server_address[1])

        assert text_of("school.example") == ["v=spf1 mx -all"]  # RFC 7208 §3.3: the pieces are one text
        assert text_of("_dmarc.school.example") == []
        with pytest.raises(NoAnswer):
            text_of("secret.example")
        server.shutdown()
