"""A letter of ours that went through a real mail server still carries a signature that others can check."""

from datetime import UTC, datetime

import dkim
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from mailer.compose import Enclosure, compose
from mailer.sign import DkimSigner
from mailer.smtp import SmtpSettings, SmtpTransport
from tests.mailer.drafts import draft, random_draft
from tests.peers.lmtp_sink import lmtp_sink

__all__ = ["lmtp_sink"]
pytestmark = [pytest.mark.peers, pytest.mark.xdist_group("dovecot")]


def test_the_signature_of_a_delivered_letter_verifies(postfix, lmtp_sink):
    server = postfix(lmtp_to=lmtp_sink.port)
    key = rsa.generate_private_key(65537, 2048).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    signer, now = DkimSigner("school.test", "ff1", key), datetime.now(UTC)  # dkimpy asks the real clock
    picture = Enclosure(name="Féte.png", content_type="image/png", data=bytes(range(256)) * 50)
    drafts = [draft(enclosures=(picture,)), *(random_draft(seed) for seed in range(20))]
    transport = SmtpTransport(SmtpSettings(host=server.host, port=server.port, security="none", hello="school.test"))
    transport.connect()
    for number, one in enumerate(drafts):
        letter = signer.sign(compose(one), now)
        assert transport.send("bounce+tok@school.test", f"signed{number}@example.org", letter).code == 250
    transport.close()

    def stub_dns(name: bytes, timeout: int = 5) -> bytes | None:
        return signer.public_record().encode() if name.rstrip(b".") == b"ff1._domainkey.school.test" else None

    for number in range(len(drafts)):
        arrived = lmtp_sink.wait_for(f"signed{number}@example.org")
        assert dkim.verify(arrived, dnsfunc=stub_dns), number
        assert not dkim.verify(arrived.replace(b"Subject: ", b"Subject: Not ", 1), dnsfunc=stub_dns)
