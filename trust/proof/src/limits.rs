//! Bounds of what is read of a proof, so that no proof costs more memory or time than this.

/// The most bytes all parts of a proof may have together.
pub const PROOF_BYTES_MAX: usize = 32 * 1024 * 1024;

/// The most bytes a header may have, in SCALE. One that announces 100 authorities has 8 000.
pub const HEADER_BYTES_MAX: usize = 64 * 1024;

/// The most bytes a justification may have, in SCALE.
pub const JUSTIFICATION_BYTES_MAX: usize = 512 * 1024;

/// The most votes a justification may have: two of each of some more authorities than the chain
/// allows, since who votes twice is counted once.
pub const VOTES_MAX: usize = 1_024;

/// The most headers a justification may have.
pub const VOTE_HEADERS_MAX: usize = 1_024;

/// The most authorities a set may have.
pub const AUTHORITIES_MAX: usize = 512;

/// The most changes of the authorities.
pub const SET_CHANGES_MAX: usize = 4_096;

/// The most headers between a block and the one that is justified.
pub const DESCENDANTS_MAX: usize = 4_096;

/// The most nodes of one state's trie, values that are kept apart among them.
pub const NODES_MAX: usize = 4_096;

/// The most bytes a node or a value may have. The chain's longest is its code.
pub const NODE_BYTES_MAX: usize = 8 * 1024 * 1024;
