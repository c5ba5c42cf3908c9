//! The signature of Standard Webhooks 1.0.0.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

use super::secret::Secret;

/// Signs messages under every active secret of a site, so that while a secret is
/// renewed the receiver may know either.
#[derive(Clone, Debug)]
pub struct Signer(Vec<Secret>);

impl Signer {
    /// A signer under these secrets.
    #[must_use]
    pub const fn new(secrets: Vec<Secret>) -> Self {
        Self(secrets)
    }

    /// The `webhook-signature` header: for each secret `v1,` and the Base64 of
    /// HMAC-SHA256 over `{id}.{timestamp}.{body}`, separated by spaces. `timestamp` is
    /// in seconds since 1970.
    #[must_use]
    pub fn sign(&self, id: &str, timestamp: i64, body: &[u8]) -> String {
        let signed = |secret: &Secret| {
            let mut mac = keyed(secret);
            mac.update(format!("{id}.{timestamp}.").as_bytes());
            mac.update(body);
            format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()))
        };
        let signatures: Vec<_> = self.0.iter().map(signed).collect();
        signatures.join(" ")
    }
}

fn keyed(secret: &Secret) -> Hmac<Sha256> {
    // A secret of at most 64 bytes is filled up to a block with zeros (RFC 2104).
    let mut block = [0; 64];
    for (into, byte) in block.iter_mut().zip(secret.expose()) {
        *into = *byte;
    }
    Hmac::new(&block.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_the_signature_of_the_standards_example() {
        // The test vector of the specification's libraries.
        let secret: Secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw".parse().unwrap();
        let signature = Signer::new(vec![secret]).sign(
            "msg_p5jXN8AQM9LWM0D4loKWxJek",
            1_614_265_330,
            br#"{"test": 2432232314}"#,
        );
        assert_eq!(signature, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }

    #[test]
    fn every_active_secret_signs() {
        let [one, two] = [1, 2].map(|byte| Secret::new(&[byte; 32]).unwrap());
        let alone = |secret: &Secret| Signer::new(vec![secret.clone()]).sign("id", 1, b"{}");
        let both = Signer::new(vec![one.clone(), two.clone()]).sign("id", 1, b"{}");
        assert_eq!(both, format!("{} {}", alone(&one), alone(&two)));
        assert_ne!(alone(&one), alone(&two));
    }
}
