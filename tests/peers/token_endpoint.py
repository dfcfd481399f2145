"""An OAuth token endpoint on loopback: it hands out numbered tokens and remembers what it was asked."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Self
from urllib.parse import parse_qsl


class TokenEndpoint:
    """Change *status* and *answer* as you like; token number n is `token-n`."""

    def __init__(self) -> None:
        self.asked: list[dict[str, str]] = []
        self.status, self.answer = 200, {"expires_in": 3600}
        endpoint = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                form = self.rfile.read(int(self.headers["Content-Length"])).decode()
                endpoint.asked.append(dict(parse_qsl(form)))
                given = {"access_token": f"token-{len(endpoint.asked)}"} if endpoint.status == 200 else {}
                body = json.dumps(given | endpoint.answer).encode()
                self.send_response(endpoint.status)
                if endpoint.status == 302:
                    self.send_header("Location", endpoint.url)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                """A test's output stays its own."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/token"

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
