//! What the registration of a worker took of its block.

use phat_primitives::WorkerId;

use crate::{ChainClient, ChainError, State, answer::in_time, api};

/// The call that registers a worker.
const PALLET: &str = "Registry";
const CALL: &str = "register";

/// What the registration of a worker, with evidence, took of its block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RegistrationShare {
    /// The time that the transaction may take by its weight, in picoseconds, with what each
    /// transaction takes besides its call.
    pub time_ps: u64,
    /// The bytes that the transaction has.
    pub bytes: u64,
    /// How many such transactions fit into one block: by their weight or by their bytes, whichever
    /// allows for fewer.
    pub fit_into_block: u64,
}

impl ChainClient {
    /// What the registration of `worker` took of its block. `None` if the worker is not registered,
    /// or was registered without evidence or inside of another call.
    ///
    /// The node must have the state of the block that registered the worker.
    pub async fn registration_share(
        &self,
        worker: &WorkerId,
    ) -> Result<Option<RegistrationShare>, ChainError> {
        let Some(registered) = self.latest().await?.worker(worker).await? else {
            return Ok(None);
        };
        let state = self.at_number(registered.registered_at).await?;
        let extrinsics = in_time(state.at.extrinsics().fetch()).await?;
        for extrinsic in extrinsics.iter() {
            let extrinsic = extrinsic?;
            if extrinsic.pallet_name() != PALLET || extrinsic.call_name() != CALL {
                continue;
            }
            let events = in_time(extrinsic.events()).await?;
            let attested = events.find_first::<api::registry::events::WorkerAttested>();
            let attested = attested.transpose()?;
            if attested.is_none_or(|attested| attested.worker.0 != *worker) {
                continue;
            }
            let success = events.find_first::<api::system::events::ExtrinsicSuccess>();
            let Some(success) = success.transpose()? else {
                continue;
            };
            let time_ps = success.dispatch_info.weight.ref_time;
            let bytes = extrinsic.bytes().len() as u64;
            let fit_into_block = fit_into_block(&state, time_ps, bytes)?;
            return Ok(Some(RegistrationShare {
                time_ps,
                bytes,
                fit_into_block,
            }));
        }
        Ok(None)
    }
}

/// How many transactions of this weight and length fit into a block of the chain.
fn fit_into_block(state: &State, time_ps: u64, bytes: u64) -> Result<u64, ChainError> {
    let constants = state.at.constants();
    let weights = constants.entry(api::constants().system().block_weights())?;
    let lengths = constants.entry(api::constants().system().block_length())?;
    let time_ps_max = weights.per_class.normal.max_total;
    let time_ps_max = time_ps_max.unwrap_or(weights.max_block).ref_time;
    let bytes_max = u64::from(lengths.max.normal);
    Ok(fewest([(time_ps_max, time_ps), (bytes_max, bytes)]))
}

/// How often all of these fit, each into its bound. What takes nothing does not count.
fn fewest(bounds: [(u64, u64); 2]) -> u64 {
    let times = bounds.map(|(bound, each)| bound.checked_div(each).unwrap_or(u64::MAX));
    times.into_iter().min().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tighter_bound_says_how_many_fit() {
        assert_eq!(fewest([(375, 4), (3_900, 30)]), 93);
        assert_eq!(fewest([(375, 3), (3_900, 40)]), 97);
        assert_eq!(fewest([(375, 376), (3_900, 40)]), 0);
        assert_eq!(fewest([(375, 0), (3_900, 40)]), 97);
    }
}
