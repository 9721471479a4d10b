//! Where the network's programs are.

use std::{
    env,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};

use anyhow::{Result, bail};

/// The program `name`: beside this one, or else in a folder of `PATH`.
pub fn find(name: &str) -> Result<PathBuf> {
    let own = env::current_exe()?;
    let beside = own.parent().map(Path::to_path_buf);
    let path = env::var_os("PATH").unwrap_or_default();
    find_in(name, beside.into_iter().chain(env::split_paths(&path)))
}

fn find_in(name: &str, folders: impl Iterator<Item = PathBuf>) -> Result<PathBuf> {
    let mut beside = None;
    for folder in folders {
        let candidate = folder.join(name);
        if is_executable(&candidate) {
            return Ok(candidate);
        }
        beside.get_or_insert(folder);
    }
    bail!(
        "there is no {name} in {} nor in a folder of PATH: build it with \
         `cargo build -p {name}`, or name it with its option",
        beside.unwrap_or_default().display()
    );
}

fn is_executable(path: &Path) -> bool {
    path.metadata()
        .is_ok_and(|file| file.is_file() && file.permissions().mode() & 0o111 != 0)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn the_first_executable_is_taken_and_a_missing_one_named() {
        let (first, second) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let folders = || [first.path().to_owned(), second.path().to_owned()].into_iter();
        let error = find_in("phat-node", folders()).unwrap_err().to_string();
        assert!(error.contains("cargo build -p phat-node"), "{error}");
        assert!(
            error.contains(&first.path().display().to_string()),
            "{error}"
        );

        // A file that cannot be executed is passed over.
        fs::write(first.path().join("phat-node"), "").unwrap();
        let program = second.path().join("phat-node");
        fs::write(&program, "").unwrap();
        fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
        assert_eq!(find_in("phat-node", folders()).unwrap(), program);
    }
}
