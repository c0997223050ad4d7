//! An OpenID provider of this machine, a role that trusts it, and tokens that were never shown before.

use crate::rolecall::Rolecall;
use crate::rounds::Figures;
use crate::signed::unsigned;
use anyhow::{Context, Result, anyhow};
use aws_lc_rs::encoding::AsDer;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeySize, PublicKey};
use aws_lc_rs::signature::{
    KeyPair, ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_SHA256, RsaKeyPair,
};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rustix::time::{ClockId, clock_gettime};
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::thread;
use std::time::{SystemTime, UNIX_EPOCH};

/// Signs tokens, and is asked for its key.
#[derive(Debug)]
pub struct Issuer {
    address: SocketAddr,
    key: RsaKeyPair,
    other_key: RsaKeyPair,
}

impl Issuer {
    /// Starts to answer for it, registers it, and makes a role that trusts it.
    ///
    /// # Errors
    /// When a key cannot be made or an answer is not 200.
    pub fn start(server: &Rolecall) -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let (key, other_key) = (new_key()?, new_key()?);
        let issuer = Self { address: listener.local_addr()?, key, other_key };
        let (about, keys) = (issuer.about(), issuer.keys());
        thread::spawn(move || {
            listener.incoming().map_while(Result::ok).for_each(|stream| drop(answer(stream, &about, &keys)));
        });
        let root = server.sender(&server.root);
        let url = issuer.url();
        let provider = [("Url", url.as_str()), ("ClientIDList.member.1", AUDIENCE)];
        server.ask(&root.query("iam", "CreateOpenIDConnectProvider", &provider)?)?;
        let trust = TRUST.replace("ISSUER", &issuer.address.to_string());
        let role = [("RoleName", ROLE), ("AssumeRolePolicyDocument", trust.as_str())];
        server.ask(&root.query("iam", "CreateRole", &role)?)?;
        Ok(issuer)
    }

    /// Requests for the role, each with a token of its own, to a server at this address.
    ///
    /// # Errors
    /// When signing fails.
    pub fn requests(&self, to: SocketAddr, count: usize) -> Result<Vec<Vec<u8>>> {
        (0..count).map(|number| request(to, &self.token(&self.key, number)?)).collect()
    }

    /// The same with tokens that somebody else has signed.
    ///
    /// # Errors
    /// When signing fails.
    pub fn forged(&self, to: SocketAddr, count: usize) -> Result<Vec<Vec<u8>>> {
        (0..count).map(|number| request(to, &self.token(&self.other_key, number)?)).collect()
    }

    /// Seconds of processor time that one verification of such a token's signature takes, by the same code as
    /// the server's: the median of several.
    ///
    /// # Errors
    /// When a signature does not hold.
    pub fn cost_of_a_verification(&self) -> Result<f64> {
        let token = self.token(&self.key, 0)?;
        let (signed, signature) = token.rsplit_once('.').context("no signature")?;
        let signature = URL_SAFE_NO_PAD.decode(signature)?;
        let der = self.key.public_key().as_der()?;
        let key = ParsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, der.as_ref()).context("key")?;
        let round = || {
            let start = cpu();
            (0..VERIFICATIONS).try_for_each(|_| key.verify_sig(signed.as_bytes(), &signature))?;
            Ok((cpu() - start) / f64::from(VERIFICATIONS))
        };
        let rounds =
            (0..ROUNDS).map(|_| round()).collect::<Result<Vec<f64>, aws_lc_rs::error::Unspecified>>();
        Ok(Figures::new(rounds.context("a signature does not hold")?).median())
    }

    fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    fn about(&self) -> String {
        format!(r#"{{"issuer":"{0}","jwks_uri":"{0}/keys"}}"#, self.url())
    }

    fn keys(&self) -> String {
        let key: &PublicKey = self.key.public_key();
        let n = text(key.modulus().big_endian_without_leading_zero());
        let e = text(key.exponent().big_endian_without_leading_zero());
        format!(
            r#"{{"keys":[{{"kty":"RSA","use":"sig","alg":"RS256","kid":"{KEY_ID}","n":"{n}","e":"{e}"}}]}}"#
        )
    }

    /// As large as GitHub's tokens are.
    fn token(&self, key: &RsaKeyPair, number: usize) -> Result<String> {
        let now = SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs();
        let claims = CLAIMS
            .replace("ISSUER", &self.url())
            .replace("NUMBER", &number.to_string())
            .replace("NOW", &now.to_string())
            .replace("THEN", &(now + LIFE).to_string());
        let header = format!(r#"{{"alg":"RS256","typ":"JWT","kid":"{KEY_ID}"}}"#);
        let signed = format!("{}.{}", text(header), text(claims));
        let mut signature = vec![0; key.public_modulus_len()];
        key.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), signed.as_bytes(), &mut signature)
            .map_err(|_| anyhow!("signing"))?;
        Ok(format!("{signed}.{}", text(signature)))
    }
}

/// The request as SDKs send it: a form, unsigned.
fn request(to: SocketAddr, token: &str) -> Result<Vec<u8>> {
    unsigned(
        to,
        "AssumeRoleWithWebIdentity",
        &[("RoleArn", ROLE_ARN), ("RoleSessionName", "bench"), ("WebIdentityToken", token)],
    )
}

fn answer(mut stream: TcpStream, about: &str, keys: &str) -> std::io::Result<()> {
    let mut asked = [0; 4096];
    let read = stream.read(&mut asked)?;
    let body = if asked.get(..read).unwrap_or_default().starts_with(b"GET /keys ") { keys } else { about };
    let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\nconnection: close\r\n\r\n", body.len());
    stream.write_all(&[head.as_bytes(), body.as_bytes()].concat())
}

fn new_key() -> Result<RsaKeyPair> {
    RsaKeyPair::generate(KeySize::Rsa2048).map_err(|_| anyhow!("no key"))
}

fn text(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// Seconds of processor time that this thread has used.
fn cpu() -> f64 {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    time.tv_sec as f64 + time.tv_nsec as f64 / 1e9
}

const ROLE: &str = "federated";
const ROLE_ARN: &str = "arn:aws:iam::123456789012:role/federated";
const AUDIENCE: &str = "sts.amazonaws.com";
const KEY_ID: &str = "cc413527-173f-5a05-976e-9c52b1d7b431";
const LIFE: u64 = 3600;
const VERIFICATIONS: u32 = 500;
const ROUNDS: usize = 5;
const TRUST: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sts:AssumeRoleWithWebIdentity",
    "Principal":{"Federated":"arn:aws:iam::123456789012:oidc-provider/ISSUER"},
    "Condition":{"StringEquals":{"ISSUER:aud":"sts.amazonaws.com"},
        "StringLike":{"ISSUER:sub":"repo:octo-org/octo-repo:*"}}}]}"#;
const CLAIMS: &str = r#"{"jti":"token-NUMBER","sub":"repo:octo-org/octo-repo:environment:prod",
    "environment":"prod","aud":"sts.amazonaws.com","ref":"refs/heads/main",
    "sha":"0123456789abcdef0123456789abcdef01234567","repository":"octo-org/octo-repo",
    "repository_owner":"octo-org","actor_id":"12","repository_visibility":"private","repository_id":"74",
    "repository_owner_id":"65","run_id":"NUMBER","run_number":"10","run_attempt":"2",
    "runner_environment":"github-hosted","actor":"octocat","workflow":"example-workflow","head_ref":"",
    "base_ref":"","event_name":"workflow_dispatch","ref_type":"branch",
    "job_workflow_ref":"octo-org/octo-automation/.github/workflows/oidc.yml@refs/heads/main",
    "iss":"ISSUER","nbf":NOW,"exp":THEN,"iat":NOW}"#;
