//! One run of a script, from its text to its result.

use rquickjs::{Ctx, Function, Module, Object, Promise, Value, promise::PromiseState};

use crate::{
    bindings::{
        Failure, Request,
        phat::contract::{events, script, types::FailureCode},
    },
    clock,
    exception::Thrown,
    natives, output, sandbox,
};

/// The name of the script in stack traces.
const SCRIPT_NAME: &str = "contract.js";

/// The component's implementation of the world.
pub struct Contract;

/// Runs the script that the engine gives.
pub fn run(request: Request) -> Result<Vec<u8>, Failure> {
    let source = String::from_utf8(script::source())
        .map_err(|_| failure(FailureCode::InvalidScript, "the script is not UTF-8 text"))?;
    let context = sandbox::context().map_err(internal)?;
    let result = context.with(|ctx| {
        let library = sandbox::install(&ctx).map_err(|error| thrown(&ctx, error))?;
        clock::start();
        execute(&ctx, &library, source, request)
    });
    // The engine drops the whole instance: freeing each object before would be wasted work.
    core::mem::forget(context);
    result
}

fn execute<'js>(
    ctx: &Ctx<'js>,
    library: &Object<'js>,
    source: String,
    request: Request,
) -> Result<Vec<u8>, Failure> {
    let invalid = |error| Failure {
        code: FailureCode::InvalidScript,
        message: Thrown::take(ctx, error).describe(),
    };
    let module = Module::declare(ctx.clone(), SCRIPT_NAME, source).map_err(invalid)?;
    let (module, evaluation) = module.eval().map_err(invalid)?;
    settle(ctx, library, &evaluation)?;
    let entry: Value = module.get("default").map_err(invalid)?;
    if entry.is_undefined() {
        return Err(failure(
            FailureCode::InvalidScript,
            "the script has no default export: write `export default function (request) { … }`",
        ));
    }
    let Some(entry) = entry.as_function() else {
        let found = output::describe(&entry);
        let message = format!("the default export is {found}, not a function");
        return Err(failure(FailureCode::InvalidScript, &message));
    };
    let request = request_object(ctx, library, request).map_err(|error| thrown(ctx, error))?;
    let returned: Value = entry.call((request,)).map_err(|error| thrown(ctx, error))?;
    let promise = promise_of(library, &returned).map_err(|error| thrown(ctx, error))?;
    let value = match promise {
        Some(promise) => settle(ctx, library, &promise)?,
        None => returned,
    };
    output::bytes(&value)
}

/// A promise for a value that is one, or that has a `then` of its own.
fn promise_of<'js>(
    library: &Object<'js>,
    value: &Value<'js>,
) -> rquickjs::Result<Option<Promise<'js>>> {
    if let Some(promise) = value.as_promise() {
        return Ok(Some(promise.clone()));
    }
    if !value.is_object() {
        return Ok(None);
    }
    let adopt: Function = library.get("adopt")?;
    adopt.call((value.clone(),))
}

/// Runs jobs and takes events until the promise is settled.
fn settle<'js>(
    ctx: &Ctx<'js>,
    library: &Object<'js>,
    promise: &Promise<'js>,
) -> Result<Value<'js>, Failure> {
    let dispatch: Function = library.get("dispatch").map_err(internal)?;
    loop {
        while ctx.execute_pending_job() {}
        if let Some(uncaught) = natives::take_uncaught() {
            return Err(failure(FailureCode::ScriptThrew, &uncaught));
        }
        match promise.state() {
            PromiseState::Pending => {}
            PromiseState::Resolved | PromiseState::Rejected => {
                return match promise.result::<Value>() {
                    Some(Ok(value)) => Ok(value),
                    Some(Err(error)) => Err(thrown(ctx, error)),
                    None => Err(failure(FailureCode::NeverSettles, NEVER_SETTLES)),
                };
            }
        }
        let Some(event) = events::next() else {
            return Err(failure(FailureCode::NeverSettles, NEVER_SETTLES));
        };
        natives::dispatch(ctx, &dispatch, event).map_err(|error| thrown(ctx, error))?;
    }
}

const NEVER_SETTLES: &str =
    "the promise never settles: it is pending, and no request or timer is under way";

fn request_object<'js>(
    ctx: &Ctx<'js>,
    library: &Object<'js>,
    request: Request,
) -> rquickjs::Result<Value<'js>> {
    let make: Function = library.get("makeRequest")?;
    make.call((
        rquickjs::TypedArray::new(ctx.clone(), request.input)?,
        format!("0x{}", hex::encode(&request.id)),
        format!("0x{}", hex::encode(&request.contract)),
        request.chain,
        request.block as f64,
        request.settings,
    ))
}

fn thrown(ctx: &Ctx<'_>, error: rquickjs::Error) -> Failure {
    failure(
        FailureCode::ScriptThrew,
        &Thrown::take(ctx, error).describe(),
    )
}

fn internal(error: rquickjs::Error) -> Failure {
    failure(FailureCode::ScriptThrew, &error.to_string())
}

fn failure(code: FailureCode, message: &str) -> Failure {
    Failure {
        code,
        message: message.to_owned(),
    }
}
