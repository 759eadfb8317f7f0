"""TLS where Python knows no authority, as on phones: a real server with a certificate of its own authority."""

from __future__ import annotations

import datetime
import ssl
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import ModuleType, SimpleNamespace

import pytest

from mobile_app.connection import Connection, Unreachable


class Yes(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Certificate and key of `localhost`, believed by whoever is given the file."""
    x509 = pytest.importorskip("cryptography.x509", reason="cryptography is not installed; moto brings it")
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.datetime.now(datetime.UTC)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("tls") / "localhost.pem"
    pem, plain = serialization.Encoding.PEM, serialization.NoEncryption()
    path.write_bytes(certificate.public_bytes(pem) + key.private_bytes(pem, serialization.PrivateFormat.PKCS8, plain))
    return path


@pytest.fixture
def url(authority: Path) -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Yes)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(authority)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"https://localhost:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def _as_on_a_phone(monkeypatch: pytest.MonkeyPatch, certifi: ModuleType | None) -> None:
    monkeypatch.setattr(ssl, "get_default_verify_paths", lambda: SimpleNamespace(cafile=None, capath=None))
    monkeypatch.setitem(sys.modules, "certifi", certifi)


def _certifi(path: Path) -> ModuleType:
    module = ModuleType("certifi")
    module.where = lambda: str(path)  # type: ignore[attr-defined]
    return module


def test_where_python_knows_no_authority_certifis_are_believed(monkeypatch, authority, url):
    _as_on_a_phone(monkeypatch, _certifi(authority))
    assert Connection(url).ask("GET", "/").status == 200


def test_a_name_that_the_certificate_does_not_bear_is_refused_all_the_same(monkeypatch, authority, url):
    _as_on_a_phone(monkeypatch, _certifi(authority))
    with pytest.raises(Unreachable, match="certificate"):
        Connection(url.replace("localhost", "127.0.0.1")).ask("GET", "/")


def test_without_certifi_nobody_is_believed(monkeypatch, url):
    _as_on_a_phone(monkeypatch, None)
    with pytest.raises(Unreachable, match="certificate"):
        Connection(url).ask("GET", "/")


def test_where_the_system_has_authorities_certifi_is_not_asked(monkeypatch, authority, url):
    monkeypatch.setattr(ssl, "get_default_verify_paths", lambda: SimpleNamespace(cafile=None, capath="/etc/ssl/certs"))
    monkeypatch.setitem(sys.modules, "certifi", _certifi(authority))
    with pytest.raises(Unreachable, match="certificate"):
        Connection(url).ask("GET", "/")
