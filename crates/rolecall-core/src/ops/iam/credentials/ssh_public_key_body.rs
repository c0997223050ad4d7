//! The text of an SSH public key: read as OpenSSH or in PEM, shown in either, and its fingerprint.

use crate::error::{Error, iam};
use aws_lc_rs::encoding::{AsDer, PublicKeyX509Der};
use aws_lc_rs::rsa::{PublicEncryptingKey, PublicKeyComponents};
use md5::{Digest, Md5};
use ssh_key::PublicKey;
use ssh_key::public::{KeyData, RsaPublicKey};
use x509_cert::der::asn1::UintRef;
use x509_cert::der::pem::{self, LineEnding};
use x509_cert::der::{Decode, Reader, SliceReader};
use x509_cert::spki::SubjectPublicKeyInfoRef;

/// An RSA key of at least 2048 bits.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::ops::iam) struct Body(RsaPublicKey);

impl Body {
    /// Reads what was uploaded, `ssh-rsa …` or PEM. A comment is left out.
    ///
    /// # Errors
    /// `UnrecognizedPublicKeyEncoding` when it is neither; `InvalidPublicKey` when it holds no RSA key, or too
    /// short a one.
    pub(in crate::ops::iam) fn parse(text: &str) -> Result<Self, Error> {
        let text = text.trim();
        let found = if text.starts_with(OPENSSH) {
            openssh(text)
        } else if text.starts_with("-----BEGIN ") {
            from_pem(text)
        } else {
            return Err(iam::unrecognized_public_key());
        };
        let body = found.map(Self).ok_or_else(iam::invalid_public_key)?;
        body.check()?;
        Ok(body)
    }

    /// As OpenSSH writes it, without a comment.
    ///
    /// # Errors
    /// Never for a key that was read; a failure of the encoder is ours.
    pub(in crate::ops::iam) fn to_openssh(&self) -> Result<String, Error> {
        self.public_key().to_openssh().map_err(unwritable)
    }

    /// As PEM: a `SubjectPublicKeyInfo`.
    ///
    /// # Errors
    /// As [`Body::to_openssh`].
    pub(in crate::ops::iam) fn to_pem(&self) -> Result<String, Error> {
        let der: PublicKeyX509Der<'_> = self.components()?.as_der().map_err(unwritable)?;
        pem::encode_string(PEM, LineEnding::LF, der.as_ref()).map_err(unwritable)
    }

    /// The MD5 digest of the key in SSH's own form (RFC 4716, 4), as `ssh-keygen -l -E md5` prints it.
    ///
    /// # Errors
    /// As [`Body::to_openssh`].
    pub(in crate::ops::iam) fn fingerprint(&self) -> Result<String, Error> {
        let bytes = self.public_key().to_bytes().map_err(unwritable)?;
        let pairs: Vec<String> = Md5::digest(&bytes).iter().map(|byte| format!("{byte:02x}")).collect();
        Ok(pairs.join(":"))
    }

    /// Refuses what is no RSA key of at least 2048 bits.
    fn check(&self) -> Result<(), Error> {
        let key: Option<PublicEncryptingKey> = self.components()?.try_into().ok();
        match key.filter(|key| key.key_size_bits() >= LEAST_BITS) {
            Some(_) => Ok(()),
            None => Err(iam::invalid_public_key()),
        }
    }

    fn components(&self) -> Result<PublicKeyComponents<&[u8]>, Error> {
        let (n, e) = (self.0.n.as_positive_bytes(), self.0.e.as_positive_bytes());
        n.zip(e).map(|(n, e)| PublicKeyComponents { n, e }).ok_or_else(iam::invalid_public_key)
    }

    fn public_key(&self) -> PublicKey {
        PublicKey::from(KeyData::Rsa(self.0.clone()))
    }
}

fn openssh(text: &str) -> Option<RsaPublicKey> {
    PublicKey::from_openssh(text).ok()?.key_data().rsa().cloned()
}

fn from_pem(text: &str) -> Option<RsaPublicKey> {
    let (label, der) = pem::decode_vec(text.as_bytes()).ok()?;
    let info = SubjectPublicKeyInfoRef::try_from(der.as_slice()).ok().filter(|_| label == PEM)?;
    let mut reader = SliceReader::new(info.subject_public_key.as_bytes()?).ok()?;
    let (n, e) = reader.sequence(|key| Ok((UintRef::decode(key)?, UintRef::decode(key)?))).ok()?;
    let number = |number: UintRef<'_>| ssh_key::Mpint::from_positive_bytes(number.as_bytes()).ok();
    Some(RsaPublicKey { n: number(n)?, e: number(e)? })
}

fn unwritable(why: impl std::fmt::Display) -> Error {
    Error::internal(format!("a public key cannot be written: {why}"))
}

/// How OpenSSH's form of an RSA key begins.
const OPENSSH: &str = "ssh-rsa ";
/// The label of a public key in PEM (RFC 7468, 13).
const PEM: &str = "PUBLIC KEY";
/// The least length of a key (IAM API Reference, UploadSSHPublicKey).
const LEAST_BITS: usize = 2048;

#[cfg(test)]
mod tests {
    use super::*;

    const OPENSSH_KEY: &str = include_str!("../testdata/ssh-public-key.txt");
    const PEM_KEY: &str = include_str!("../testdata/ssh-public-key.pem");
    const SHORT_KEY: &str = include_str!("../testdata/ssh-public-key-short.txt");

    fn refusal(text: &str) -> String {
        Body::parse(text).unwrap_err().to_string()
    }

    #[test]
    fn a_key_is_the_same_in_either_encoding() {
        let commented = format!("{OPENSSH_KEY} alice@example.com, laptop\n");
        let windows = PEM_KEY.replace('\n', "\r\n");
        for text in [OPENSSH_KEY, PEM_KEY, &commented, &windows] {
            let body = Body::parse(text).unwrap();
            assert_eq!(body.to_openssh().unwrap(), OPENSSH_KEY);
            assert_eq!(body.to_pem().unwrap(), PEM_KEY);
        }
    }

    /// What `ssh-keygen -l -E md5` prints for this key.
    #[test]
    fn the_fingerprint_is_that_of_ssh_keygen() {
        let fingerprint = Body::parse(PEM_KEY).unwrap().fingerprint().unwrap();
        assert_eq!(fingerprint, "6c:50:16:a3:50:5f:e1:a4:b4:bb:07:f6:4e:7d:e9:9b");
    }

    #[test]
    fn what_is_no_rsa_key_of_2048_bits_is_refused() {
        let cut = OPENSSH_KEY.get(..200).unwrap();
        let other = PEM_KEY.replace("PUBLIC KEY", "RSA PUBLIC KEY");
        let broken = PEM_KEY.replace("MIIBIjAN", "MIIBIjAM");
        for text in [SHORT_KEY, cut, "ssh-rsa AAAA", &other, &broken, "-----BEGIN PUBLIC KEY-----"] {
            assert_eq!(refusal(text), iam::invalid_public_key().to_string(), "{text}");
        }
        let ed25519 = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJgTOlQ2F8TuHkYhMVHxsBB5S4NC5JHpqTUdwdOvHsDP";
        for text in ["x", "", "ssh-rsa", ed25519, "---- BEGIN SSH2 PUBLIC KEY ----"] {
            assert_eq!(refusal(text), iam::unrecognized_public_key().to_string(), "{text}");
        }
    }
}
