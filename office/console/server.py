"""Serves the console in a thread of the daemon; its log never names a path, for paths hold tokens."""

import socket
import threading

import uvicorn
from starlette.applications import Starlette

from school.errors import PermanentError


class ConsoleServer:
    def __init__(self, application: Starlette, host: str, port: int) -> None:
        self._address = (host, port)
        config = uvicorn.Config(application, access_log=False, log_config=None, lifespan="off")
        self._server = uvicorn.Server(config)
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """It listens when this returns; PermanentError when it cannot listen there."""
        try:
            listening = socket.create_server(self._address)
        except OSError as exc:
            host, port = self._address
            raise PermanentError(
                f"console.port: cannot listen on {host}:{port} ({exc.strerror}): choose another"
            ) from exc
        self._thread = threading.Thread(target=self._server.run, args=([listening],), name="console", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._server.should_exit = True
        if self._thread is not None:
            self._thread.join(5)
