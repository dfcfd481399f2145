"""`run` does a school's day by itself, stops when told, and repeats nothing when it starts again."""

import asyncio
from collections import Counter
from datetime import UTC, datetime

import psycopg
import pytest

from office.demo.clients import reply
from tests.flows.driver import new_office
from tests.flows.running import big_roster, copy_of, count, drop, mail_settings, prepared_big, prepared_small, service
from tests.peers.smtp_sink import SmtpSink

__all__ = ["prepared_big", "prepared_small"]
BEFORE_THE_ISSUE = "2026-11-27T15:09:57+00:00"
BEFORE_THE_DIGEST = "2026-11-27T15:39:57+00:00"
QUIET = "2026-11-27T15:20:00+00:00"
EVA = ("Eva Novak", "eva@example.org")


def letters_to(sink: SmtpSink) -> Counter:
    return Counter(held.recipients[0] for held in sink.messages)


@pytest.fixture(
    params=["pymap", pytest.param("dovecot", marks=[pytest.mark.peers, pytest.mark.xdist_group("dovecot")])]
)
def mailbox(request):
    return request.getfixturevalue({"pymap": "pymap_server", "dovecot": "dovecot"}[request.param])


def test_a_day_by_itself_once(tmp_path, prepared_small, smtp_sink, mailbox):
    settings = mail_settings(mailbox, SMTP_PORT=str(smtp_sink.port), IMAP_POLL_SECONDS="600")
    office = copy_of(prepared_small, tmp_path / "school", **settings)

    with service(office, now=BEFORE_THE_ISSUE) as running:
        running.until(lambda: len(smtp_sink.messages) == 3, "three letters")
        letter = next(held.content for held in smtp_sink.messages if held.recipients == (EVA[1],))
        # The next look is ten minutes away: only IDLE can tell of it.
        drop(
            mailbox, reply(letter, "gmail-web", "Anna is at the dentist.", EVA, datetime(2026, 11, 27, 16, tzinfo=UTC))
        )
        waited = running.until(lambda: count(office, "filing") == 1, "the reply is filed")
        stopped = running.stop()
    assert waited < 20
    assert stopped < 10
    assert "Traceback" not in running.log

    with service(office, now=BEFORE_THE_DIGEST) as running:
        running.until(lambda: len(smtp_sink.messages) > 3, "the digest")
        running.until(lambda: count(office, "letter where state = 'sent'") == 4, "it is written down")
        running.stop()
    assert letters_to(smtp_sink) == {EVA[1]: 1, "jon@example.org": 1, "mia@example.org": 1, "horn@school.test": 1}
    assert (count(office, "spool"), count(office, "filing"), count(office, "message")) == (1, 1, 1)


class SlowSink(SmtpSink):
    """Takes its time with every letter."""

    async def handle_DATA(self, server, session, envelope):  # noqa: N802 - the name aiosmtpd calls
        await asyncio.sleep(0.15)
        return await super().handle_DATA(server, session, envelope)


@pytest.fixture
def slow_sink():
    from aiosmtpd.controller import Controller

    from tests.peers.loopback import free_port

    sink = SlowSink(port=free_port())
    controller = Controller(sink, hostname=sink.host, port=sink.port)
    controller.start()
    yield sink
    controller.stop()


def test_a_stop_in_mid_delivery_repeats_nothing(tmp_path, prepared_big, slow_sink, pymap_server):
    settings = mail_settings(pymap_server, SMTP_PORT=str(slow_sink.port))
    office = copy_of(prepared_big, tmp_path / "school", **settings)

    with service(office, now=BEFORE_THE_ISSUE) as running:
        running.until(lambda: len(slow_sink.messages) >= 10, "ten letters")
        assert running.stop() < 10
    planned, sent = count(office, "letter"), count(office, "letter where state = 'sent'")
    assert 10 <= sent == len(slow_sink.messages) < planned
    assert count(office, "letter where state = 'claimed'") == 0

    with service(office, now=QUIET) as running:
        running.until(lambda: count(office, "letter where state = 'sent'") == planned, "the rest")
        running.stop()
    assert len(slow_sink.messages) == planned == len(letters_to(slow_sink))


def test_a_second_service_on_one_file_leaves_at_once_and_says_why(tmp_path, prepared_small, smtp_sink, pymap_server):
    settings = mail_settings(pymap_server, SMTP_PORT=str(smtp_sink.port))
    office = copy_of(prepared_small, tmp_path / "school", **settings)

    with service(office, now=QUIET) as first:
        first.until(lambda: first.says("service.started"))
        office.in_process = False
        second = office.process("run", now=QUIET)
        worker = office.process("worker")
        first.kill()
    freed = office.process("deliver")

    assert (second.returncode, worker.returncode, freed.returncode) == (1, 1, 0)
    (line,) = second.stderr.splitlines()
    assert f"already being sent by process {first.process.pid}" in line
    assert "PostgreSQL" in worker.stderr


@pytest.mark.timeout(180)
def test_two_services_and_a_worker_share_the_work(tmp_path, postgres_url, slow_sink, pymap_server):
    settings = mail_settings(pymap_server, SMTP_PORT=str(slow_sink.port), DATABASE_URL=postgres_url)
    settings |= {"SMTP_CONNECTIONS": "2", "IMAP_POLL_SECONDS": "600"}
    office = new_office(tmp_path / "school", in_process=True, **settings)
    office.run("roster", "import", str(big_roster(tmp_path)))
    office.run("item", "add", "--title", "Winter fair", "--body", "Bring *soup*.", "--date", "2026-11-27")

    def sent() -> dict[str, int]:
        with psycopg.connect(postgres_url) as database:
            return dict(database.execute("select state, count(*) from letter group by state").fetchall())

    with (
        service(office, now="2026-11-27T15:09:45+00:00", name="one") as one,
        service(office, now="2026-11-27T15:09:45+00:00", name="two") as two,
        service(office, "worker", now="2026-11-27T15:09:45+00:00", name="three") as worker,
    ):
        one.until(lambda: sum(running.says("service.leads") for running in (one, two)) == 1)
        one.until(lambda: (states := sent()) and set(states) == {"sent"}, "all letters")
        leader, other = (one, two) if one.says("service.leads") else (two, one)
        # The database throws everybody out: every loop connects again by itself.
        with psycopg.connect(postgres_url, autocommit=True) as admin:
            admin.execute(
                "select pg_terminate_backend(pid) from pg_stat_activity "
                "where pid <> pg_backend_pid() and datname = current_database()"
            )
        leader.stop()
        other.until(lambda: other.says("service.leads"), "the other leads now")
        letter = slow_sink.messages[0]
        guardian = ("Somebody", letter.recipients[0])
        drop(
            pymap_server,
            reply(letter.content, "gmail-web", "Thank you.", guardian, datetime(2026, 11, 27, 16, tzinfo=UTC)),
        )
        with psycopg.connect(postgres_url, autocommit=True) as database:
            other.until(
                lambda: database.execute("select count(*) from spool where finished_at is not null").fetchone()[0]
            )
        other.stop()
        worker.stop()

    logs = {running.log_path.stem: running.log.count("letter.sent") for running in (one, two, worker)}
    assert sum(logs.values()) == len(slow_sink.messages) == len(letters_to(slow_sink))
    assert all(logs.values()), logs  # each took part
