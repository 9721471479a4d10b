//! Where the parts of the collateral are.

use dcap_qvl::quote::EncryptedPpidParams;
use url::Url;

use crate::platform::Kind;

/// The host of Intel's own service.
const INTEL_HOST: &str = "api.trustedservices.intel.com";
/// Where Intel publishes which certificates of its root are revoked, which its own service does
/// not give.
const INTEL_ROOT_REVOCATIONS: &str =
    "https://certificates.trustedservices.intel.com/IntelSGXRootCA.der";
/// What all paths have below the URL of a service, after `/sgx` or `/tdx`.
const VERSION_PATH: [&str; 2] = ["certification", "v4"];

/// The URLs of one service.
#[derive(Clone, Debug)]
pub struct Parts {
    base: Url,
}

impl Parts {
    /// Of the service at `base`: an HTTPS URL, with or without the path to the version.
    pub fn new(base: &Url) -> Option<Self> {
        if base.scheme() != "https" || base.host_str().is_none() {
            return None;
        }
        let mut base = base.clone();
        base.set_query(None);
        base.set_fragment(None);
        let path = base.path().trim_end_matches('/');
        let path = ["/sgx/certification/v4", "/tdx/certification/v4"]
            .iter()
            .find_map(|version| path.strip_suffix(version))
            .unwrap_or(path)
            .to_owned();
        base.set_path(&path);
        Some(Self { base })
    }

    /// What is known of a kind of platform.
    pub fn tcb_info(&self, is_sgx: bool, fmspc: &str) -> Url {
        let mut url = self.part(tee(is_sgx), &["tcb"]);
        url.query_pairs_mut().append_pair("fmspc", fmspc);
        url
    }

    /// What quoting enclaves have to be.
    pub fn qe_identity(&self, is_sgx: bool) -> Url {
        self.part(tee(is_sgx), &["qe", "identity"])
    }

    /// Which certificates of platforms are revoked.
    pub fn pck_revocations(&self, kind: &Kind) -> Url {
        let mut url = self.part("sgx", &["pckcrl"]);
        url.query_pairs_mut()
            .append_pair("ca", kind.authority)
            .append_pair("encoding", "der");
        url
    }

    /// Which certificates of the root are revoked, unless it is a place of its own.
    pub fn root_revocations(&self) -> Result<Url, url::ParseError> {
        if self.base.host_str() == Some(INTEL_HOST) {
            return Url::parse(INTEL_ROOT_REVOCATIONS);
        }
        Ok(self.part("sgx", &["rootcacrl"]))
    }

    /// The certificate of a platform that is named by its encrypted number.
    pub fn pck_certificate(&self, qe_id: &[u8], params: &EncryptedPpidParams) -> Url {
        let mut url = self.part("sgx", &["pckcert"]);
        // Caches compare the digits as text, in upper case.
        url.query_pairs_mut()
            .append_pair("qeid", &hex::encode_upper(qe_id))
            .append_pair("encrypted_ppid", &hex::encode_upper(&params.encrypted_ppid))
            .append_pair("cpusvn", &hex::encode_upper(params.cpusvn))
            .append_pair("pcesvn", &hex::encode_upper(params.pcesvn.to_le_bytes()))
            .append_pair("pceid", &hex::encode_upper(params.pceid));
        url
    }

    fn part(&self, tee: &str, path: &[&str]) -> Url {
        let mut url = self.base.clone();
        // An HTTPS URL has a path that can be added to.
        if let Ok(mut segments) = url.path_segments_mut() {
            segments
                .pop_if_empty()
                .push(tee)
                .extend(VERSION_PATH)
                .extend(path);
        }
        url
    }
}

fn tee(is_sgx: bool) -> &'static str {
    if is_sgx { "sgx" } else { "tdx" }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(base: &str) -> Parts {
        Parts::new(&base.parse().unwrap()).unwrap()
    }

    #[test]
    fn the_paths_are_below_the_service_s_url() {
        for base in [
            "https://pccs.example",
            "https://pccs.example/",
            "https://pccs.example/sgx/certification/v4/",
            "https://pccs.example/tdx/certification/v4?x#y",
        ] {
            let parts = parts(base);
            assert_eq!(
                parts.tcb_info(false, "00A0").as_str(),
                "https://pccs.example/tdx/certification/v4/tcb?fmspc=00A0",
                "{base}"
            );
        }
        let parts = parts("https://pccs.example/cache");
        assert_eq!(
            parts.qe_identity(true).as_str(),
            "https://pccs.example/cache/sgx/certification/v4/qe/identity"
        );
        assert_eq!(
            parts.root_revocations().unwrap().as_str(),
            "https://pccs.example/cache/sgx/certification/v4/rootcacrl"
        );
        let kind = Kind {
            fmspc: "00A0".into(),
            authority: "platform",
        };
        assert_eq!(
            parts.pck_revocations(&kind).as_str(),
            "https://pccs.example/cache/sgx/certification/v4/pckcrl?ca=platform&encoding=der"
        );
    }

    #[test]
    fn intel_has_its_root_s_list_elsewhere() {
        let url = parts("https://api.trustedservices.intel.com").root_revocations();
        assert_eq!(url.unwrap().as_str(), INTEL_ROOT_REVOCATIONS);
    }

    #[test]
    fn only_https_will_do() {
        for bad in ["http://pccs.example", "file:///etc/pccs", "data:,x"] {
            assert!(Parts::new(&bad.parse().unwrap()).is_none(), "{bad}");
        }
    }
}
