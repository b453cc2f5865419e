"""The sandbox's own authority: signs PayPal's webhooks as PayPal would, for those who trust `paypal-ca.pem`."""

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

SUBJECT = "messageverificationcerts.paypal.com"  # the name PayPal's own certificate bears
AUTHORITY_YEARS = 10
SIGNER_DAYS = 90
RENEW_BEFORE = timedelta(days=30)
BACKDATE = timedelta(hours=1)


class Signer:
    def __init__(self, key: rsa.RSAPrivateKey, chain_pem: bytes, name: str) -> None:
        self._key = key
        self.chain_pem = chain_pem
        self.name = name

    def sign(self, text: bytes) -> bytes:
        return self._key.sign(text, padding.PKCS1v15(), SHA256())


def load_signer(data: Path, now: datetime) -> Signer:
    """Make authority and signer at the first start; renew the signer a month before it ends."""
    authority_key = _load_key(data / "paypal-ca.key")
    authority = _load_or_make(data / "paypal-ca.pem", lambda: _authority(authority_key, now))
    signer_key = _load_key(data / "paypal-signer.key")
    file = data / "paypal-signer.pem"
    if file.exists() and x509.load_pem_x509_certificate(file.read_bytes()).not_valid_after_utc < now + RENEW_BEFORE:
        file.unlink()
    signer = _load_or_make(file, lambda: _signer(signer_key, authority_key, authority, now))
    chain = b"".join(certificate.public_bytes(serialization.Encoding.PEM) for certificate in (signer, authority))
    return Signer(signer_key, chain, f"CERT-{signer.fingerprint(SHA256()).hex()[:24]}")


def _load_key(file: Path) -> rsa.RSAPrivateKey:
    if not file.exists():
        key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        pem = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        _write(file, pem)
    loaded = serialization.load_pem_private_key(file.read_bytes(), None)
    assert isinstance(loaded, rsa.RSAPrivateKey)
    return loaded


def _load_or_make(file: Path, make: Callable[[], x509.Certificate]) -> x509.Certificate:
    if not file.exists():
        _write(file, make().public_bytes(serialization.Encoding.PEM))
    return x509.load_pem_x509_certificate(file.read_bytes())


def _write(file: Path, content: bytes) -> None:
    """Whole or not at all, even if the process is killed meanwhile."""
    new = file.with_suffix(".new")
    new.touch(mode=0o600)
    new.write_bytes(content)
    new.replace(file)


def _authority(key: rsa.RSAPrivateKey, now: datetime) -> x509.Certificate:
    name = _name("Schalter PSP sandbox")
    builder = _builder(name, name, key, now, timedelta(days=365 * AUTHORITY_YEARS))
    builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
    builder = builder.add_extension(_usage(signs_certificates=True), critical=True)
    return builder.sign(key, SHA256())


def _signer(
    key: rsa.RSAPrivateKey, authority_key: rsa.RSAPrivateKey, authority: x509.Certificate, now: datetime
) -> x509.Certificate:
    issuer = authority_key.public_key()
    builder = _builder(_name(SUBJECT), authority.subject, key, now, timedelta(days=SIGNER_DAYS))
    builder = builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
    builder = builder.add_extension(_usage(signs_certificates=False), critical=True)
    builder = builder.add_extension(x509.SubjectAlternativeName([x509.DNSName(SUBJECT)]), critical=False)
    builder = builder.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
    builder = builder.add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer), critical=False)
    return builder.sign(authority_key, SHA256())


def _name(common_name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])


def _builder(
    subject: x509.Name, issuer: x509.Name, key: rsa.RSAPrivateKey, now: datetime, life: timedelta
) -> x509.CertificateBuilder:
    public = key.public_key()
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(public)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - BACKDATE)
        .not_valid_after(now + life)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
    )


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        encipher_only=False,
        decipher_only=False,
    )
