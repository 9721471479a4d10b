//! What the host holds for a component that uses WASI.

use std::collections::{BTreeMap, VecDeque};

use phat_manifest::TRANSCRIPT_BYTES_MAX;
use wasmtime::component::{Resource, ResourceTable};

use super::exchange::Exchange;
use crate::{Completion, Event, RunFailure, journal::Stop, shares::Charge};

/// The most resources at once: streams, requests, headers, pollables and others.
pub const WASI_RESOURCES_MAX: u64 = 4096;
/// The most bytes of bodies and headers that are held at once. All that a run sends
/// and receives fits into it twice.
pub const WASI_BYTES_MAX: u64 = 2 * TRANSCRIPT_BYTES_MAX;

/// What the host holds for a component that uses WASI.
pub struct Wasi {
    table: ResourceTable,
    bytes: u64,
    charge: Charge,
    /// Requests from when they are made to when nothing refers to them.
    exchanges: BTreeMap<u32, Exchange>,
    last_exchange: u32,
    /// The requests and timers that are waited for through pollables, with what came
    /// of them.
    waited: BTreeMap<u32, Option<Completion>>,
    /// Events of `phat:contract` that came while WASI waited for others. Their number
    /// is bounded as that of requests and timers is.
    others: VecDeque<Event>,
    /// Whether something was found not to be ready since an event came last.
    pub asked_in_vain: bool,
}

/// What a resource takes of the host's memory.
pub trait Held: Send + 'static {
    /// The bytes that the guest, or a server, decides on.
    fn held_bytes(&self) -> usize {
        0
    }
}

impl Wasi {
    /// Nothing yet; what there will be is counted on the charge.
    pub fn new(charge: Charge) -> Self {
        let mut table = ResourceTable::new();
        table.set_max_capacity(usize::try_from(WASI_RESOURCES_MAX).unwrap_or(usize::MAX));
        Self {
            table,
            bytes: 0,
            charge,
            exchanges: BTreeMap::new(),
            last_exchange: 0,
            waited: BTreeMap::new(),
            others: VecDeque::new(),
            asked_in_vain: false,
        }
    }

    /// Adds a resource.
    pub fn push<T: Held>(&mut self, resource: T) -> wasmtime::Result<Resource<T>> {
        self.hold(resource.held_bytes())?;
        self.table.push(resource).map_err(|_| full())
    }

    /// Adds a resource that must end before its parent does.
    pub fn push_child<T: Held, U: Held>(
        &mut self,
        resource: T,
        parent: &Resource<U>,
    ) -> wasmtime::Result<Resource<T>> {
        self.hold(resource.held_bytes())?;
        match self.table.push_child(resource, parent) {
            Ok(resource) => Ok(resource),
            Err(wasmtime::component::ResourceTableError::Full) => Err(full()),
            Err(error) => Err(error.into()),
        }
    }

    /// A resource. The component model sees to it that a guest's handle is one of this
    /// type that is there.
    pub fn get<T: Held>(&self, resource: &Resource<T>) -> wasmtime::Result<&T> {
        Ok(self.table.get(resource)?)
    }

    /// A resource to change. Whoever makes it larger says so with [`Self::hold`].
    pub fn get_mut<T: Held>(&mut self, resource: &Resource<T>) -> wasmtime::Result<&mut T> {
        Ok(self.table.get_mut(resource)?)
    }

    /// Takes a resource out; an error if it has children.
    pub fn delete<T: Held>(&mut self, resource: Resource<T>) -> wasmtime::Result<T> {
        let resource = self.table.delete(resource)?;
        self.release(resource.held_bytes());
        Ok(resource)
    }

    /// Counts bytes that are held from now on.
    pub fn hold(&mut self, bytes: usize) -> Result<(), Stop> {
        let total = self.bytes.saturating_add(bytes as u64);
        if total > WASI_BYTES_MAX {
            let failure = RunFailure::limit("wasi_bytes", WASI_BYTES_MAX);
            return Err(Stop::Failed(failure));
        }
        self.charge.add(bytes as u64).map_err(Stop::Failed)?;
        self.bytes = total;
        Ok(())
    }

    /// Counts bytes that are held no more.
    pub fn release(&mut self, bytes: usize) {
        self.bytes = self.bytes.saturating_sub(bytes as u64);
        self.charge.give_back(bytes as u64);
    }

    /// Adds a request that is being made, and returns its number.
    pub fn push_exchange(&mut self, exchange: Exchange) -> u32 {
        // Each has a resource that refers to it, so not so many can be there at once.
        self.last_exchange = self.last_exchange.wrapping_add(1);
        self.exchanges.insert(self.last_exchange, exchange);
        self.last_exchange
    }

    /// A request that something refers to.
    pub fn exchange(&mut self, number: u32) -> wasmtime::Result<&mut Exchange> {
        self.exchanges
            .get_mut(&number)
            .ok_or_else(|| wasmtime::Error::msg("a request is gone that something refers to"))
    }

    /// Takes out a request that nothing refers to any more.
    pub fn remove_exchange(&mut self, number: u32) -> Option<Exchange> {
        self.exchanges.remove(&number)
    }

    /// Has the event of a request or timer kept for whoever polls it.
    pub fn wait_for(&mut self, id: u32) {
        self.waited.insert(id, None);
    }

    /// Whether a request or timer is waited for through a pollable.
    pub fn waits_for(&self, id: u32) -> bool {
        self.waited.contains_key(&id)
    }

    /// What came of a request or timer, if something came.
    pub fn completion(&self, id: u32) -> Option<&Completion> {
        self.waited.get(&id)?.as_ref()
    }

    /// Forgets a request or timer, and says whether it was under way.
    pub fn forget(&mut self, id: u32) -> bool {
        match self.waited.remove(&id) {
            Some(None) => true,
            Some(Some(completion)) => {
                self.release(completion.byte_count());
                false
            }
            None => false,
        }
    }

    /// Takes what came of a request.
    pub fn take_completion(&mut self, id: u32) -> Option<Completion> {
        let completion = self.waited.get_mut(&id)?.take()?;
        self.waited.remove(&id);
        self.release(completion.byte_count());
        Some(completion)
    }

    /// Keeps an event until it is asked for.
    pub fn arrived(&mut self, event: Event) -> Result<(), Stop> {
        self.hold(event.completion.byte_count())?;
        match self.waited.get_mut(&event.id) {
            Some(waited) => *waited = Some(event.completion),
            None => self.others.push_back(event),
        }
        Ok(())
    }

    /// The first event that came for `phat:contract` while WASI waited.
    pub fn next_of_others(&mut self) -> Option<Event> {
        let event = self.others.pop_front()?;
        self.release(event.completion.byte_count());
        Some(event)
    }

    /// Forgets an event that came already.
    pub fn forget_other(&mut self, id: u32) {
        if let Some(position) = self.others.iter().position(|event| event.id == id)
            && let Some(event) = self.others.remove(position)
        {
            self.release(event.completion.byte_count());
        }
    }
}

fn full() -> wasmtime::Error {
    Stop::Failed(RunFailure::limit("wasi_resources", WASI_RESOURCES_MAX)).into()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use phat_primitives::ContractId;

    use super::*;
    use crate::{
        HttpResponse, RunClass,
        shares::{Bounds, Place, Shares},
    };

    struct Bytes(usize);

    impl Held for Bytes {
        fn held_bytes(&self) -> usize {
            self.0
        }
    }

    fn wasi() -> (Wasi, Place) {
        let bounds = Bounds {
            anchor_runs: 4,
            calls: 4,
            memory_bytes: 4 * WASI_BYTES_MAX,
            requests: 4,
            lookups: 4,
        };
        let place = Arc::new(Shares::new(bounds))
            .enter(RunClass::Anchor, ContractId([1; 32]))
            .unwrap();
        (Wasi::new(place.account().charge()), place)
    }

    fn stopped_by<T>(result: wasmtime::Result<T>, name: &str) {
        let error = result.err().unwrap();
        assert!(
            matches!(error.downcast_ref(), Some(Stop::Failed(failure)) if failure.message.contains(name)),
            "{error:#}"
        );
    }

    #[test]
    fn resources_are_bounded_in_number_and_bytes() {
        let (mut wasi, _place) = wasi();
        let most = usize::try_from(WASI_BYTES_MAX).unwrap();
        let large = wasi.push(Bytes(most)).unwrap();
        stopped_by(wasi.push(Bytes(1)), "wasi_bytes");
        assert_eq!(wasi.delete(large).unwrap().0, most);
        assert_eq!(wasi.bytes, 0);

        let resources: Vec<_> = (0..WASI_RESOURCES_MAX)
            .map(|_| wasi.push(Bytes(1)).unwrap())
            .collect();
        stopped_by(wasi.push(Bytes(0)), "wasi_resources");
        for resource in resources {
            wasi.delete(resource).unwrap();
        }
        assert_eq!(wasi.bytes, 0);
        wasi.push(Bytes(0)).unwrap();
    }

    #[test]
    fn events_are_kept_for_who_waits() {
        let (mut wasi, _place) = wasi();
        let event = |id, bytes| Event {
            id,
            completion: Completion::Response(HttpResponse {
                status: 200,
                url: String::new(),
                redirected: false,
                headers: Vec::new(),
                body: vec![0; bytes],
                certificate_chain: None,
            }),
        };
        wasi.wait_for(1);
        wasi.arrived(event(2, 10)).unwrap();
        wasi.arrived(event(1, 100)).unwrap();
        assert!(wasi.bytes >= 110);
        assert!(wasi.completion(1).is_some() && wasi.completion(2).is_none());
        assert!(wasi.take_completion(1).is_some());
        assert!(wasi.take_completion(1).is_none());
        assert_eq!(wasi.next_of_others().unwrap().id, 2);
        assert_eq!(wasi.bytes, 0);

        wasi.wait_for(3);
        assert!(wasi.forget(3) && !wasi.forget(3));
        wasi.arrived(event(4, 10)).unwrap();
        wasi.forget_other(4);
        assert!(wasi.next_of_others().is_none());
        assert_eq!(wasi.bytes, 0);
    }
}
