//! The environment that scripts see: a context with the standard library.

use rquickjs::{Context, Ctx, Function, Module, Object, Result, Runtime};

use crate::{limits::STACK_BYTES_MAX, natives};

/// The standard library, in the order in which the files need each other. Each
/// is a function of the native functions and of what the files before export.
const LIBRARY: &[(&str, &str)] = &[
    ("phat:console.js", include_str!("js/console.js")),
    ("phat:encoding.js", include_str!("js/encoding.js")),
    ("phat:url.js", include_str!("js/url.js")),
    ("phat:timers.js", include_str!("js/timers.js")),
    ("phat:events.js", include_str!("js/events.js")),
    ("phat:headers.js", include_str!("js/headers.js")),
    ("phat:body.js", include_str!("js/body.js")),
    ("phat:fetch.js", include_str!("js/fetch.js")),
    ("phat:cryptokeys.js", include_str!("js/cryptokeys.js")),
    ("phat:subtle.js", include_str!("js/subtle.js")),
    ("phat:crypto.js", include_str!("js/crypto.js")),
    ("phat:clone.js", include_str!("js/clone.js")),
    ("phat:abitypes.js", include_str!("js/abitypes.js")),
    ("phat:abi.js", include_str!("js/abi.js")),
    ("phat:scaletypes.js", include_str!("js/scaletypes.js")),
    ("phat:scale.js", include_str!("js/scale.js")),
    ("phat:pink.js", include_str!("js/pink.js")),
    ("phat:contract.js", include_str!("js/contract.js")),
];

/// The module that scripts import as `phat`.
const PHAT_MODULE: &str = include_str!("js/phat.js");

/// Where the library is while the module `phat` starts.
const LIBRARY_GLOBAL: &str = "\u{0}phat";

/// A fresh context with what the language itself has.
pub fn context() -> Result<Context> {
    let runtime = Runtime::new()?;
    runtime.set_max_stack_size(STACK_BYTES_MAX);
    Context::full(&runtime)
}

/// Has QuickJS make the functions of the language that it makes when they are first looked at:
/// once for all runs.
pub fn instantiate_builtins(ctx: &Ctx<'_>) -> Result<()> {
    ctx.eval::<(), _>(INSTANTIATE)
}

/// Looks at all properties of all that globals lead to, without calling their getters.
const INSTANTIATE: &str = "(function look(value, seen) {
    if (Object(value) !== value || seen.has(value)) return;
    seen.add(value);
    look(Object.getPrototypeOf(value), seen);
    for (const property of Object.values(Object.getOwnPropertyDescriptors(value))) {
        look(property.value, seen);
        look(property.get, seen);
    }
})(globalThis, new Set())";

/// Puts the standard library into a context, and returns what the guest itself
/// calls of it.
pub fn install<'js>(ctx: &Ctx<'js>) -> Result<Object<'js>> {
    let host = natives::object(ctx)?;
    let library = Object::new(ctx.clone())?;
    for (name, source) in LIBRARY {
        let mut options = rquickjs::context::EvalOptions::default();
        options.filename = Some((*name).to_owned());
        let part: Function = ctx.eval_with_options(*source, options)?;
        part.call::<_, ()>((host.clone(), library.clone()))?;
    }
    let globals = ctx.globals();
    globals.set(LIBRARY_GLOBAL, library.clone())?;
    let (_, evaluated) = Module::declare(ctx.clone(), "phat", PHAT_MODULE)?.eval()?;
    while ctx.execute_pending_job() {}
    evaluated.result::<()>().transpose()?;
    globals.remove(LIBRARY_GLOBAL)?;
    Ok(library)
}
