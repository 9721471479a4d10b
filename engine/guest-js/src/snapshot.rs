//! The guest as it is before any run: a context with the whole standard library.
//!
//! The build calls [`initialize`] once and takes the memory that it leaves as that
//! of the guest, so no run waits for it.

use std::{cell::RefCell, ops::Range};

use rquickjs::{Context, Ctx, Object, Persistent, Result};

use crate::{heap, request, sandbox};

/// A context and the library in it.
pub struct Prepared {
    context: Context,
    library: Persistent<Object<'static>>,
}

thread_local! {
    static PREPARED: RefCell<Option<Prepared>> = const { RefCell::new(None) };
}

/// The pages of the heap, from its start, that [`touch`] writes to: where a run writes to every
/// second or third. Found in the page map of a process that runs a small script again and again.
const TOUCHED_PAGES: [Range<usize>; 4] = [25..39, 63..79, 153..158, 198..217];
/// The size in which systems count memory.
const PAGE_BYTES: usize = 4096;
/// The size in which WebAssembly does. The heap begins with what is grown first.
const GROWN_BYTES: usize = 64 * 1024;

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
    heap::set_aside();
    let context = sandbox::context()?;
    let library = context.with(|ctx| {
        let library = sandbox::install(&ctx)?;
        sandbox::instantiate_builtins(&ctx)?;
        request::keep_shapes(&ctx)?;
        Ok::<_, rquickjs::Error>(Persistent::save(&ctx, library))
    })?;
    // What building the library left behind would be in every snapshot.
    context.runtime().run_gc();
    heap::start_run();
    Ok(Prepared { context, library })
}

/// Writes what is there to some pages of the heap.
///
/// Between runs, the engine's allocator puts the pages back that a run wrote, as long as
/// they lie in few enough pieces (32), and drops those of other pieces, which is a page
/// fault or two for each in the next run. This makes few pieces out of many.
#[allow(
    unsafe_code,
    reason = "the heap has these bytes, and they stay as they are"
)]
fn touch() {
    unsafe extern "C" {
        static __heap_base: u8;
    }
    let start = (&raw const __heap_base as usize).next_multiple_of(GROWN_BYTES);
    for page in TOUCHED_PAGES.into_iter().flatten() {
        let byte = (start + page * PAGE_BYTES) as *mut u8;
        // SAFETY: the library alone takes more of the heap, which only grows. The instance
        // has one thread.
        unsafe { byte.write_volatile(byte.read_volatile()) };
    }
}

/// Calls a function with the prepared context, the only time in this instance.
pub fn with<R>(run: impl for<'js> FnOnce(&Ctx<'js>, &Object<'js>) -> R) -> R {
    touch();
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
