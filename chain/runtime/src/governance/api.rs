//! What is asked of the chain about governance.

use crate::Balance;

sp_api::decl_runtime_apis! {
    /// What is asked of the chain about governance.
    pub trait GovernanceApi {
        /// The PHA that may vote, in units of 10⁻¹² PHA: what the support of a referendum is a
        /// share of.
        fn electorate() -> Balance;
    }
}
