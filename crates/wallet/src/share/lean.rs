//! A publication as it waits in the outbox: without its ciphertext, which is made again from the document when it is sent.
//!
//! The vault has the document; megabytes of ciphertext beside it would be written, read back, and overwritten once sent.
//! Kept are the JWE's header, its initialisation vector and its tag: key, vector and document give the very same
//! ciphertext again, so that a repetition is known to the relay as one, and the tag shows that they were the same. Were the
//! document another one, nothing would be sent: two documents under one vector lay both of them open.

use crate::wallet::{Inner, lock};
use crate::{Error, Result};
use carnet_consent::control::{Publish, PublishFile};
use carnet_sync::Job;
use carnet_vault::Vault;
use smart_health::{ContentKey, jwe};

impl Inner {
    /// A job that can be sent: the one that was made last is at hand, any other is made again from its document.
    ///
    /// # Errors
    /// As [`whole`].
    pub(crate) async fn whole(&self, vault: &Vault, job: Job) -> Result<Job> {
        let fresh = lock(&self.fresh).take_if(|fresh| fresh.grant() == job.grant());
        // The relay inside the wallet has an address of its own each time.
        match fresh.map(|fresh| fresh.at(job.relay().to_owned())) {
            Some(fresh) if lean(fresh.clone()) == job => Ok(fresh),
            _ => whole(vault, job).await,
        }
    }
}

/// What is kept of a job.
pub(crate) fn lean(job: Job) -> Job {
    let Job::Publish { grant, relay, link, mut body } = job else { return job };
    for file in &mut body.files {
        if let Some((start, _, tag)) = parts(&file.jwe) {
            file.jwe = format!("{start}..{tag}");
        }
    }
    Job::Publish { grant, relay, link, body }
}

/// A job that can be sent.
///
/// # Errors
/// [`Error::Internal`] if the document is not the one that was to be published; those of the vault.
async fn whole(vault: &Vault, job: Job) -> Result<Job> {
    let Job::Publish { grant, relay, link, body } = job else { return Ok(job) };
    if !body.files.iter().any(is_lean) {
        return Ok(Job::Publish { grant, relay, link, body });
    }
    let document = match vault.bundle(&grant).await {
        // Its share is gone: it is not sent.
        Err(carnet_vault::Error::NoSuch(_)) => return Ok(Job::Publish { grant, relay, link, body }),
        document => document?.ok_or(NOT_THE_SAME)?,
    };
    let secrets = vault.keys().derive_grant(&grant)?;
    let key = ContentKey::from_bytes(*secrets.expose_content_key());
    let encrypting = tokio::task::spawn_blocking(move || fill(*body, &key, &document));
    let body = encrypting.await.map_err(|_| Error::Internal("encrypting a share"))??;
    Ok(Job::Publish { grant, relay, link, body: Box::new(body) })
}

const NOT_THE_SAME: Error = Error::Internal("the document of a share");

fn is_lean(file: &PublishFile) -> bool {
    parts(&file.jwe).is_some_and(|(_, ciphertext, _)| ciphertext.is_empty())
}

fn fill(mut publish: Publish, key: &ContentKey, document: &[u8]) -> Result<Publish> {
    for file in publish.files.iter_mut().filter(|file| is_lean(file)) {
        let (start, _, tag) = parts(&file.jwe).ok_or(NOT_THE_SAME)?;
        let iv = jwe::iv(&file.jwe).map_err(|_| NOT_THE_SAME)?;
        let made = jwe::encrypt(key, iv, &file.content_type, document);
        if !parts(&made).is_some_and(|(head, _, seal)| head == start && seal == tag) {
            return Err(NOT_THE_SAME);
        }
        file.jwe = made;
    }
    Ok(publish)
}

/// A compact JWE up to its initialisation vector, its ciphertext, its tag.
fn parts(jwe: &str) -> Option<(&str, &str, &str)> {
    let (rest, tag) = jwe.rsplit_once('.')?;
    let (start, ciphertext) = rest.rsplit_once('.')?;
    (start.split('.').count() == 3).then_some((start, ciphertext, tag))
}

#[cfg(test)]
mod tests {
    use super::*;
    use carnet_consent::GrantId;
    use carnet_consent::anchor::{ObjectType, commit};
    use carnet_consent::control::LinkId;
    use smart_health::manifest::FHIR_JSON;

    fn publication(jwe: String) -> Job {
        Job::Publish {
            grant: GrantId::from_bytes([1; 16]),
            relay: "embedded".to_owned(),
            link: LinkId::from_bytes([2; 32]),
            body: Box::new(Publish {
                flags: String::new(),
                expires: 1,
                not_before: None,
                max_openings: None,
                passcode: None,
                passcode_attempts: None,
                files: vec![PublishFile { content_type: FHIR_JSON.to_owned(), jwe }],
                status: None,
                receipt_recipient: String::new(),
                withdrawal_tag: [3; 32],
                commitment: commit(&[4; 32], ObjectType::Grant, &[5; 32]),
                revision: 1,
            }),
        }
    }

    fn body(job: Job) -> Publish {
        let Job::Publish { body, .. } = job else { panic!("a publication") };
        *body
    }

    #[test]
    fn the_ciphertext_comes_back_to_the_byte_and_only_of_the_same_document() {
        let (key, document) = (ContentKey::from_bytes([7; 32]), b"{\"resourceType\":\"Bundle\"}".repeat(100));
        let made = publication(jwe::encrypt(&key, [9; 12], FHIR_JSON, &document));
        let kept = lean(made.clone());
        assert!(kept.to_bytes().len() < made.to_bytes().len() - document.len());
        assert_eq!(lean(kept.clone()), kept, "what is lean stays as it is");
        let kept = Job::from_bytes(&kept.to_bytes()).unwrap();
        assert!(is_lean(&body(kept.clone()).files[0]) && !is_lean(&body(made.clone()).files[0]));
        assert_eq!(fill(body(kept.clone()), &key, &document).unwrap(), body(made));
        assert!(fill(body(kept.clone()), &key, b"another document").is_err());
        assert!(fill(body(kept), &ContentKey::from_bytes([8; 32]), &document).is_err());
    }

    #[test]
    fn what_is_no_jwe_is_left_alone() {
        for text in ["", ".", "no jwe", "a.b.c.d"] {
            let job = publication(text.to_owned());
            assert_eq!(lean(job.clone()), job);
        }
    }
}
