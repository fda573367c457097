"""Whose certificates are believed (VEN-2): the system's, by every client of ours, however aiohttp was imported."""

from __future__ import annotations

import asyncio
import ssl
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

import integrations
from integrations import authorities
from integrations.http import Lost, Reply, Wire

IMPORTED = """
import ssl
from integrations.authorities import import_aiohttp, tls_for
import_aiohttp()
from aiohttp import connector
own = connector._SSL_CONTEXT_VERIFIED
assert own.verify_mode is ssl.CERT_REQUIRED and own.check_hostname
assert own.cert_store_stats()["x509"] == 0, own.cert_store_stats()
assert tls_for("http://127.0.0.1:1") is True
ours, usual = tls_for("https://api.example.org"), ssl.create_default_context()
assert ours.verify_mode is ssl.CERT_REQUIRED and ours.check_hostname
assert ours.cert_store_stats() == usual.cert_store_stats()
"""


@pytest.fixture
def certificate(tmp_path: Path) -> Iterator[Path]:
    """A file with a certificate for 127.0.0.1 that nobody signed but itself, and its key."""
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "a server of the tests")])
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    file = tmp_path / "server.pem"
    file.write_bytes(secret + made.public_bytes(serialization.Encoding.PEM))
    authorities._context.cache_clear()
    yield file
    authorities._context.cache_clear()


@asynccontextmanager
async def _server(certificate: Path) -> AsyncIterator[str]:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        writer.close()

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    server = await asyncio.start_server(answer, "127.0.0.1", 0, ssl=context)
    async with server:
        yield f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}"


async def _ask(url: str) -> Reply | Lost:
    wire = Wire("lob", url)
    try:
        return await wire.ask("GET", "/", operation="x", seconds=5)
    finally:
        await wire.close()


async def test_a_server_that_no_authority_vouches_for_is_refused(certificate: Path) -> None:
    async with _server(certificate) as url:
        assert await _ask(url) == Lost("ClientConnectorCertificateError", sent=False)


async def test_a_server_that_an_authority_of_the_system_vouches_for_is_believed(
    certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    async with _server(certificate) as url:
        answer = await _ask(url)
    assert isinstance(answer, Reply)
    assert answer.status == 200


def test_aiohttps_own_contexts_know_no_authority_in_a_server_and_ours_know_all() -> None:
    root = Path(integrations.__file__).parents[1]
    subprocess.run([sys.executable, "-W", "error", "-c", IMPORTED], cwd=root, check=True)


def test_every_client_of_a_vendor_brings_its_own_context() -> None:
    folder = Path(integrations.__file__).parent
    sources = [path for path in folder.rglob("*.py") if "fakes" not in path.relative_to(folder).parts]
    clients = {
        path.name: path.read_text("utf-8") for path in sources if "aiohttp.ClientSession(\n" in path.read_text("utf-8")
    }
    assert len(clients) == 2
    assert [
        name for name, text in clients.items() if text.count("ClientSession(\n") != text.count("ssl=tls_for(")
    ] == []
