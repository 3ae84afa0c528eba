//! Trust in peers: their certificates are checked against Mozilla's list and kept as evidence, trusted or not.

use std::sync::{Arc, Mutex, PoisonError};

use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme};

/// The certificates that the peer of the newest handshake sent, its own first, in DER.
pub(super) type Chain = Arc<Mutex<Vec<Vec<u8>>>>;

/// Whom to trust.
pub(super) struct Trust {
    provider: Arc<rustls::crypto::CryptoProvider>,
    verifier: Arc<WebPkiServerVerifier>,
}

impl Trust {
    /// Trust in Mozilla's list and in `more` certificates in DER.
    pub(super) fn new(more: &[Vec<u8>]) -> Result<Self, String> {
        let mut roots = RootCertStore::empty();
        roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
        for der in more {
            let der = CertificateDer::from(der.clone());
            roots
                .add(der)
                .map_err(|error| format!("a certificate that is to be trusted is none: {error}"))?;
        }
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let verifier =
            WebPkiServerVerifier::builder_with_provider(Arc::new(roots), Arc::clone(&provider))
                .build()
                .map_err(|error| error.to_string())?;
        Ok(Self { provider, verifier })
    }

    /// The settings of connections whose peers' certificates are written to `chain`.
    pub(super) fn config(&self, chain: &Chain) -> Result<ClientConfig, rustls::Error> {
        let keeping = Keeping {
            verifier: Arc::clone(&self.verifier),
            chain: Arc::clone(chain),
        };
        let mut config = ClientConfig::builder_with_provider(Arc::clone(&self.provider))
            .with_safe_default_protocol_versions()?
            .dangerous() // what rustls calls every verifier that is not its own; this one asks its own
            .with_custom_certificate_verifier(Arc::new(keeping))
            .with_no_client_auth();
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        // A resumed connection shows no certificates.
        config.resumption = rustls::client::Resumption::disabled();
        Ok(config)
    }
}

/// A verifier that keeps what it was shown.
#[derive(Debug)]
struct Keeping {
    verifier: Arc<WebPkiServerVerifier>,
    chain: Chain,
}

impl ServerCertVerifier for Keeping {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        let sent = std::iter::once(end_entity).chain(intermediates);
        *self.chain.lock().unwrap_or_else(PoisonError::into_inner) =
            sent.map(|one| one.to_vec()).collect();
        self.verifier
            .verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now)
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.verifier.verify_tls12_signature(message, cert, dss)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.verifier.verify_tls13_signature(message, cert, dss)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.verifier.supported_verify_schemes()
    }
}
