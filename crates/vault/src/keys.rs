//! The keys that follow from the recovery phrase, and the one table of labels they are derived under.

use crate::error::{Error, Result};
use crate::profiles::ProfileId;
use carnet_consent::GrantId;
use hkdf::Hkdf;
use secrecy::SecretString;
use sha2::Sha256;
use std::fmt;
use zeroize::Zeroizing;

/// The salt of every derivation.
const SALT: &[u8] = b"carnet/v1";

/// Every use that a key is derived for. HKDF-SHA-256 (RFC 5869) over the 64-byte BIP-39 seed (empty BIP-39 passphrase)
/// with the salt `carnet/v1`; the label is the `info`; 32 bytes come out.
///
/// | label | what the 32 bytes are |
/// |---|---|
/// | `recovery` | X25519 secret of the age identity that opens `recovery.age` and backups |
/// | `profile/<n>` | Ed25519 seed, identity key of one person in the wallet, which signs their requests; `<n>` decimal |
/// | `grant/<id>` | Ed25519 seed, signs one grant; `<id>` 32 lower-case hexadecimal digits |
/// | `grant/<id>/content` | A256GCM key of what the grant's link opens |
/// | `grant/<id>/control` | bearer token for the relay's control plane |
/// | `grant/<id>/withdraw` | the secret behind the grant's withdrawal tag |
/// | `grant/<id>/receipt` | X25519 secret of the age identity that receipts are encrypted to |
enum Label {
    Recovery,
    Profile(ProfileId),
    Grant(GrantId, &'static str),
}

impl fmt::Display for Label {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Recovery => f.write_str("recovery"),
            Self::Profile(n) => write!(f, "profile/{n}"),
            Self::Grant(id, "") => write!(f, "grant/{id}"),
            Self::Grant(id, part) => write!(f, "grant/{id}/{part}"),
        }
    }
}

/// Derives keys while the vault is open. Holds the seed; wiped when dropped; `Debug` shows nothing.
pub struct Keys {
    seed: Zeroizing<[u8; 64]>,
}

impl Keys {
    pub(crate) fn from_seed(seed: Zeroizing<[u8; 64]>) -> Self {
        Self { seed }
    }

    /// The Ed25519 seed of a person's identity key.
    ///
    /// # Errors
    /// [`Error::Internal`], which a 32-byte output cannot cause.
    pub fn derive_profile(&self, profile: ProfileId) -> Result<Zeroizing<[u8; 32]>> {
        self.derive(&Label::Profile(profile))
    }

    /// The secrets of one grant.
    ///
    /// # Errors
    /// [`Error::Internal`], which a 32-byte output cannot cause.
    pub fn derive_grant(&self, id: &GrantId) -> Result<GrantSecrets> {
        let part = |part| self.derive(&Label::Grant(*id, part));
        Ok(GrantSecrets {
            signing: part("")?,
            content: part("content")?,
            control: part("control")?,
            withdraw: part("withdraw")?,
            receipt: part("receipt")?,
        })
    }

    /// The public recipient (`age1…`) that backups and `recovery.age` are encrypted to.
    ///
    /// # Errors
    /// [`Error::Internal`], which a 32-byte output cannot cause.
    pub fn recovery_recipient(&self) -> Result<age::x25519::Recipient> {
        Ok(self.recovery_identity()?.to_public())
    }

    /// The age identity as text (`AGE-SECRET-KEY-1…`), for use with any age tool.
    ///
    /// # Errors
    /// [`Error::Internal`], which a 32-byte output cannot cause.
    pub fn expose_recovery_identity(&self) -> Result<SecretString> {
        identity_text(&*self.derive(&Label::Recovery)?)
    }

    pub(crate) fn recovery_identity(&self) -> Result<age::x25519::Identity> {
        identity(&*self.derive(&Label::Recovery)?)
    }

    fn derive(&self, label: &Label) -> Result<Zeroizing<[u8; 32]>> {
        let mut out = Zeroizing::new([0; 32]);
        Hkdf::<Sha256>::new(Some(SALT), self.seed.as_slice())
            .expand(label.to_string().as_bytes(), out.as_mut())
            .map_err(|_| Error::Internal("key derivation"))?;
        Ok(out)
    }
}

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Keys(..)")
    }
}

/// The secrets of one grant; two grants have nothing in common. Wiped when dropped; `Debug` shows nothing.
pub struct GrantSecrets {
    signing: Zeroizing<[u8; 32]>,
    content: Zeroizing<[u8; 32]>,
    control: Zeroizing<[u8; 32]>,
    withdraw: Zeroizing<[u8; 32]>,
    receipt: Zeroizing<[u8; 32]>,
}

impl GrantSecrets {
    /// Seed of the Ed25519 key that signs the grant.
    pub fn expose_signing_seed(&self) -> &[u8; 32] {
        &self.signing
    }

    /// A256GCM key of the shared content, which travels in the link.
    pub fn expose_content_key(&self) -> &[u8; 32] {
        &self.content
    }

    /// Bearer token for the relay's control plane.
    pub fn expose_control_token(&self) -> &[u8; 32] {
        &self.control
    }

    /// The secret `s` behind the withdrawal tag.
    pub fn expose_withdrawal_secret(&self) -> &[u8; 32] {
        &self.withdraw
    }

    /// The identity that opens the receipts of this grant.
    ///
    /// # Errors
    /// [`Error::Internal`], which 32 bytes cannot cause.
    pub fn receipt_identity(&self) -> Result<age::x25519::Identity> {
        identity(&self.receipt)
    }

    /// The public recipient (`age1…`) that a relay encrypts receipts of this grant to.
    ///
    /// # Errors
    /// [`Error::Internal`], which 32 bytes cannot cause.
    pub fn receipt_recipient(&self) -> Result<String> {
        Ok(self.receipt_identity()?.to_public().to_string())
    }
}

impl fmt::Debug for GrantSecrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("GrantSecrets(..)")
    }
}

/// An X25519 secret in age's text form: Bech32 (BIP-173) in capitals.
fn identity_text(secret: &[u8; 32]) -> Result<SecretString> {
    let hrp = bech32::Hrp::parse("age-secret-key-").map_err(|_| Error::Internal("age identity"))?;
    let text = bech32::encode_upper::<bech32::Bech32>(hrp, secret).map_err(|_| Error::Internal("age identity"))?;
    Ok(SecretString::from(text))
}

pub(crate) fn identity(secret: &[u8; 32]) -> Result<age::x25519::Identity> {
    use secrecy::ExposeSecret;
    let text = identity_text(secret)?;
    text.expose_secret().parse().map_err(|_| Error::Internal("age identity"))
}
