//! A disk that is full whenever a test says so.

use std::{
    io,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use redb::{Database, DatabaseError, StorageBackend, backends::InMemoryBackend};

/// Storage in memory that is full whenever it is told to be.
#[derive(Clone, Debug)]
pub struct Disk {
    is_full: Arc<AtomicBool>,
    memory: Arc<InMemoryBackend>,
}

impl Disk {
    /// An empty one with space.
    pub fn new() -> Self {
        Self {
            is_full: Arc::default(),
            memory: Arc::new(InMemoryBackend::new()),
        }
    }

    /// Makes it full, or gives it space again.
    pub fn fill(&self, is_full: bool) {
        self.is_full.store(is_full, Ordering::SeqCst);
    }

    /// What opens a database on it.
    pub fn opener(&self) -> Box<dyn Fn() -> Result<Database, DatabaseError> + Send + Sync> {
        let disk = self.clone();
        Box::new(move || Database::builder().create_with_backend(disk.clone()))
    }

    fn check(&self) -> io::Result<()> {
        if self.is_full.load(Ordering::SeqCst) {
            return Err(io::ErrorKind::StorageFull.into());
        }
        Ok(())
    }
}

impl StorageBackend for Disk {
    fn len(&self) -> io::Result<u64> {
        self.memory.len()
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        self.memory.read(offset, out)
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        self.check()?;
        self.memory.set_len(len)
    }

    fn sync_data(&self) -> io::Result<()> {
        self.check()?;
        self.memory.sync_data()
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        self.check()?;
        self.memory.write(offset, data)
    }
}
