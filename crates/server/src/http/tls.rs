//! TLS with a certificate of the operator's own: 1.2 and 1.3, on the cryptography that is here anyway.
//!
//! In: two PEM files, read at start. Out: what takes connections. HTTP/1.1 is all that is offered. A certificate that is
//! renewed is read at the next start. Tests: `tests/it/reach.rs`.

use std::path::Path;
use std::sync::Arc;

use domain::Code;
use gate::Refusal;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::aws_lc_rs;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};

use crate::config::TlsFiles;

/// What takes TLS connections.
///
/// # Errors
/// Files that cannot be read, or that do not belong together.
pub(crate) fn acceptor(files: &TlsFiles) -> Result<TlsAcceptor, Refusal> {
    let certificates = CertificateDer::pem_file_iter(&files.certificate)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .map_err(|error| wrong(&files.certificate, error))?;
    if certificates.is_empty() {
        return Err(wrong(&files.certificate, "there is no certificate in it"));
    }
    let key = PrivateKeyDer::from_pem_file(&files.key).map_err(|error| wrong(&files.key, error))?;
    let mut config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .and_then(|builder| builder.with_no_client_auth().with_single_cert(certificates, key))
        .map_err(|error| wrong(&files.certificate, error))?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(TlsAcceptor::from(Arc::new(config)))
}

fn wrong(path: &Path, error: impl std::fmt::Display) -> Refusal {
    let message = format!("TLS with `{}`: {error}", path.display());
    let fix = "give a certificate chain and its private key as PEM files";
    Refusal::new(Code::BadConfiguration, message, fix)
}
