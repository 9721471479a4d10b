//! How guests give way to other tasks of their thread, and when their deadline and the
//! end of their slice are looked at.

use async_trait::async_trait;
use tokio::task::yield_now;
use wasmtime::{CallHook, CallHookHandler, Store, StoreContextMut};

use crate::state::State;

/// After how much fuel a guest gives way: about a millisecond of common code. Fuel is
/// counted anyway, so that guests need not look at a clock besides.
const FUEL: u64 = 1_000_000;

/// Has the guest of this store give way, whatever it does. It has `fuel` left.
pub fn prepare(store: &mut Store<State>, fuel: u64) -> wasmtime::Result<()> {
    store.fuel_async_yield_interval(Some(FUEL))?;
    store.data_mut().gives_way_at = fuel.saturating_sub(FUEL);
    store.call_hook_async(AfterHostCalls);
    Ok(())
}

/// A host call that takes fuel starts wasmtime's own count anew: a guest that calls
/// often would never give way. So what it used in all is looked at after each.
struct AfterHostCalls;

#[async_trait]
impl CallHookHandler<State> for AfterHostCalls {
    async fn handle_call_event(
        &self,
        mut store: StoreContextMut<'_, State>,
        hook: CallHook,
    ) -> wasmtime::Result<()> {
        if !matches!(hook, CallHook::ReturningFromHost) {
            return Ok(());
        }
        let left = store.get_fuel()?;
        let state = store.data_mut();
        if left <= state.gives_way_at {
            state.gives_way_at = left.saturating_sub(FUEL);
            yield_now().await;
        }
        Ok(())
    }
}
