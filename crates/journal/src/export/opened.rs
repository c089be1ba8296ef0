//! Payloads that came along with a run: each opens with the run's key and is what an entry names.
//! In: the key and the ciphertexts of the export, and its entries. Out: how many are good, or the first that is not.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use domain::{Entry, PayloadKind};

use super::forms::RunKeyIn;
use crate::keys::ring::RunKey;
use crate::keys::{Belongs, Secret, keyed};
use crate::verify::Finding;
use crate::verify::payloads::digests;

/// Payloads that came along open with the run's key and are what the entries name.
pub(super) fn check(given: &RunKeyIn, entries: &[Entry]) -> Result<u64, Finding> {
    let bytes = |text: &str| STANDARD.decode(text).ok();
    let key = bytes(&given.key)
        .and_then(|bytes| Secret::from_slice(&bytes))
        .zip(given.tenant.parse().ok())
        .and_then(|(secret, tenant)| RunKey::new(tenant, secret).ok())
        .ok_or_else(|| Finding::of("the run's key cannot be read"))?;
    let Some(run) = entries.iter().find_map(|entry| entry.run) else { return Ok(0) };
    let mut opened = 0;
    for payload in &given.payloads {
        let wrong =
            |what: &str| Finding::of(format!("the {} of {}: {what}", payload.kind, payload.call));
        let kind = PayloadKind::from_word(&payload.kind).ok_or_else(|| wrong("is unknown"))?;
        let call = payload.call.parse().map_err(|_| wrong("it is of no call"))?;
        let belongs = Belongs { tenant: &key.tenant, run, call, kind }.text();
        let open = bytes(&payload.nonce).zip(bytes(&payload.bytes));
        let open = open.and_then(|(nonce, bytes)| key.payload.open(&belongs, &nonce, bytes));
        let digest = keyed(&key.digest, &open.ok_or_else(|| wrong("it does not open"))?);
        let mut named = entries.iter().filter(|entry| entry.call == Some(call));
        let is_named = match kind {
            PayloadKind::Facts | PayloadKind::Answer => {
                named.any(|entry| digests(&entry.event).iter().any(|name| name.fits(kind, digest)))
            }
            PayloadKind::Proposal | PayloadKind::Plan | PayloadKind::Inverse => true,
        };
        if !is_named {
            return Err(wrong("it is not what any entry of the call names"));
        }
        opened += 1;
    }
    Ok(opened)
}
