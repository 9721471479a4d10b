//! The guest as it is before any run: a context with the whole standard library.
//!
//! The build calls [`initialize`] once and takes the memory that it leaves as that
//! of the guest, so no run waits for it.

use std::cell::RefCell;

use rquickjs::{Context, Ctx, Object, Persistent, Result};

use crate::sandbox;

/// A context and the library in it.
pub struct Prepared {
    context: Context,
    library: Persistent<Object<'static>>,
}

thread_local! {
    static PREPARED: RefCell<Option<Prepared>> = const { RefCell::new(None) };
}

/// Prepares a context. The name is what the tool that takes the snapshot calls.
#[allow(
    unsafe_code,
    reason = "the build looks for an export of this name; it takes no arguments"
)]
#[unsafe(export_name = "wizer-initialize")]
extern "C" fn initialize() {
    let prepared = prepare().expect("the standard library is right as it is");
    PREPARED.set(Some(prepared));
}

fn prepare() -> Result<Prepared> {
    let context = sandbox::context()?;
    let library = context.with(|ctx| {
        let library = sandbox::install(&ctx)?;
        Ok::<_, rquickjs::Error>(Persistent::save(&ctx, library))
    })?;
    // What building the library left behind would be in every snapshot.
    context.runtime().run_gc();
    Ok(Prepared { context, library })
}

/// Calls a function with the prepared context, the only time in this instance.
pub fn with<R>(run: impl for<'js> FnOnce(&Ctx<'js>, &Object<'js>) -> R) -> R {
    let prepared = PREPARED.take();
    let prepared = prepared.expect("an instance starts prepared, and is for one call");
    let Prepared { context, library } = prepared;
    let result = context.with(|ctx| {
        let library = library.restore(&ctx);
        run(&ctx, &library.expect("the library is of this context"))
    });
    // The engine drops the whole instance: freeing each object before would be wasted work.
    core::mem::forget(context);
    result
}
