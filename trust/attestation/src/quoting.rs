//! Asking the platform for a quote.

use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::atomic::{AtomicU64, Ordering},
};

/// A platform that quotes the software that asks it.
pub trait Quoting: Send + Sync {
    /// A quote of this software with `report_data` in it.
    ///
    /// Blocks for as long as the platform takes, which may be a second.
    fn quote(&self, report_data: &[u8; 64]) -> Result<Vec<u8>, QuoteError>;
}

/// Why there is no quote.
#[derive(Debug, thiserror::Error)]
pub enum QuoteError {
    /// The platform's interface is not there, or fails.
    #[error("the platform gives no quote: {}: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What happened to it.
        source: io::Error,
    },
    /// Another program asked for a quote in the same place at the same time.
    #[error("{} was used by another program meanwhile; try again", path.display())]
    Disturbed {
        /// The folder.
        path: PathBuf,
    },
    /// The platform itself says why.
    #[error("the platform gives no quote: {0}")]
    Refused(String),
}

/// An SGX enclave under Gramine, by the files in `/dev/attestation`.
///
/// Source: Gramine's documentation, "Attestation and Secret Provisioning".
#[derive(Clone, Debug)]
pub struct Gramine {
    folder: PathBuf,
}

impl Default for Gramine {
    fn default() -> Self {
        Self::at("/dev/attestation")
    }
}

impl Gramine {
    /// With its files in another folder.
    pub fn at(folder: impl Into<PathBuf>) -> Self {
        Self {
            folder: folder.into(),
        }
    }
}

impl Quoting for Gramine {
    fn quote(&self, report_data: &[u8; 64]) -> Result<Vec<u8>, QuoteError> {
        write(&self.folder.join("user_report_data"), report_data)?;
        read(&self.folder.join("quote"))
    }
}

/// A TDX machine under Linux, by `tsm` in configfs.
///
/// Source: Linux, `Documentation/ABI/testing/configfs-tsm-report`.
#[derive(Clone, Debug)]
pub struct ConfigfsTsm {
    folder: PathBuf,
}

impl Default for ConfigfsTsm {
    fn default() -> Self {
        Self::at("/sys/kernel/config/tsm/report")
    }
}

impl ConfigfsTsm {
    /// With its folder somewhere else.
    pub fn at(folder: impl Into<PathBuf>) -> Self {
        Self {
            folder: folder.into(),
        }
    }
}

impl Quoting for ConfigfsTsm {
    fn quote(&self, report_data: &[u8; 64]) -> Result<Vec<u8>, QuoteError> {
        static NUMBER: AtomicU64 = AtomicU64::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let name = format!("phat-{}-{number}", std::process::id());
        let entry = Entry::new(self.folder.join(name))?;
        write(&entry.0.join("inblob"), report_data)?;
        let quote = read(&entry.0.join("outblob"))?;
        // It counts what is written there: one more would mean that the quote is for
        // someone else's data.
        let generation = read(&entry.0.join("generation"))?;
        if generation.trim_ascii() != b"1" {
            return Err(QuoteError::Disturbed {
                path: entry.0.clone(),
            });
        }
        Ok(quote)
    }
}

/// A folder in configfs, whose files the kernel makes. It is removed with its files.
struct Entry(PathBuf);

impl Entry {
    fn new(path: PathBuf) -> Result<Self, QuoteError> {
        fs::create_dir(&path).map_err(|source| QuoteError::Io {
            path: path.clone(),
            source,
        })?;
        Ok(Self(path))
    }
}

impl Drop for Entry {
    fn drop(&mut self) {
        // What stays behind is in nobody's way.
        let _ = fs::remove_dir(&self.0);
    }
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), QuoteError> {
    // Without creating it: a file that is not the platform's would give no quote.
    let mut file = fs::OpenOptions::new()
        .write(true)
        .open(path)
        .map_err(|source| QuoteError::Io {
            path: path.to_owned(),
            source,
        })?;
    io::Write::write_all(&mut file, bytes).map_err(|source| QuoteError::Io {
        path: path.to_owned(),
        source,
    })
}

fn read(path: &Path) -> Result<Vec<u8>, QuoteError> {
    fs::read(path).map_err(|source| QuoteError::Io {
        path: path.to_owned(),
        source,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gramine_s_files_are_written_and_read() {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("user_report_data");
        fs::write(&data, []).unwrap();
        fs::write(folder.path().join("quote"), b"a quote").unwrap();
        let quote = Gramine::at(folder.path()).quote(&[3; 64]).unwrap();
        assert_eq!(quote, b"a quote");
        assert_eq!(fs::read(data).unwrap(), [3; 64]);
    }

    #[test]
    fn where_there_is_no_platform_the_file_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let missing = folder.path().join("missing");
        for platform in [
            Box::new(Gramine::at(&missing)) as Box<dyn Quoting>,
            Box::new(ConfigfsTsm::at(&missing)),
            // A folder, but not one in which the kernel makes files.
            Box::new(ConfigfsTsm::at(folder.path())),
        ] {
            let error = platform.quote(&[0; 64]).unwrap_err().to_string();
            let folder = folder.path().to_str().unwrap();
            assert!(error.contains(folder), "{error}");
        }
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    }
}
