//! A module as it is once it has started.

use std::{
    error::Error,
    pin::pin,
    task::{Context, Poll, Waker},
};

use wasmi::{AsContextMut, Engine, ExternType, Func, Instance, Linker, Module, Store, Val};
use wasmtime_wizer::{InstanceState, SnapshotVal, ValType, Wizer};

/// Calls the module's `wizer-initialize` in an interpreter and gives a module that
/// starts with the memory that this leaves. What is called may not call the host.
pub fn take(module: &[u8]) -> Result<Vec<u8>, Box<dyn Error>> {
    let wizer = Wizer::new();
    let (context, instrumented) = wizer
        .instrument(module)
        .map_err(|error| format!("{error:#}"))?;
    let engine = Engine::default();
    let compiled = Module::new(&engine, instrumented)?;
    let mut store = Store::new(&engine, ());
    let instance = linker(&mut store, &compiled)?.instantiate_and_start(&mut store, &compiled)?;
    instance
        .get_typed_func::<(), ()>(&store, wizer.get_init_func())?
        .call(&mut store, ())?;
    let mut state = State { store, instance };
    let snapshot = pin!(wizer.snapshot(&context, &mut state));
    // Nothing in it waits: the state is here.
    match snapshot.poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(snapshot) => Ok(snapshot.map_err(|error| format!("{error:#}"))?),
        Poll::Pending => Err("the snapshot waits for something".into()),
    }
}

/// Imports that fail when they are called.
fn linker(store: &mut Store<()>, module: &Module) -> Result<Linker<()>, Box<dyn Error>> {
    let mut linker = Linker::new(store.engine());
    for import in module.imports() {
        let (from, name) = (import.module().to_owned(), import.name().to_owned());
        let ExternType::Func(kind) = import.ty() else {
            return Err(format!("{from} {name} is imported, and is no function").into());
        };
        let called = format!("{from} {name} is called");
        let trap = move |_: wasmi::Caller<'_, ()>, _: &[Val], _: &mut [Val]| {
            Err(wasmi::Error::new(called.clone()))
        };
        let function = Func::new(store.as_context_mut(), kind.clone(), trap);
        linker.define(&from, &name, function)?;
    }
    Ok(linker)
}

struct State {
    store: Store<()>,
    instance: Instance,
}

impl InstanceState for State {
    async fn global_get(&mut self, name: &str, _: ValType) -> SnapshotVal {
        let global = self.instance.get_global(&self.store, name);
        match global.expect("the tool exports it").get(&self.store) {
            Val::I32(value) => SnapshotVal::I32(value),
            Val::I64(value) => SnapshotVal::I64(value),
            Val::F32(value) => SnapshotVal::F32(value.to_bits()),
            Val::F64(value) => SnapshotVal::F64(value.to_bits()),
            _ => panic!("the global {name} holds no number"),
        }
    }

    async fn memory_contents(&mut self, name: &str, contents: impl FnOnce(&[u8]) + Send) {
        let memory = self.instance.get_memory(&self.store, name);
        contents(memory.expect("the tool exports it").data(&self.store));
    }
}
