//! Bounds of what the chain stores.

/// The most bytes a contract's code may have.
pub const CODE_BYTES_MAX: u32 = 2 * 1024 * 1024;

/// The most bytes a contract's manifest may have.
pub const MANIFEST_BYTES_MAX: u32 = 16 * 1024;

/// The most bytes a worker's endpoint URL may have.
pub const ENDPOINT_BYTES_MAX: u32 = 256;

/// The most bytes a quote of a worker's platform may have. Intel's have about 5 000.
pub const QUOTE_BYTES_MAX: u32 = 16 * 1024;

/// The most bytes the collateral of a quote may have, in SCALE. Intel's has about 20 000.
pub const COLLATERAL_BYTES_MAX: u32 = 128 * 1024;

/// The most bytes a root certificate may have, in DER. Intel's has 659.
pub const ROOT_BYTES_MAX: u32 = 2 * 1024;

/// The most root certificates that a chain accepts quotes under.
pub const ROOTS_MAX: u32 = 8;

/// The most rules about which software workers may run.
pub const MEASUREMENTS_MAX: u32 = 256;

/// The most bytes the signed body of a receipt may have, in SCALE. They have about 450.
pub const RECEIPT_BODY_BYTES_MAX: u32 = 1024;

/// The most bytes the URL may have at which the data of a challenged receipt are.
pub const DATA_URL_BYTES_MAX: u32 = 256;

/// The most bytes a secret's name may have.
pub const SECRET_NAME_BYTES_MAX: u32 = 64;

/// The most bytes a secret may have.
pub const SECRET_BYTES_MAX: u32 = 64 * 1024;

/// How many bytes a sealed secret has more than the secret: a key and a tag.
pub const SECRET_SEAL_BYTES: u32 = 32 + 16;

/// The most bytes a sealed secret may have.
pub const SECRET_SEALED_BYTES_MAX: u32 = SECRET_BYTES_MAX + SECRET_SEAL_BYTES;

/// The most secrets a contract may have.
pub const SECRETS_MAX: u32 = 32;

/// The most generations that the key of a cluster may have.
pub const CLUSTER_KEY_GENERATIONS_MAX: u32 = 256;
