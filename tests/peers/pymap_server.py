"""IMAP in pure Python, in a thread: IDLE, UIDPLUS and MOVE, but no CONDSTORE, and custom keywords vanish."""

import asyncio
import contextlib
import threading
from argparse import Namespace
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from tests.peers.loopback import HOST, free_port


@dataclass(frozen=True, kw_only=True, slots=True)
class PymapServer:
    host: str
    port: int
    user: str
    password: str


@pytest.fixture
def pymap_server() -> Iterator[PymapServer]:
    """One account, `inbox@school.test` with the password "pw", on an empty in-memory server."""
    from pymap.backend.dict import DictBackend
    from pymap.imap import IMAPService

    # pymap wants every option of its command line.
    options = Namespace(
        host=HOST,
        port=free_port(),
        demo_data=False,
        demo_user="inbox@school.test",
        demo_password="pw",
        debug=False,
        cert=None,
        key=None,
        passlib_cfg=None,
        tls=False,
        proxy_protocol=None,
        inherited_sockets=None,
    )
    ready = threading.Event()
    running: dict[str, object] = {}

    async def serve() -> None:
        backend, config = await DictBackend.init(options)
        config.apply_context()
        service = IMAPService(backend, config)
        async with contextlib.AsyncExitStack() as stack:
            await backend.start(stack)
            await service.start(stack)
            running["loop"] = asyncio.get_running_loop()
            running["stop"] = asyncio.Event()
            ready.set()
            await running["stop"].wait()

    def run() -> None:
        with contextlib.suppress(asyncio.CancelledError):  # leaving the stack cancels the server
            asyncio.run(serve())

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    assert ready.wait(10), "pymap did not start"
    yield PymapServer(host=options.host, port=options.port, user=options.demo_user, password=options.demo_password)
    running["loop"].call_soon_threadsafe(running["stop"].set)
    thread.join(5)
