//! Noticing that files have changed.
//!
//! By looking, not by the system's notifications: these miss what happens on network
//! file systems and in containers' mounts, and differ in what an editor's "save" is.

use std::{
    fs,
    path::{Path, PathBuf},
    time::{Duration, SystemTime},
};

use tokio::time::sleep;

/// How often to look.
const POLL: Duration = Duration::from_millis(100);

/// Files, and how they were.
pub struct Watched {
    files: Vec<(PathBuf, Option<Stamp>)>,
}

/// What changes with a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Stamp {
    modified: SystemTime,
    bytes: u64,
}

impl Watched {
    /// Notes how files are. They need not exist.
    pub fn new(files: Vec<PathBuf>) -> Self {
        let stamped = |file: PathBuf| {
            let stamp = stamp(&file);
            (file, stamp)
        };
        Self {
            files: files.into_iter().map(stamped).collect(),
        }
    }

    /// Waits until one of them is not as it was.
    pub async fn changed(&self) {
        while !self.has_changed() {
            sleep(POLL).await;
        }
    }

    fn has_changed(&self) -> bool {
        self.files.iter().any(|(file, was)| stamp(file) != *was)
    }
}

fn stamp(file: &Path) -> Option<Stamp> {
    let metadata = fs::metadata(file).ok()?;
    Some(Stamp {
        modified: metadata.modified().ok()?,
        bytes: metadata.len(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_comes_changes_or_goes_is_noticed() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.js");
        let look = || Watched::new(vec![path.clone()]);
        let missing = look();
        assert!(!missing.has_changed());
        fs::write(&path, "1").unwrap();
        assert!(missing.has_changed());
        let written = look();
        assert!(!written.has_changed());
        fs::write(&path, "12").unwrap();
        assert!(written.has_changed());
        let longer = look();
        fs::remove_file(&path).unwrap();
        assert!(longer.has_changed());
    }
}
