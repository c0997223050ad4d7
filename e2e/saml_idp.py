"""A SAML identity provider for tests: it signs with signxml and encrypts with xmlsec1, neither of which shares
code with the server. Run as a program it writes the signed documents that the server's unit tests read."""

import base64
import datetime
import pathlib
import subprocess
import sys
import tempfile
import uuid

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from lxml import etree
from signxml import CanonicalizationMethod, DigestAlgorithm, SignatureMethod, XMLSigner, methods

ENTITY_ID = "http://adfs.example.com/adfs/services/trust"
SIGN_IN = "https://signin.aws.amazon.com/saml"
PROVIDER = "arn:aws:iam::123456789012:saml-provider/ADFS"
ROLE = "arn:aws:iam::123456789012:role/ADFS-Production"
ATTRIBUTE = "https://aws.amazon.com/SAML/Attributes/"
NAMESPACES = {
    "saml": "urn:oasis:names:tc:SAML:2.0:assertion",
    "samlp": "urn:oasis:names:tc:SAML:2.0:protocol",
    "ds": "http://www.w3.org/2000/09/xmldsig#",
}
PLACEHOLDER = '<ds:Signature xmlns:ds="http://www.w3.org/2000/09/xmldsig#" Id="placeholder"></ds:Signature>'
ENCRYPTION_TEMPLATE = """<xenc:EncryptedData xmlns:xenc="http://www.w3.org/2001/04/xmlenc#"
 Type="http://www.w3.org/2001/04/xmlenc#Element"><xenc:EncryptionMethod Algorithm="{cipher}"/>
<ds:KeyInfo xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><xenc:EncryptedKey>
<xenc:EncryptionMethod Algorithm="http://www.w3.org/2001/04/xmlenc#rsa-oaep-mgf1p"/>
<ds:KeyInfo><ds:X509Data/></ds:KeyInfo><xenc:CipherData><xenc:CipherValue/></xenc:CipherData>
</xenc:EncryptedKey></ds:KeyInfo><xenc:CipherData><xenc:CipherValue/></xenc:CipherData></xenc:EncryptedData>"""


class Idp:
    """An identity provider with a key of its own."""

    def __init__(self, kind: str = "rsa", entity_id: str = ENTITY_ID):
        self.entity_id = entity_id
        self.key = new_key(kind)
        self.certificate = certificate(self.key)
        self.is_rsa = kind.startswith("rsa")

    def metadata(self) -> str:
        """A metadata document as AD FS exports it, cut down."""
        der = base64.b64encode(self.certificate.public_bytes(serialization.Encoding.DER)).decode()
        key = f'<KeyInfo xmlns="{NAMESPACES["ds"]}"><X509Data><X509Certificate>{der}</X509Certificate></X509Data></KeyInfo>'
        return (
            f'<EntityDescriptor ID="_{uuid.UUID(int=1)}" entityID="{self.entity_id}"'
            ' xmlns="urn:oasis:names:tc:SAML:2.0:metadata">'
            '<IDPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol">'
            f'<KeyDescriptor use="encryption">{key}</KeyDescriptor><KeyDescriptor use="signing">{key}</KeyDescriptor>'
            "<NameIDFormat>urn:oasis:names:tc:SAML:2.0:nameid-format:persistent</NameIDFormat>"
            '<SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST"'
            ' Location="https://adfs.example.com/adfs/ls/"/></IDPSSODescriptor></EntityDescriptor>'
        )

    def response(self, now: datetime.datetime | None = None, sign: str = "assertion", **wishes) -> str:
        """A response: `sign` names what is signed, `wishes` are those of `assertion` and `signed`."""
        now = now or datetime.datetime.now(datetime.UTC)
        signing = {key: wishes.pop(key) for key in list(wishes) if key in ("signature", "digest", "c14n", "key")}
        encrypt = wishes.pop("encrypt", None)
        assertion = etree.fromstring(self.assertion(now, "assertion" in sign, **wishes))
        if "assertion" in sign:
            assertion = self.signed(assertion, **signing)
        text = etree.tostring(assertion, encoding="unicode")
        if encrypt:
            text = encrypted(text, *encrypt)
        placeholder = PLACEHOLDER if "response" in sign else ""
        document = etree.fromstring(
            f'<samlp:Response xmlns:samlp="{NAMESPACES["samlp"]}" ID="_{uuid.uuid4()}" Version="2.0"'
            f' IssueInstant="{stamp(now)}" Destination="{SIGN_IN}">'
            f'<saml:Issuer xmlns:saml="{NAMESPACES["saml"]}">{self.entity_id}</saml:Issuer>{placeholder}'
            '<samlp:Status><samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Success"/></samlp:Status>'
            f"{text}</samlp:Response>"
        )
        if "response" in sign:
            document = self.signed(document, **signing)
        return etree.tostring(document, encoding="unicode")

    def assertion(self, now, with_placeholder, subject="alice", name="alice", roles=((ROLE, PROVIDER),), attributes=None):
        """An unsigned assertion."""
        minute = datetime.timedelta(minutes=1)
        values = {"Role": [f"{role},{provider}" for role, provider in roles], "RoleSessionName": [name]}
        values = {ATTRIBUTE + key: texts for key, texts in values.items()} | (attributes or {})
        statements = "".join(attribute(key, texts) for key, texts in values.items())
        return (
            f'<saml:Assertion xmlns:saml="{NAMESPACES["saml"]}" ID="_{uuid.uuid4()}" Version="2.0" IssueInstant="{stamp(now)}">'
            f'<saml:Issuer>{self.entity_id}</saml:Issuer>{PLACEHOLDER if with_placeholder else ""}'
            '<saml:Subject><saml:NameID Format="urn:oasis:names:tc:SAML:2.0:nameid-format:persistent">'
            f'{subject}</saml:NameID><saml:SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:bearer">'
            f'<saml:SubjectConfirmationData NotOnOrAfter="{stamp(now + 5 * minute)}" Recipient="{SIGN_IN}"/>'
            "</saml:SubjectConfirmation></saml:Subject>"
            f'<saml:Conditions NotBefore="{stamp(now - minute)}" NotOnOrAfter="{stamp(now + 60 * minute)}">'
            "<saml:AudienceRestriction><saml:Audience>urn:amazon:webservices</saml:Audience>"
            "</saml:AudienceRestriction></saml:Conditions>"
            f"<saml:AttributeStatement>{statements}</saml:AttributeStatement>"
            f'<saml:AuthnStatement AuthnInstant="{stamp(now)}" SessionNotOnOrAfter="{stamp(now + 600 * minute)}">'
            "<saml:AuthnContext><saml:AuthnContextClassRef>urn:oasis:names:tc:SAML:2.0:ac:classes:"
            "PasswordProtectedTransport</saml:AuthnContextClassRef></saml:AuthnContext></saml:AuthnStatement>"
            "</saml:Assertion>"
        )

    def signed(self, element, signature=None, digest=DigestAlgorithm.SHA256, c14n=None, key=None):
        """The element with its placeholder filled by an enveloped signature."""
        usual = SignatureMethod.RSA_SHA256 if self.is_rsa else SignatureMethod.ECDSA_SHA256
        signer = Signer(
            method=methods.enveloped,
            signature_algorithm=signature or usual,
            digest_algorithm=digest,
            c14n_algorithm=c14n or CanonicalizationMethod.EXCLUSIVE_XML_CANONICALIZATION_1_0,
        )
        cert = None if isinstance(key, bytes) else [self.certificate]
        return signer.sign(element, key=key or self.key, cert=cert, reference_uri="#" + element.get("ID"))

    def posted(self, **wishes) -> str:
        """A response as a browser posts it, and as `--saml-assertion` takes it."""
        return base64.b64encode(self.response(**wishes).encode()).decode()


class Signer(XMLSigner):
    """Signs with what is out of date, too."""

    def check_deprecated_methods(self):
        pass


def attribute(name: str, texts: list[str]) -> str:
    values = "".join(f"<saml:AttributeValue>{text}</saml:AttributeValue>" for text in texts)
    return f'<saml:Attribute Name="{name}">{values}</saml:Attribute>'


def encrypted(assertion: str, recipient: x509.Certificate, cipher: str) -> str:
    """An encrypted assertion, made by xmlsec1."""
    bits = "".join(character for character in cipher.rsplit("#")[-1][:6] if character.isdigit())
    with tempfile.TemporaryDirectory() as directory:
        path = pathlib.Path(directory)
        (path / "plain.xml").write_text(assertion)
        (path / "template.xml").write_text(ENCRYPTION_TEMPLATE.format(cipher=cipher))
        (path / "cert.pem").write_bytes(recipient.public_bytes(serialization.Encoding.PEM))
        command = ["xmlsec1", "--encrypt", "--pubkey-cert-pem", "cert.pem", "--session-key", f"aes-{bits}"]
        command += ["--xml-data", "plain.xml", "--output", "out.xml", "template.xml"]
        subprocess.run(command, cwd=path, check=True, capture_output=True)
        data = etree.parse(str(path / "out.xml")).getroot()
    return (
        f'<saml:EncryptedAssertion xmlns:saml="{NAMESPACES["saml"]}">'
        f'{etree.tostring(data, encoding="unicode")}</saml:EncryptedAssertion>'
    )


def new_key(kind: str):
    if kind == "ec":
        return ec.generate_private_key(ec.SECP256R1())
    return rsa.generate_private_key(65537, int(kind.removeprefix("rsa") or 2048))


def certificate(key, first: int = 2020, last: int = 2090) -> x509.Certificate:
    """A self-signed certificate, in force from one year's start to another's."""
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "ADFS Signing - adfs.example.com")])
    year = lambda number: datetime.datetime(number, 1, 1, tzinfo=datetime.UTC)  # noqa: E731
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    builder = builder.serial_number(x509.random_serial_number()).not_valid_before(year(first))
    return builder.not_valid_after(year(last)).sign(key, hashes.SHA256())


def pem(key) -> str:
    form = serialization.PrivateFormat.PKCS8
    return key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption()).decode()


def stamp(time: datetime.datetime) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%S.000Z")


def write_documents(directory: pathlib.Path) -> None:
    """The documents of the unit tests, issued at the start of 2040."""
    now = datetime.datetime(2040, 1, 1, tzinfo=datetime.UTC)
    rsa_idp, ec_idp, small, stranger = Idp(), Idp("ec"), Idp("rsa1024"), Idp()
    recipient = new_key("rsa")
    to = certificate(recipient)
    gcm, cbc = "http://www.w3.org/2009/xmlenc11#aes256-gcm", "http://www.w3.org/2001/04/xmlenc#aes128-cbc"
    inclusive = CanonicalizationMethod.CANONICAL_XML_1_0
    public = rsa_idp.certificate.public_bytes(serialization.Encoding.PEM)
    documents = {
        "metadata-rsa": rsa_idp.metadata(),
        "metadata-ec": ec_idp.metadata(),
        "metadata-rsa1024": small.metadata(),
        "assertion-signed": rsa_idp.response(now),
        "response-signed": rsa_idp.response(now, sign="response"),
        "both-signed": rsa_idp.response(now, sign="assertion and response"),
        "unsigned": rsa_idp.response(now, sign="nothing"),
        "rsa-sha512": rsa_idp.response(now, signature=SignatureMethod.RSA_SHA512, digest=DigestAlgorithm.SHA512),
        "rsa1024": small.response(now),
        "ecdsa-sha256": ec_idp.response(now),
        "encrypted-gcm": rsa_idp.response(now, encrypt=(to, gcm)),
        "encrypted-cbc": rsa_idp.response(now, encrypt=(to, cbc), sign="assertion and response"),
        "refused-encrypted-unsigned": rsa_idp.response(now, encrypt=(to, gcm), sign="nothing"),
        "refused-other-key": stranger.response(now),
        "refused-sha1": rsa_idp.response(now, signature=SignatureMethod.RSA_SHA1, digest=DigestAlgorithm.SHA1),
        "refused-sha1-digest": rsa_idp.response(now, digest=DigestAlgorithm.SHA1),
        "refused-hmac": rsa_idp.response(now, signature=SignatureMethod.HMAC_SHA256, key=public),
        "refused-inclusive": rsa_idp.response(now, c14n=inclusive),
        "key-signing": pem(rsa_idp.key),
        "key-decryption": pem(recipient),
    }
    for name, text in documents.items():
        (directory / f"{name}.{'pem' if name.startswith('key') else 'xml'}").write_text(text)


if __name__ == "__main__":
    write_documents(pathlib.Path(sys.argv[1]))
