//! What a worker has to know after a restart: what it has signed, and the work that it committed to.

use std::{
    fs::{self, OpenOptions},
    io::{self, Read, Write},
    path::{Path, PathBuf},
    sync::Arc,
};

use codec::{Decode, Encode};
use phat_worker_core::performance::Statement;
use phat_workload::{Commitment, Hash, Seed};
use thiserror::Error;

use super::CHUNKS_MAX;

/// How many commitments are kept: the one that the chain has, the one that is on its way there, and
/// that of a benchmark.
pub const KEPT_MAX: usize = 3;

/// The form of the file. One of another form is not read.
const FORM: u8 = 1;

/// The most bytes the file may have.
const FILE_BYTES_MAX: u64 = (KEPT_MAX as u64) * (CHUNKS_MAX as u64 * 32 + 1024) + 64 * 1024;

/// The file cannot be read or written.
#[derive(Debug, Error)]
pub enum StoreError {
    /// The operating system says so.
    #[error("{path}: {source}")]
    Io {
        /// The file.
        path: PathBuf,
        /// What it said.
        source: io::Error,
    },
    /// It is not what this worker writes.
    #[error(
        "{0} is damaged: the work that the worker has committed to cannot be shown any more; the \
         file is written anew at the next commitment"
    )]
    Damaged(PathBuf),
}

/// Work that was committed to.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Kept {
    /// What it started from.
    pub seed: Hash,
    /// What was committed to.
    pub commitment: Commitment,
    /// The roots of its chunks.
    pub chunks: Vec<Hash>,
}

impl Kept {
    /// The work of these chunks. None of more than a commitment can have.
    pub fn new(seed: &Seed, chunks: Vec<Hash>) -> Option<Self> {
        Some(Self {
            seed: seed.0,
            commitment: Commitment::of_chunks(&chunks)?,
            chunks,
        })
    }
}

/// What is remembered.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode)]
pub struct Memory {
    /// What was signed last.
    pub signed: Option<Statement>,
    /// The newest [`KEPT_MAX`] commitments, the newest last.
    pub kept: Vec<Arc<Kept>>,
}

impl Memory {
    /// The same with one more commitment, and without the oldest if there are too many.
    #[must_use]
    pub fn with(&self, kept: Kept) -> Self {
        let mut memory = self.clone();
        memory.kept.push(Arc::new(kept));
        let surplus = memory.kept.len().saturating_sub(KEPT_MAX);
        memory.kept.drain(..surplus);
        memory
    }

    /// The work of a commitment, if it is kept.
    pub fn find(&self, seed: &Seed, commitment: &Commitment) -> Option<Arc<Kept>> {
        let mut kept = self.kept.iter();
        kept.find(|kept| kept.seed == seed.0 && kept.commitment == *commitment)
            .cloned()
    }
}

/// The file.
#[derive(Clone, Debug)]
pub struct Store(PathBuf);

impl Store {
    /// The store in this file, which need not be there.
    pub fn new(file: PathBuf) -> Self {
        Self(file)
    }

    /// What is remembered; nothing when there is no file.
    pub fn load(&self) -> Result<Memory, StoreError> {
        let damaged = || StoreError::Damaged(self.0.clone());
        let file = match fs::File::open(&self.0) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Memory::default()),
            file => file.map_err(self.io())?,
        };
        if file.metadata().map_err(self.io())?.len() > FILE_BYTES_MAX {
            return Err(damaged());
        }
        let mut bytes = Vec::new();
        file.take(FILE_BYTES_MAX)
            .read_to_end(&mut bytes)
            .map_err(self.io())?;
        match bytes.split_first() {
            Some((&FORM, mut encoded)) => Memory::decode(&mut encoded)
                .ok()
                .filter(|memory| encoded.is_empty() && memory.kept.len() <= KEPT_MAX)
                .ok_or_else(damaged),
            _ => Err(damaged()),
        }
    }

    /// Remembers this in place of what was. After a crash there is one of the two, whole.
    pub fn save(&self, memory: &Memory) -> Result<(), StoreError> {
        let mut bytes = vec![FORM];
        memory.encode_to(&mut bytes);
        let temporary = self.0.with_extension("new");
        write(&temporary, &bytes)
            .and_then(|()| fs::rename(&temporary, &self.0))
            .map_err(self.io())
    }

    fn io(&self) -> impl Fn(io::Error) -> StoreError {
        |source| StoreError::Io {
            path: self.0.clone(),
            source,
        }
    }
}

fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

#[cfg(test)]
mod tests {
    use phat_primitives::{WorkerId, heartbeat::BenchmarkReport};

    use super::*;

    fn kept(byte: u8) -> Kept {
        Kept::new(&Seed([byte; 32]), vec![[byte; 32]; 3]).unwrap()
    }

    #[test]
    fn what_is_saved_is_there_after_a_restart() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::new(folder.path().join("performance.scale"));
        assert_eq!(store.load().unwrap(), Memory::default());
        let signed = Statement::Report(BenchmarkReport {
            worker: WorkerId([1; 32]),
            begun_at: 2,
            commitment: kept(1).commitment,
        });
        let mut memory = Memory::default().with(kept(1)).with(kept(2));
        memory.signed = Some(signed);
        store.save(&memory).unwrap();
        assert_eq!(store.load().unwrap(), memory);
        store.save(&Memory::default()).unwrap();
        assert_eq!(store.load().unwrap(), Memory::default());
    }

    #[test]
    fn the_newest_commitments_are_kept() {
        let mut memory = Memory::default();
        for byte in 0..=KEPT_MAX as u8 {
            memory = memory.with(kept(byte));
        }
        assert_eq!(memory.kept.len(), KEPT_MAX);
        let find = |byte: u8| memory.find(&Seed([byte; 32]), &kept(byte).commitment);
        assert_eq!(find(0), None);
        assert_eq!(find(1).as_deref(), Some(&kept(1)));
        assert_eq!(find(KEPT_MAX as u8).as_deref(), Some(&kept(KEPT_MAX as u8)));
        assert_eq!(memory.find(&Seed([9; 32]), &kept(1).commitment), None);
    }

    #[test]
    fn a_damaged_file_is_told_from_none() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("performance.scale");
        let store = Store::new(path.clone());
        store.save(&Memory::default().with(kept(1))).unwrap();
        let whole = fs::read(&path).unwrap();
        let other_form = [&[FORM + 1], &whole[1..]].concat();
        let longer = [&whole[..], &[0]].concat();
        for damaged in [&b""[..], &whole[..whole.len() - 1], &other_form, &longer] {
            fs::write(&path, damaged).unwrap();
            let error = store.load().unwrap_err();
            assert!(matches!(error, StoreError::Damaged(_)), "{error}");
            assert!(error.to_string().contains("performance.scale"));
        }
        let sparse = fs::File::create(&path).unwrap();
        sparse.set_len(FILE_BYTES_MAX + 1).unwrap();
        assert!(matches!(store.load(), Err(StoreError::Damaged(_))));
    }
}
