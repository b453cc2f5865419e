"""A reverse proxy in miniature that asks for a client certificate, and the certificates for it, made for one test."""

import asyncio
import base64
import hashlib
import ipaddress
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.x509.oid import NameOID
from tests.support.streams import stream_server


class Authority:
    """Signs whom it is told to sign."""

    def __init__(self, name: str) -> None:
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.name = _name(name)
        self.certificate = _certificate(self.name, self.name, self.key, self.key, is_authority=True)
        self.pem = self.certificate.public_bytes(serialization.Encoding.PEM).decode()

    def sign(self, name: str) -> "Identity":
        return Identity(self, name)


class Identity:
    def __init__(self, authority: Authority, name: str) -> None:
        key = ec.generate_private_key(ec.SECP256R1())
        certificate = _certificate(_name(name), authority.name, key, authority.key, is_authority=False)
        self.certificate_pem = certificate.public_bytes(serialization.Encoding.PEM).decode()
        self.key_pem = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        ).decode()
        self.fingerprint = hashlib.sha256(certificate.public_bytes(serialization.Encoding.DER)).hexdigest()


def _name(common_name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])


def _certificate(
    subject: x509.Name,
    issuer: x509.Name,
    key: ec.EllipticCurvePrivateKey,
    signer: ec.EllipticCurvePrivateKey,
    *,
    is_authority: bool,
) -> x509.Certificate:
    now = datetime.now(UTC)
    here = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(minutes=5))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=is_authority, path_length=None), critical=True)
        .add_extension(here, critical=False)
        .sign(signer, SHA256())
    )


@asynccontextmanager
async def tls_proxy(authority: Authority, inner: httpx.AsyncClient, secret: str, folder: Path) -> AsyncIterator[str]:
    """Its address. Lets in whom `authority` signed, and hands the certificate on as RFC 9440 has it."""
    server = authority.sign("127.0.0.1")
    (folder / "server.pem").write_text(server.key_pem + server.certificate_pem)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cadata=authority.pem)
    context.load_cert_chain(folder / "server.pem")
    context.verify_mode = ssl.CERT_REQUIRED

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        der = writer.get_extra_info("ssl_object").getpeercert(binary_form=True)
        trusted = {"Client-Cert": f":{base64.b64encode(der).decode()}:", "Schalter-Proxy-Secret": secret}
        writer.write(await _forward(reader, inner, trusted))
        await writer.drain()

    async with stream_server(answer, context) as port:
        yield f"https://127.0.0.1:{port}"


async def _forward(reader: asyncio.StreamReader, inner: httpx.AsyncClient, trusted: dict[str, str]) -> bytes:
    head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
    method, path, _ = head[0].split(" ")
    headers = dict(line.split(": ", 1) for line in head[1:] if line)
    content = await reader.readexactly(int(headers.get("Content-Length", headers.get("content-length", "0"))))
    sent = {"Content-Type": "application/json"} | trusted
    response = await inner.request(method, path, content=content, headers=sent)
    return (
        f"HTTP/1.1 {response.status_code} OK\r\nContent-Type: {response.headers.get('content-type', '')}\r\n"
        f"Content-Length: {len(response.content)}\r\nConnection: close\r\n\r\n"
    ).encode() + response.content
