//! What referenda may act as, besides root.
//!
//! Each origin is that of one track, and may do what that track decides: the parameters of
//! pallets, what workers run, or spending up to a limit.

use frame_support::traits::{EnsureOrigin, OriginTrait};

pub use pallet::*;

use crate::{
    constants::{BIG_SPEND_MAX, SMALL_SPEND_MAX},
    Balance,
};

/// The pallet's items, in the form that FRAME asks for. The pallet is there for its origin alone.
#[frame_support::pallet]
pub mod pallet {
    use frame_support::pallet_prelude::*;

    /// What the runtime decides about the pallet: nothing.
    #[pallet::config]
    pub trait Config: frame_system::Config {}

    /// The pallet.
    #[pallet::pallet]
    pub struct Pallet<T>(_);

    /// What referenda of a track act as.
    #[pallet::origin]
    #[derive(
        Clone,
        Copy,
        Debug,
        PartialEq,
        Eq,
        Encode,
        Decode,
        DecodeWithMemTracking,
        MaxEncodedLen,
        TypeInfo,
    )]
    pub enum Origin {
        /// Sets the parameters of pallets.
        Parameters,
        /// Decides what workers run and on which platforms, and has clusters change their keys.
        Measurements,
        /// Spends small amounts of the treasury.
        SmallSpender,
        /// Spends large amounts of the treasury.
        BigSpender,
    }
}

/// Declares a check for one origin.
macro_rules! ensure_origin {
    ($(#[$docs:meta])* $name:ident, $origin:ident) => {
        $(#[$docs])*
        pub struct $name;

        impl<O: OriginTrait + From<Origin>> EnsureOrigin<O> for $name
        where
            for<'a> &'a O::PalletsOrigin: TryInto<&'a Origin>,
        {
            type Success = ();

            fn try_origin(origin: O) -> Result<Self::Success, O> {
                let passes = matches!(origin.caller().try_into(), Ok(Origin::$origin));
                passes.then_some(()).ok_or(origin)
            }

            #[cfg(feature = "runtime-benchmarks")]
            fn try_successful_origin() -> Result<O, ()> {
                Ok(Origin::$origin.into())
            }
        }
    };
}

ensure_origin!(
    /// Passes what sets parameters.
    EnsureParameters,
    Parameters
);

ensure_origin!(
    /// Passes what decides which software and hardware workers may be.
    EnsureMeasurements,
    Measurements
);

/// Passes what may spend from the treasury, with the most that it may spend at a time.
pub struct EnsureSpender;

impl<O: OriginTrait + From<Origin>> EnsureOrigin<O> for EnsureSpender
where
    for<'a> &'a O::PalletsOrigin: TryInto<&'a Origin>,
{
    type Success = Balance;

    fn try_origin(origin: O) -> Result<Self::Success, O> {
        let spend_max = match origin.caller().try_into() {
            Ok(Origin::SmallSpender) => Some(SMALL_SPEND_MAX),
            Ok(Origin::BigSpender) => Some(BIG_SPEND_MAX),
            _ => None,
        };
        spend_max.ok_or(origin)
    }

    #[cfg(feature = "runtime-benchmarks")]
    fn try_successful_origin() -> Result<O, ()> {
        Ok(Origin::BigSpender.into())
    }
}
