"""Posting over kept connections: whoever gets no answer knows whether anything can have left."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from transport.posts import NotSent, Poster, Unanswered

SHORT = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
IN_PIECES = b"HTTP/1.1 400 No\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"
LAST = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok"


class Server:
    """Answers each post with the next of its answers; b"" hangs up, None says nothing."""

    def __init__(self, *answers: bytes | None) -> None:
        self.answers = list(answers)
        self.connections = 0
        self.heads: list[str] = []
        self.bodies: list[bytes] = []
        self.port = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode()
                length = int(head.lower().partition("content-length: ")[2].split("\r\n")[0])
                self.heads.append(head)
                self.bodies.append(await reader.readexactly(length))
                answer = self.answers.pop(0)
                if answer is None:
                    continue
                for start in range(0, len(answer), 7):
                    writer.write(answer[start : start + 7])
                    await writer.drain()
                if answer in (b"", LAST):
                    break
        except asyncio.IncompleteReadError:
            pass
        finally:
            writer.close()


@asynccontextmanager
async def serving(
    *answers: bytes | None, tls: ssl.SSLContext | None = None, seconds: float = 60.0
) -> AsyncIterator[tuple[Server, Poster]]:
    server = Server(*answers)
    running = await asyncio.start_server(server.serve, "127.0.0.1", 0, ssl=tls)
    server.port = running.sockets[0].getsockname()[1]
    scheme = "https" if tls else "http"
    base = f"{scheme}://localhost:{server.port}/graph/v25.0"
    poster = Poster(base, {"Authorization": "Bearer t"}, seconds=seconds)
    try:
        yield server, poster
    finally:
        poster.close()
        running.close()


def in_loop(test: Callable[[], Awaitable[None]]) -> Callable[[], None]:
    def run() -> None:
        asyncio.run(test())  # type: ignore[arg-type]

    run.__name__ = test.__name__
    return run


@in_loop
async def test_a_post_is_what_it_should_be() -> None:
    async with serving(SHORT) as (server, poster):
        assert await poster.post("1065/messages", "नमस्ते".encode()) == (200, b"ok")
        assert server.heads == [
            "POST /graph/v25.0/1065/messages HTTP/1.1\r\n"
            f"Host: localhost:{server.port}\r\nAuthorization: Bearer t\r\n"
            "Content-Length: 18\r\n\r\n"
        ]
        assert server.bodies == ["नमस्ते".encode()]


@in_loop
async def test_a_path_cannot_say_more_than_a_path() -> None:
    async with serving(SHORT) as (server, poster):
        await poster.post("1 HTTP/1.1\r\nX: y/messages", b"")
        assert server.heads[0].startswith("POST /graph/v25.0/1%20HTTP/1.1%0D%0AX%3A%20y/messages ")


@in_loop
async def test_one_connection_serves_one_post_after_the_other() -> None:
    async with serving(SHORT, IN_PIECES, SHORT) as (server, poster):
        assert await poster.post("a", b"1") == (200, b"ok")
        assert await poster.post("a", b"2") == (400, b"abcde")
        assert await poster.post("a", b"3") == (200, b"ok")
        assert server.connections == 1


@in_loop
async def test_posts_side_by_side_get_their_own_answers() -> None:
    answers = [b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n%d" % n for n in range(5)]
    async with serving(*answers) as (server, poster):
        found = await asyncio.gather(*(poster.post("a", b"%d" % n) for n in range(5)))
        assert server.connections == 5
        assert sorted(answer for _, answer in found) == [b"%d" % n for n in range(5)]


@in_loop
async def test_a_connection_that_the_server_ends_is_not_used_again() -> None:
    async with serving(LAST, SHORT) as (server, poster):
        assert await poster.post("a", b"1") == (200, b"ok")
        assert await poster.post("a", b"2") == (200, b"ok")
        assert server.connections == 2


@in_loop
async def test_a_kept_connection_that_was_closed_meanwhile_is_not_used() -> None:
    async with serving(SHORT, SHORT) as (server, poster):
        await poster.post("a", b"1")
        poster._free[0].close()
        await asyncio.sleep(0.01)
        assert await poster.post("a", b"2") == (200, b"ok")
        assert server.connections == 2


@pytest.mark.parametrize(
    "answer",
    [b"", None, b"not HTTP at all\r\n\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf"],
)
def test_without_an_answer_it_may_have_arrived(answer: bytes | None) -> None:
    async def ask() -> None:
        async with serving(answer, SHORT, seconds=0.2) as (server, poster):
            with pytest.raises(Unanswered):
                await poster.post("a", b"1")
            poster._seconds = 60
            assert await poster.post("a", b"2") == (200, b"ok")
            assert server.connections == 2

    asyncio.run(ask())


@in_loop
async def test_where_nobody_listens_nothing_was_sent() -> None:
    with socket.socket() as deaf:
        deaf.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{deaf.getsockname()[1]}"
        with pytest.raises(NotSent):
            await Poster(url, {}, seconds=60).post("a", b"")


@in_loop
async def test_no_more_connections_than_allowed() -> None:
    async with serving(*[SHORT] * 10) as (server, poster):
        poster._room = asyncio.Semaphore(3)
        await asyncio.gather(*(poster.post("a", b"") for _ in range(10)))
        assert server.connections <= 3


def test_a_server_without_a_good_certificate_is_told_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificate(tmp_path))
    trusting = ssl.create_default_context(cafile=str(tmp_path / "both.pem"))

    async def ask() -> None:
        async with serving(SHORT, tls=tls) as (server, poster):
            with pytest.raises(NotSent):
                await poster.post("a", b"secret")
            assert server.bodies == []
            poster._tls = trusting
            assert await poster.post("a", b"secret") == (200, b"ok")

    asyncio.run(ask())


def certificate(folder: Path) -> Path:
    """A key and a certificate of our own for localhost."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(timezone.utc)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    path = folder / "both.pem"
    path.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + made.public_bytes(serialization.Encoding.PEM)
    )
    return path
