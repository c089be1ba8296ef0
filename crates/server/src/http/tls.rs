//! TLS with a certificate of the operator's own: 1.2 and 1.3, on the cryptography that is here anyway.
//!
//! In: two PEM files, read at start and again whenever they change. Out: what takes connections. HTTP/1.1 is all that is
//! offered. Files that are being replaced, or do not belong together, leave what was served before in force. Tests:
//! `tests/it/reach.rs`.

use std::os::unix::fs::MetadataExt as _;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use domain::Code;
use gate::Refusal;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::aws_lc_rs;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};

use crate::config::TlsFiles;

/// The certificate that is served, as its files have it.
pub(crate) struct Certificates {
    files: TlsFiles,
    served: Mutex<Served>,
}

struct Served {
    acceptor: TlsAcceptor,
    /// The files when they were last read, whether that led to anything or not.
    read: Stamps,
}

/// What tells one state of the two files from another: device, inode, length, and the moment of the last change.
type Stamps = [Option<(u64, u64, u64, i64, i64)>; 2];

impl Certificates {
    /// The certificate that lies in these files now.
    ///
    /// # Errors
    /// Files that cannot be read, or that do not belong together.
    pub(crate) fn read(files: &TlsFiles) -> Result<Self, Refusal> {
        // Before reading: a change in between is then seen later.
        let read = stamps(files);
        let served = Mutex::new(Served { acceptor: acceptor(files)?, read });
        Ok(Self { files: files.clone(), served })
    }

    /// What takes the next connection. Two looks at the file system, and no more while nothing changes.
    pub(crate) fn now(&self) -> TlsAcceptor {
        let mut served = self.served.lock().unwrap_or_else(PoisonError::into_inner);
        let found = stamps(&self.files);
        if found != served.read {
            served.read = found;
            match acceptor(&self.files) {
                Ok(acceptor) => {
                    tracing::info!("the certificate was read again");
                    served.acceptor = acceptor;
                }
                Err(refusal) => {
                    let why = refusal.message.as_str();
                    tracing::warn!(
                        why,
                        "the certificate changed and cannot be used; the one before is served"
                    );
                }
            }
        }
        served.acceptor.clone()
    }
}

fn stamps(files: &TlsFiles) -> Stamps {
    [&files.certificate, &files.key].map(|file| {
        let found = std::fs::metadata(file).ok()?;
        Some((found.dev(), found.ino(), found.len(), found.mtime(), found.mtime_nsec()))
    })
}

fn acceptor(files: &TlsFiles) -> Result<TlsAcceptor, Refusal> {
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
