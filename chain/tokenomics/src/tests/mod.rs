//! What the arithmetic is held against.
