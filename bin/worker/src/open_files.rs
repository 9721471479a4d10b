//! How many files and sockets the process may have open.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// What a worker with the default settings may need: its open HTTP requests, the
/// connections that its runs keep for the next request, those of its own API, and
/// the files of its journal.
const OPEN_FILES_NEEDED: u64 = 4096;

/// Raises the limit to the most that the system lets this process have. Contracts
/// decide how many connections there are, up to the worker's bounds, and those are
/// above what many systems begin with. A worker with too low a limit runs, and
/// says so.
pub fn raise_limit() {
    let limit = getrlimit(Resource::Nofile);
    let raised = Rlimit {
        current: limit.maximum,
        ..limit
    };
    if let Err(error) = setrlimit(Resource::Nofile, raised) {
        tracing::warn!(%error, "the limit on open files cannot be raised");
    }
    if let Some(open_files) = getrlimit(Resource::Nofile).current
        && open_files < OPEN_FILES_NEEDED
    {
        tracing::warn!(
            open_files,
            needed = OPEN_FILES_NEEDED,
            "few open files are allowed: requests of contracts may fail for that; \
             raise the hard limit, as with LimitNOFILE of systemd"
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_limit_is_raised_to_the_hard_one() {
        let limit = getrlimit(Resource::Nofile);
        let low = Rlimit {
            current: Some(256),
            ..limit
        };
        setrlimit(Resource::Nofile, low).expect("a limit can be lowered");
        raise_limit();
        assert_eq!(getrlimit(Resource::Nofile).current, limit.maximum);
    }
}
