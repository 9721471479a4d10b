//! Changing what a node has stored, behind its back.

use std::{fs, path::Path};

use anyhow::{Context, ensure};

/// The files in which ParityDB keeps the values of the column of states, whatever their size.
const STATE_TABLES: &str = "table_01_";

/// Replaces `honest` by `forged`, which is as long, in all states that the node which has stored
/// them in `base` will show. The node must not run, and must have been opened once since it wrote
/// them: until then they may be in the log alone.
///
/// Nodes do not check what they read from their disk, so this is how a node lies about one value
/// and about nothing else.
pub fn forge_state(base: &Path, honest: &[u8], forged: &[u8]) -> anyhow::Result<()> {
    ensure!(honest.len() == forged.len(), "the texts differ in length");
    let chains = fs::read_dir(base.join("chains"))?;
    let mut count = 0;
    for chain in chains {
        let folder = chain?.path().join("paritydb").join("full");
        for file in fs::read_dir(&folder).with_context(|| folder.display().to_string())? {
            let file = file?;
            if file.file_name().to_string_lossy().starts_with(STATE_TABLES) {
                count += replace(&file.path(), honest, forged)?;
            }
        }
    }
    ensure!(count > 0, "the node has not stored what is to be forged");
    Ok(())
}

/// How often it was replaced in a file.
fn replace(path: &Path, honest: &[u8], forged: &[u8]) -> anyhow::Result<usize> {
    let mut bytes = fs::read(path)?;
    let found = bytes.windows(honest.len()).enumerate();
    let places: Vec<usize> = found
        .filter_map(|(at, part)| (part == honest).then_some(at))
        .collect();
    for at in &places {
        bytes[*at..*at + forged.len()].copy_from_slice(forged);
    }
    if !places.is_empty() {
        fs::write(path, bytes)?;
    }
    Ok(places.len())
}
