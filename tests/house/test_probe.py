import http.server
import threading

import pytest

from ticketdesk import probe


@pytest.fixture
def web(monkeypatch):
    """A web that answers 200 to the name it knows and 400 to any other."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200 if self.headers["Host"] == "desk.example.com" else 400)
            self.end_headers()

        def log_message(self, *words):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setenv("PORT", str(server.server_port))
    monkeypatch.setattr("sys.argv", ["probe"])
    yield monkeypatch
    server.shutdown()
    server.server_close()


def test_it_asks_by_a_name_that_the_settings_allow(web):
    web.setenv("ALLOWED_HOSTS", "desk.example.com, other.example.com")
    assert probe.main() == 0


def test_any_other_answer_is_ill(web):
    web.setenv("ALLOWED_HOSTS", "localhost")
    assert probe.main() == 1


def test_no_answer_is_ill(monkeypatch):
    monkeypatch.setenv("PORT", "1")
    monkeypatch.setattr("sys.argv", ["probe", "/livez"])
    assert probe.main() == 1
