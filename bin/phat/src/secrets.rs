//! The secrets of a contract, in a file.

use std::{collections::BTreeMap, fs, path::PathBuf};

use anyhow::{Context, Result};
use clap::Args;
use phat_engine::Secrets;
use zeroize::Zeroizing;

use crate::{output::Output, project::Project};

/// Where secrets come from.
#[derive(Args, Debug, Default)]
pub struct SecretsArgs {
    /// The contract's secrets: a file with a JSON object of names and texts.
    #[arg(long, value_name = "FILE")]
    secrets: Option<PathBuf>,
}

impl SecretsArgs {
    /// Reads them; none if no file is given.
    pub fn load(&self) -> Result<Secrets> {
        let bytes = |(name, text): (String, Zeroizing<String>)| {
            (name, Zeroizing::new(text.as_bytes().to_vec()))
        };
        Ok(self.texts()?.into_iter().map(bytes).collect())
    }

    /// Reads them for this contract, and tells of those that it does not get.
    pub fn load_for(&self, project: &Project, output: &mut Output<'_>) -> Result<Secrets> {
        let secrets = self.load()?;
        for name in secrets.names().filter(|name| !project.gets_secret(name)) {
            output.progress(format_args!(
                "The contract does not get the secret {name:?}: its manifest does not list it \
                 under `secrets`."
            ));
        }
        Ok(secrets)
    }

    /// Their names and texts.
    pub fn texts(&self) -> Result<Vec<(String, Zeroizing<String>)>> {
        let Some(path) = &self.secrets else {
            return Ok(Vec::new());
        };
        let at = || format!("{}", path.display());
        let text = Zeroizing::new(fs::read_to_string(path).with_context(at)?);
        let secrets: BTreeMap<String, String> = serde_json::from_str(&text)
            .with_context(at)
            .context("the secrets must be a JSON object of names and texts")?;
        let wiped = |(name, text): (String, String)| (name, Zeroizing::new(text));
        Ok(secrets.into_iter().map(wiped).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_of_texts_is_read_and_another_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("secrets.json");
        let load = |content: &str| {
            fs::write(&path, content).unwrap();
            let secrets = Some(path.clone());
            SecretsArgs { secrets }.load()
        };
        let secrets = load(r#"{"key":"value"}"#).unwrap();
        assert_eq!(secrets.get("key"), Some(b"value".as_slice()));
        assert_eq!(secrets.get("other"), None);
        for bad in ["", "[]", r#"{"key":1}"#] {
            let error = format!("{:#}", load(bad).unwrap_err());
            assert!(error.contains("JSON object of names and texts"), "{error}");
            assert!(error.contains("secrets.json"), "{error}");
        }
    }
}
