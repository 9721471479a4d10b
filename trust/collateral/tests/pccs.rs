//! A service that plays Intel's cache, with the simulator's collateral, over real TLS: what is
//! fetched from it verifies, and what is wrong with it is found.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::{
    collections::HashMap,
    convert::Infallible,
    sync::Arc,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use axum::{
    Router,
    body::Body,
    extract::{RawQuery, State},
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header::LOCATION},
    response::{IntoResponse, Response},
    routing::get,
};
use codec::{Decode, Encode};
use dcap_qvl::quote::{AuthData, CertificationData, Data, Quote};
use phat_attestation::{Collateral, verify};
use phat_attestation_simulator::{
    CollateralOptions, Report, SgxReport, SimulatedIntel, SimulatedPlatform, TdxReport, TdxVersion,
    Tee,
};
use phat_collateral::{CollateralError, PccsClient, PccsConfig};
use phat_testing_fixtures::tls::{CertificateAuthority, HttpsServer};

/// The FMSPC of all simulated platforms.
const FMSPC: &str = "504841540000";
/// How long the service may take where it takes too long.
const IMPATIENCE: Duration = Duration::from_millis(300);
const DAY_S: u64 = 24 * 60 * 60;

/// What the service does wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fault {
    Nothing,
    /// It does not know the platform.
    NotFound,
    /// It cannot be asked at the moment.
    Unavailable,
    /// It sends who asks somewhere else.
    Redirect,
    /// It answers for another kind of platform.
    OtherFmspc,
    /// It leaves the end of the answer out.
    Truncated,
    /// The answer never ends.
    Endless,
    /// The answer stops before its end and nothing more comes.
    Silent,
    /// The answer has no certificates of who signed it.
    NoIssuerChain,
    /// What is in the place of the certificates is none.
    BadIssuerChain,
}

/// The service.
struct Pccs {
    collateral: Collateral,
    /// The certificate of the platform's key and, apart from it, those of who issued it.
    pck: (String, String),
    /// What it does wrong when it is asked for the TCB info.
    fault: Fault,
}

fn now_s() -> u64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap()
        .as_secs()
}

fn report(tee: Tee) -> Report {
    match tee {
        Tee::Sgx => Report::Sgx(SgxReport::default()),
        Tee::Tdx => Report::Tdx(TdxReport {
            version: TdxVersion::V4,
            ..TdxReport::default()
        }),
    }
}

fn intel() -> SimulatedIntel {
    SimulatedIntel::development().unwrap()
}

fn platform() -> SimulatedPlatform {
    intel().platform("fetched").unwrap()
}

fn quote(tee: Tee) -> Vec<u8> {
    platform().quote(&report(tee), [7; 64]).unwrap()
}

/// The platform's certificates, split behind the first.
fn pck() -> (String, String) {
    let quote = Quote::decode(&mut &quote(Tee::Sgx)[..]).unwrap();
    let chain = String::from_utf8(quote.inner_cert_data().to_vec()).unwrap();
    let end = "-----END CERTIFICATE-----";
    let (leaf, rest) = chain.split_once(end).unwrap();
    (format!("{leaf}{end}"), rest.trim_start().to_owned())
}

impl Pccs {
    fn new(tee: Tee, options: &CollateralOptions, fault: Fault) -> Self {
        Self {
            collateral: intel().collateral(&platform(), tee, options).unwrap(),
            pck: pck(),
            fault,
        }
    }

    async fn start(self) -> (CertificateAuthority, HttpsServer) {
        let tee = if self.collateral.tcb_info.contains("\"TDX\"") {
            "tdx"
        } else {
            "sgx"
        };
        let router = Router::new()
            .route("/sgx/certification/v4/pckcrl", get(pck_crl))
            .route("/sgx/certification/v4/rootcacrl", get(root_crl))
            .route("/sgx/certification/v4/pckcert", get(pck_certificate))
            .route(&format!("/{tee}/certification/v4/tcb"), get(tcb_info))
            .route(
                &format!("/{tee}/certification/v4/qe/identity"),
                get(qe_identity),
            )
            .with_state(Arc::new(self));
        let authority = CertificateAuthority::new().unwrap();
        let server = HttpsServer::start(&authority, router).await.unwrap();
        (authority, server)
    }
}

/// A text as these headers have it: every byte percent-encoded, which is one way to do it.
fn header(name: &'static str, text: &str) -> HeaderMap {
    let encoded: String = text.bytes().map(|byte| format!("%{byte:02X}")).collect();
    let value = HeaderValue::from_str(&encoded).unwrap();
    [(HeaderName::from_static(name), value)]
        .into_iter()
        .collect()
}

/// What is asked for, by name.
fn asked(query: RawQuery) -> HashMap<String, String> {
    let query = query.0.unwrap_or_default();
    url::form_urlencoded::parse(query.as_bytes())
        .into_owned()
        .collect()
}

async fn pck_crl(State(pccs): State<Arc<Pccs>>, query: RawQuery) -> Response {
    let asked = asked(query);
    assert_eq!(asked["ca"], "platform");
    assert_eq!(asked["encoding"], "der");
    let chain = header(
        "sgx-pck-crl-issuer-chain",
        &pccs.collateral.pck_crl_issuer_chain,
    );
    (chain, pccs.collateral.pck_crl.clone()).into_response()
}

/// Caches give this one in hexadecimal digits.
async fn root_crl(State(pccs): State<Arc<Pccs>>) -> String {
    let list = &pccs.collateral.root_ca_crl;
    list.iter().map(|byte| format!("{byte:02x}")).collect()
}

async fn qe_identity(State(pccs): State<Arc<Pccs>>) -> Response {
    let collateral = &pccs.collateral;
    let chain = header(
        "sgx-enclave-identity-issuer-chain",
        &collateral.qe_identity_issuer_chain,
    );
    let body = signed(
        "enclaveIdentity",
        &collateral.qe_identity,
        &collateral.qe_identity_signature,
    );
    (chain, body).into_response()
}

async fn tcb_info(State(pccs): State<Arc<Pccs>>, query: RawQuery) -> Response {
    let asked = asked(query);
    assert_eq!(asked["fmspc"], FMSPC);
    let collateral = &pccs.collateral;
    let chain = header("tcb-info-issuer-chain", &collateral.tcb_info_issuer_chain);
    let body = signed(
        "tcbInfo",
        &collateral.tcb_info,
        &collateral.tcb_info_signature,
    );
    let piece = || Ok::<_, Infallible>(vec![b' '; 64 * 1024]);
    match pccs.fault {
        Fault::Nothing => (chain, body).into_response(),
        Fault::NotFound => StatusCode::NOT_FOUND.into_response(),
        Fault::Unavailable => StatusCode::SERVICE_UNAVAILABLE.into_response(),
        Fault::Redirect => (
            StatusCode::FOUND,
            [(LOCATION, "/sgx/certification/v4/rootcacrl")],
        )
            .into_response(),
        Fault::OtherFmspc => (chain, body.replace(FMSPC, "00906ED50000")).into_response(),
        Fault::Truncated => (chain, body[..body.len() / 2].to_owned()).into_response(),
        Fault::Endless => {
            let pieces = futures::stream::repeat_with(piece);
            (chain, Body::from_stream(pieces)).into_response()
        }
        Fault::Silent => {
            let first = futures::stream::iter([piece()]);
            let pieces = futures::StreamExt::chain(first, futures::stream::pending());
            (chain, Body::from_stream(pieces)).into_response()
        }
        Fault::NoIssuerChain => body.into_response(),
        Fault::BadIssuerChain => (header("tcb-info-issuer-chain", "none"), body).into_response(),
    }
}

async fn pck_certificate(State(pccs): State<Arc<Pccs>>, query: RawQuery) -> Response {
    let asked = asked(query);
    let lengths =
        ["encrypted_ppid", "qeid", "cpusvn", "pcesvn", "pceid"].map(|name| asked[name].len());
    assert_eq!(lengths, [768, 32, 32, 4, 4]);
    let (leaf, issuers) = &pccs.pck;
    let chain = header("sgx-pck-certificate-issuer-chain", issuers);
    (chain, leaf.clone()).into_response()
}

/// The JSON of something signed, with the very bytes that were.
fn signed(name: &str, text: &str, signature: &[u8]) -> String {
    let digits: String = signature.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("{{\"{name}\":{text},\"signature\":\"{digits}\"}}")
}

fn client(authority: &CertificateAuthority, server: &HttpsServer) -> PccsClient {
    let config = PccsConfig {
        extra_ca_pem: vec![authority.pem().as_bytes().to_vec()],
        answer_time_max: IMPATIENCE * 10,
        ..PccsConfig::new(server.url().parse().unwrap())
    };
    PccsClient::new(&config).unwrap()
}

/// What comes of asking a service with this fault for the collateral of an SGX quote.
async fn fetched(options: &CollateralOptions, fault: Fault) -> Result<Collateral, CollateralError> {
    let (authority, server) = Pccs::new(Tee::Sgx, options, fault).start().await;
    let client = client(&authority, &server);
    client.collateral(&quote(Tee::Sgx), now_s()).await
}

fn today() -> CollateralOptions {
    CollateralOptions::at(now_s() - DAY_S)
}

#[tokio::test]
async fn what_is_fetched_is_what_is_published_and_verifies() {
    let root = intel().root_certificate().unwrap();
    for tee in [Tee::Sgx, Tee::Tdx] {
        let pccs = Pccs::new(tee, &today(), Fault::Nothing);
        let published = pccs.collateral.clone();
        let (authority, server) = pccs.start().await;
        let client = client(&authority, &server);
        let fetched = client.collateral(&quote(tee), now_s()).await.unwrap();
        assert_eq!(fetched, published);
        verify(&quote(tee), &fetched, &[&root], now_s()).unwrap();
    }
}

/// A quote that names its platform by an encrypted number has no certificates: they are fetched.
#[tokio::test]
async fn certificates_of_a_platform_are_fetched_where_the_quote_has_none() {
    let mut quote = Quote::decode(&mut &quote(Tee::Sgx)[..]).unwrap();
    let AuthData::V3(data) = &mut quote.auth_data else {
        panic!("quotes of SGX have version 3");
    };
    // The encrypted number, the versions of platform and PCE, and the PCE's number.
    let named = [vec![1; 384], vec![2; 16], vec![3; 2], vec![0; 2]].concat();
    data.certification_data = CertificationData {
        cert_type: 3,
        body: Data::new(named),
    };
    let quote = quote.encode();

    let (authority, server) = Pccs::new(Tee::Sgx, &today(), Fault::Nothing).start().await;
    let client = client(&authority, &server);
    let fetched = client.collateral(&quote, now_s()).await.unwrap();
    assert!(fetched.pck_certificate_chain.is_some());
    let root = intel().root_certificate().unwrap();
    verify(&quote, &fetched, &[&root], now_s()).unwrap();
}

#[tokio::test]
async fn what_is_not_given_says_whether_to_try_again() {
    for (fault, status, is_passing) in [
        (Fault::NotFound, StatusCode::NOT_FOUND, false),
        (Fault::Unavailable, StatusCode::SERVICE_UNAVAILABLE, true),
        // Nothing but the service that was named is asked.
        (Fault::Redirect, StatusCode::FOUND, false),
    ] {
        let error = fetched(&today(), fault).await.unwrap_err();
        let is_status = matches!(&error, CollateralError::Refused { status: of, .. }
            if of.as_u16() == status.as_u16());
        assert!(is_status, "{fault:?}: {error}");
        assert_eq!(error.is_passing(), is_passing, "{fault:?}");
    }
}

#[tokio::test]
async fn another_platform_s_is_not_taken() {
    let error = fetched(&today(), Fault::OtherFmspc).await.unwrap_err();
    let text = error.to_string();
    assert!(
        matches!(&error, CollateralError::OtherPlatform { asked, given, .. }
            if asked == FMSPC && given == "00906ED50000"),
        "{text}"
    );
}

#[tokio::test]
async fn answers_that_are_not_whole_are_not_taken() {
    for (fault, reason) in [
        (Fault::Truncated, "EOF while parsing"),
        (Fault::NoIssuerChain, "no header TCB-Info-Issuer-Chain"),
        (
            Fault::BadIssuerChain,
            "TCB-Info-Issuer-Chain has no certificate",
        ),
    ] {
        let error = fetched(&today(), fault).await.unwrap_err();
        let text = error.to_string();
        assert!(matches!(error, CollateralError::Malformed { .. }), "{text}");
        assert!(text.contains(reason), "{fault:?}: {text}");
    }
}

#[tokio::test]
async fn answers_are_bounded_in_size_and_time() {
    let error = fetched(&today(), Fault::Endless).await.unwrap_err();
    assert!(matches!(error, CollateralError::TooLong { .. }), "{error}");

    let pccs = Pccs::new(Tee::Sgx, &today(), Fault::Silent);
    let (authority, server) = pccs.start().await;
    let config = PccsConfig {
        extra_ca_pem: vec![authority.pem().as_bytes().to_vec()],
        answer_time_max: IMPATIENCE,
        ..PccsConfig::new(server.url().parse().unwrap())
    };
    let client = PccsClient::new(&config).unwrap();
    let error = client.collateral(&quote(Tee::Sgx), now_s()).await;
    let error = error.unwrap_err();
    assert!(
        error.is_passing() && error.to_string().contains("timed out"),
        "{error}"
    );
}

/// A cache that nobody refreshes gives what does not hold any more.
#[tokio::test]
async fn what_does_not_hold_any_more_is_not_taken() {
    let options = CollateralOptions {
        next_update: now_s() - 60,
        ..today()
    };
    let error = fetched(&options, Fault::Nothing).await.unwrap_err();
    assert!(
        matches!(error, CollateralError::Stale { until_s, .. } if until_s == options.next_update),
        "{error}"
    );
}

#[tokio::test]
async fn only_servers_that_can_prove_who_they_are_are_asked() {
    let pccs = Pccs::new(Tee::Sgx, &today(), Fault::Nothing);
    let (_authority, server) = pccs.start().await;
    let ask = async |extra_ca_pem| {
        let config = PccsConfig {
            extra_ca_pem,
            ..PccsConfig::new(server.url().parse().unwrap())
        };
        let client = PccsClient::new(&config)?;
        client.collateral(&quote(Tee::Sgx), now_s()).await
    };
    let other = CertificateAuthority::new()
        .unwrap()
        .pem()
        .as_bytes()
        .to_vec();
    for authorities in [vec![], vec![other]] {
        let error = ask(authorities).await.unwrap_err().to_string();
        assert!(error.contains("certificate"), "{error}");
    }
    let error = ask(vec![b"none".to_vec()]).await.unwrap_err();
    assert!(matches!(error, CollateralError::BadAuthority(_)), "{error}");
    let plain = PccsConfig::new("http://localhost:1".parse().unwrap());
    let error = PccsClient::new(&plain).unwrap_err();
    assert!(matches!(error, CollateralError::BadUrl(_)), "{error}");
}

#[tokio::test]
async fn what_is_no_quote_is_not_asked_about() {
    let (authority, server) = Pccs::new(Tee::Sgx, &today(), Fault::Nothing).start().await;
    let client = client(&authority, &server);
    for bad in [&[][..], &[0; 1000], &vec![3; 70_000]] {
        let error = client.collateral(bad, now_s()).await.unwrap_err();
        assert!(matches!(error, CollateralError::Quote(_)), "{error}");
    }
}
