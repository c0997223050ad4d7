"""Federation with SAML as users of AD FS do it, with responses from two identity providers that share no code
with the server: one on signxml, and pysaml2."""

import base64
import datetime
import json
import shutil

import botocore
import botocore.config
import botocore.exceptions
import boto3
import pytest
import requests
from cryptography.hazmat.primitives.serialization import Encoding
from saml2.config import IdPConfig
from saml2.saml import NAMEID_FORMAT_PERSISTENT, NameID
from saml2.server import Server as PySaml2
from signxml import DigestAlgorithm

from saml_idp import ATTRIBUTE, PROVIDER, ROLE, SIGN_IN, Idp, certificate, new_key, pem

# As tutorials on AD FS have it.
TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": {"Federated": PROVIDER},
            "Action": "sts:AssumeRoleWithSAML",
            "Condition": {"StringEquals": {"SAML:aud": SIGN_IN}},
        }
    ],
}
OTHER_ROLE = ROLE.replace("Production", "Dev")


@pytest.fixture(scope="module")
def idp():
    return Idp()


@pytest.fixture(scope="module")
def federated(server, idp):
    """The server with the provider and two roles that trust it."""
    iam = server.client("iam")
    assert iam.create_saml_provider(SAMLMetadataDocument=idp.metadata(), Name="ADFS")["SAMLProviderArn"] == PROVIDER
    for role in ROLE, OTHER_ROLE:
        name = role.rsplit("/", 1)[-1]
        iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(TRUST))
        iam.attach_role_policy(RoleName=name, PolicyArn="arn:aws:iam::aws:policy/AmazonS3FullAccess")
    return server


def anonymous(server):
    unsigned = botocore.config.Config(signature_version=botocore.UNSIGNED)
    return boto3.client("sts", endpoint_url=server.endpoint, region_name="us-east-1", config=unsigned)


def assume(server, response: str, role: str = ROLE, **more) -> dict:
    return anonymous(server).assume_role_with_saml(
        RoleArn=role, PrincipalArn=PROVIDER, SAMLAssertion=response, **more
    )


def refusal(server, response: str, role: str = ROLE) -> dict:
    with pytest.raises(botocore.exceptions.ClientError) as refused:
        assume(server, response, role)
    return refused.value.response["Error"]


def test_what_users_of_ad_fs_type(server, idp, shell):
    """The administrator's part, then a user with nothing but the response that the browser posted."""
    root = shell.environment | server.root_environment()
    shell.environment, user = root, shell.environment
    (shell.home / "FederationMetadata.xml").write_text("\ufeff" + idp.metadata())
    policy = json.dumps(TRUST).replace("/ADFS", "/Contoso")
    (shell.home / "trust.json").write_text(policy)
    printed = shell.ok(
        "aws iam create-saml-provider --saml-metadata-document file://FederationMetadata.xml --name Contoso"
    )
    assert json.loads(printed)["SAMLProviderArn"] == PROVIDER.replace("ADFS", "Contoso")
    shell.ok("aws iam create-role --role-name ADFS-Contoso --assume-role-policy-document file://trust.json")
    shell.ok(
        "aws iam attach-role-policy --role-name ADFS-Contoso"
        " --policy-arn arn:aws:iam::aws:policy/AmazonS3FullAccess && aws s3 mb s3://contoso"
    )
    shell.environment = user | {"AWS_DEFAULT_REGION": "us-east-1"}
    role, provider = ROLE.replace("Production", "Contoso"), PROVIDER.replace("ADFS", "Contoso")
    (shell.home / "samlresponse.log").write_text(idp.posted(name="bob@contoso.com", roles=[(role, provider)]) + "\n")
    command = (
        f"aws sts assume-role-with-saml --role-arn {role} --principal-arn {provider}"
        " --saml-assertion file://samlresponse.log"
    )
    printed = json.loads(shell.ok(command))
    assert printed["AssumedRoleUser"]["Arn"].endswith(":assumed-role/ADFS-Contoso/bob@contoso.com")
    assert (printed["Subject"], printed["SubjectType"], printed["Audience"]) == ("alice", "persistent", SIGN_IN)
    got = printed["Credentials"]
    shell.environment |= {
        "AWS_ACCESS_KEY_ID": got["AccessKeyId"],
        "AWS_SECRET_ACCESS_KEY": got["SecretAccessKey"],
        "AWS_SESSION_TOKEN": got["SessionToken"],
    }
    assert "contoso" in shell.ok("aws s3 ls")
    assert "assumed-role/ADFS-Contoso/bob@contoso.com" in shell.ok("aws sts get-caller-identity")
    assert "AccessDenied" in shell.fails("aws iam list-users")
    assert "redeemed already" in shell.fails(command)


@pytest.mark.parametrize("sign", ["assertion", "response", "assertion and response"])
def test_boto3_gets_a_session_for_each_of_the_roles(federated, idp, sign):
    response = idp.posted(sign=sign, roles=[(ROLE, PROVIDER), (OTHER_ROLE, PROVIDER)])
    for role in ROLE, OTHER_ROLE:
        answer = assume(federated, response, role, DurationSeconds=900)
        session = federated.session_client("sts", answer["Credentials"])
        assert session.get_caller_identity()["Arn"] == answer["AssumedRoleUser"]["Arn"]
        assert answer["Issuer"] == idp.entity_id
    assert "redeemed already" in refusal(federated, response)["Message"]


def test_get_is_as_good_as_post(federated, idp):
    query = {"Action": "AssumeRoleWithSAML", "Version": "2011-06-15", "RoleArn": ROLE, "PrincipalArn": PROVIDER}
    for call in requests.get, requests.post:
        parameters = query | {"SAMLAssertion": idp.posted()}
        answer = call(federated.endpoint, params=parameters)
        assert answer.status_code == 200 and "<AccessKeyId>ASIA" in answer.text, answer.text


def test_what_the_provider_did_not_sign_gives_nothing(federated, idp):
    assume(federated, idp.posted())
    invalid = {"Code": "InvalidIdentityToken", "Message": "Response signature invalid"}
    for wishes in {"sign": "nothing"}, {"digest": DigestAlgorithm.SHA1}, {"key": new_key("rsa")}:
        error = refusal(federated, idp.posted(**wishes))
        assert (error["Code"], error["Message"]) == tuple(invalid.values()), wishes
    changed = idp.response().replace(">alice</saml:NameID>", ">root</saml:NameID>")
    assert refusal(federated, base64.b64encode(changed.encode()).decode())["Message"] == invalid["Message"]
    stale = idp.posted(now=datetime.datetime.now(datetime.UTC) - datetime.timedelta(minutes=6))
    assert refusal(federated, stale)["Code"] == "ExpiredTokenException"


def test_encrypted_assertions(federated, idp):
    iam, key = federated.client("iam"), new_key("rsa")
    to = certificate(key)
    iam.update_saml_provider(SAMLProviderArn=PROVIDER, AddPrivateKey=pem(key), AssertionEncryptionMode="Required")
    try:
        for cipher in "http://www.w3.org/2009/xmlenc11#aes256-gcm", "http://www.w3.org/2001/04/xmlenc#aes256-cbc":
            assert assume(federated, idp.posted(encrypt=(to, cipher)))["Subject"] == "alice"
        assert refusal(federated, idp.posted())["Message"] == "Response signature invalid"
    finally:
        iam.update_saml_provider(SAMLProviderArn=PROVIDER, AssertionEncryptionMode="Allowed")
    assume(federated, idp.posted())


def test_tags_and_source_identity(federated, idp):
    iam = federated.client("iam")
    actions = ["sts:AssumeRoleWithSAML", "sts:TagSession", "sts:SetSourceIdentity"]
    statement = TRUST["Statement"][0] | {"Action": actions, "Condition": {"StringEquals": {"aws:RequestTag/Team": "blue"}}}
    trust = json.dumps(TRUST | {"Statement": [statement]})
    iam.create_role(RoleName="ADFS-Tagged", AssumeRolePolicyDocument=trust)
    role = ROLE.replace("Production", "Tagged")
    attributes = {ATTRIBUTE + "PrincipalTag:Team": ["blue"], ATTRIBUTE + "SourceIdentity": ["alice.a"]}
    answer = assume(federated, idp.posted(roles=[(role, PROVIDER)], attributes=attributes), role)
    assert (answer["SourceIdentity"], answer["PackedPolicySize"] > 0) == ("alice.a", True)
    attributes[ATTRIBUTE + "PrincipalTag:Team"] = ["red"]
    error = refusal(federated, idp.posted(roles=[(role, PROVIDER)], attributes=attributes), role)
    assert error["Message"] == "Not authorized to perform sts:AssumeRoleWithSAML"


@pytest.mark.parametrize("wishes", [{"sign_assertion": True}, {"sign_response": True}])
def test_pysaml2_as_the_provider(federated, tmp_path, wishes):
    own = Idp(entity_id="https://pysaml2.example.com/idp")
    provider, role = PROVIDER.replace("ADFS", "pysaml2"), ROLE
    (tmp_path / "key.pem").write_text(pem(own.key))
    (tmp_path / "cert.pem").write_bytes(own.certificate.public_bytes(Encoding.PEM))
    (tmp_path / "sp.xml").write_text(SERVICE_PROVIDER)
    config = IdPConfig().load(
        {
            "entityid": own.entity_id,
            "key_file": str(tmp_path / "key.pem"),
            "cert_file": str(tmp_path / "cert.pem"),
            "metadata": {"local": [str(tmp_path / "sp.xml")]},
            "xmlsec_binary": shutil.which("xmlsec1"),
            "service": {"idp": {"policy": {"default": {"name_form": "urn:oasis:names:tc:SAML:2.0:attrname-format:uri"}}}},
        }
    )
    server = PySaml2(config=config)
    iam = federated.client("iam")
    iam.create_saml_provider(SAMLMetadataDocument=own.metadata(), Name="pysaml2")
    try:
        trust = json.dumps(TRUST).replace("saml-provider/ADFS", "saml-provider/pysaml2")
        iam.update_assume_role_policy(RoleName=role.rsplit("/", 1)[-1], PolicyDocument=trust)
        identity = {ATTRIBUTE + "Role": [f"{role},{provider}"], ATTRIBUTE + "RoleSessionName": ["carol"]}
        response = server.create_authn_response(
            identity,
            in_response_to=None,
            destination=SIGN_IN,
            sp_entity_id="urn:amazon:webservices",
            name_id=NameID(format=NAMEID_FORMAT_PERSISTENT, text="carol-7"),
            authn={"class_ref": "urn:oasis:names:tc:SAML:2.0:ac:classes:Password", "authn_auth": own.entity_id},
            sign_alg="http://www.w3.org/2001/04/xmldsig-more#rsa-sha256",
            digest_alg="http://www.w3.org/2001/04/xmlenc#sha256",
            **wishes,
        )
        posted = base64.b64encode(str(response).encode()).decode()
        answer = anonymous(federated).assume_role_with_saml(RoleArn=role, PrincipalArn=provider, SAMLAssertion=posted)
        assert (answer["Subject"], answer["Issuer"]) == ("carol-7", own.entity_id)
        assert answer["AssumedRoleUser"]["Arn"].endswith("/carol")
    finally:
        iam.delete_saml_provider(SAMLProviderArn=provider)
        iam.update_assume_role_policy(RoleName=role.rsplit("/", 1)[-1], PolicyDocument=json.dumps(TRUST))


SERVICE_PROVIDER = f"""<EntityDescriptor xmlns="urn:oasis:names:tc:SAML:2.0:metadata" entityID="urn:amazon:webservices">
<SPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol" WantAssertionsSigned="true">
<AssertionConsumerService index="1" isDefault="true" Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST"
 Location="{SIGN_IN}"/></SPSSODescriptor></EntityDescriptor>"""
