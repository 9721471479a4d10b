//! One run of a script, from its code to its result.

use rquickjs::{Array, Ctx, Function, Object, Promise, TypedArray, Value, promise::PromiseState};

use crate::{
    bindings::{
        Failure, Request,
        phat::contract::{script, types::FailureCode},
    },
    clock,
    code::{self, Evaluated},
    exception::Thrown,
    natives, output, request, snapshot,
};

/// The component's implementation of the world.
pub struct Contract;

/// Compiles a script's text.
pub fn compile(source: &[u8]) -> Result<Vec<u8>, Failure> {
    if core::str::from_utf8(source).is_err() {
        return Err(failure(
            FailureCode::InvalidScript,
            "the script is not UTF-8 text",
        ));
    }
    snapshot::with(|ctx, _| code::compile(ctx, source).map_err(|error| invalid(ctx, error)))
}

/// Runs the script that the engine gives.
pub fn run(request: Request) -> Result<Vec<u8>, Failure> {
    let code = script::code();
    snapshot::with(|ctx, library| {
        clock::start();
        execute(ctx, library, code, request)
    })
}

/// Has the script that the engine gives merge what several workers gave for a request.
pub fn aggregate(outputs: Vec<Vec<u8>>, request: Request) -> Result<Vec<u8>, Failure> {
    let code = script::code();
    snapshot::with(|ctx, library| {
        clock::start();
        merge(ctx, library, code, outputs, request)
    })
}

fn execute<'js>(
    ctx: &Ctx<'js>,
    library: &Object<'js>,
    code: Vec<u8>,
    request: Request,
) -> Result<Vec<u8>, Failure> {
    let thrown = |error| thrown(ctx, error);
    let request = request::tell(ctx, library, request).map_err(thrown)?;
    match code::evaluate(ctx, code) {
        Err(error) => Err(invalid(ctx, error)),
        Ok(Evaluated::Script(value)) => {
            let value = finish_script(ctx, library, value.map_err(thrown)?)?;
            // A script need not give anything.
            if value.is_undefined() {
                return Ok(Vec::new());
            }
            output::bytes(&value)
        }
        Ok(Evaluated::Module(namespace, evaluation)) => {
            settle(ctx, library, &evaluation)?;
            let entry: Value = namespace.get("default").map_err(thrown)?;
            let entry = entry_of(&entry)?;
            let returned: Value = entry.call((request,)).map_err(thrown)?;
            output::bytes(&settled(ctx, library, returned)?)
        }
    }
}

fn merge<'js>(
    ctx: &Ctx<'js>,
    library: &Object<'js>,
    code: Vec<u8>,
    outputs: Vec<Vec<u8>>,
    request: Request,
) -> Result<Vec<u8>, Failure> {
    let thrown = |error| thrown(ctx, error);
    let request = request::tell(ctx, library, request).map_err(thrown)?;
    let outputs = outputs_array(ctx, outputs).map_err(thrown)?;
    match code::evaluate(ctx, code) {
        Err(error) => Err(invalid(ctx, error)),
        Ok(Evaluated::Script(_)) => Err(failure(
            FailureCode::InvalidScript,
            "a plain script has no aggregate: make it a module, which exports one",
        )),
        Ok(Evaluated::Module(namespace, evaluation)) => {
            settle(ctx, library, &evaluation)?;
            let merging: Value = namespace.get("aggregate").map_err(thrown)?;
            let merging = merging_of(&merging)?;
            let returned: Value = merging.call((outputs, request)).map_err(thrown)?;
            output::bytes(&settled(ctx, library, returned)?)
        }
    }
}

/// The outputs as an array of `Uint8Array`s.
fn outputs_array<'js>(ctx: &Ctx<'js>, outputs: Vec<Vec<u8>>) -> rquickjs::Result<Array<'js>> {
    let array = Array::new(ctx.clone())?;
    for (index, output) in outputs.into_iter().enumerate() {
        array.set(index, TypedArray::<u8>::new(ctx.clone(), output)?)?;
    }
    Ok(array)
}

/// The function with which a module merges outputs.
fn merging_of<'js>(merging: &Value<'js>) -> Result<Function<'js>, Failure> {
    merging.as_function().cloned().ok_or_else(|| {
        let found = output::describe(merging);
        let message = format!(
            "the export aggregate is {found}: the manifest asks for a function, \
             `export function aggregate(outputs, request) {{ … }}`"
        );
        failure(FailureCode::InvalidScript, &message)
    })
}

/// The function that a module exports.
fn entry_of<'js>(entry: &Value<'js>) -> Result<Function<'js>, Failure> {
    if entry.is_undefined() {
        return Err(failure(
            FailureCode::InvalidScript,
            "the script has no default export: write `export default function (request) { … }`",
        ));
    }
    entry.as_function().cloned().ok_or_else(|| {
        let found = output::describe(entry);
        let message = format!("the default export is {found}, not a function");
        failure(FailureCode::InvalidScript, &message)
    })
}

/// The result of a plain script: what it sets `scriptOutput` to, at once or while
/// something is under way, or else the value of its last expression. That of an
/// expression such as `setTimeout(…)` is no result, so it does not end the run.
fn finish_script<'js>(
    ctx: &Ctx<'js>,
    library: &Object<'js>,
    value: Value<'js>,
) -> Result<Value<'js>, Failure> {
    let thrown = |error| thrown(ctx, error);
    let output = || ctx.globals().get::<_, Value>("scriptOutput");
    if output().map_err(thrown)?.is_undefined() {
        // What rejects without a result to show for it is the failure of the script.
        let value = settled(ctx, library, value)?;
        if output().map_err(thrown)?.is_undefined() {
            if output::is_result(&value) {
                return Ok(value);
            }
            run_dry(ctx, library, || {
                Ok(!output().map_err(thrown)?.is_undefined())
            })?;
            if output().map_err(thrown)?.is_undefined() {
                return Ok(value);
            }
        }
    }
    settled(ctx, library, output().map_err(thrown)?)
}

/// The value, or what it promises.
fn settled<'js>(
    ctx: &Ctx<'js>,
    library: &Object<'js>,
    value: Value<'js>,
) -> Result<Value<'js>, Failure> {
    match promise_of(library, &value).map_err(|error| thrown(ctx, error))? {
        Some(promise) => settle(ctx, library, &promise),
        None => Ok(value),
    }
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
    run_dry(
        ctx,
        library,
        || Ok(promise.state() != PromiseState::Pending),
    )?;
    match promise.result::<Value>() {
        Some(Ok(value)) => Ok(value),
        Some(Err(error)) => Err(thrown(ctx, error)),
        None => Err(failure(
            FailureCode::NeverSettles,
            "the promise never settles: it is pending, and no request or timer is under way",
        )),
    }
}

/// Runs jobs and takes events until enough is done, or nothing is under way any more.
fn run_dry<'js>(
    ctx: &Ctx<'js>,
    library: &Object<'js>,
    is_enough: impl Fn() -> Result<bool, Failure>,
) -> Result<(), Failure> {
    let dispatch: Function = library.get("dispatch").map_err(internal)?;
    loop {
        while ctx.execute_pending_job() {}
        if let Some(uncaught) = natives::take_uncaught() {
            return Err(failure(FailureCode::ScriptThrew, &uncaught));
        }
        if is_enough()? {
            return Ok(());
        }
        let Some(event) = natives::next_event() else {
            return Ok(());
        };
        natives::dispatch(ctx, &dispatch, event).map_err(|error| thrown(ctx, error))?;
    }
}

fn invalid(ctx: &Ctx<'_>, error: rquickjs::Error) -> Failure {
    failure(
        FailureCode::InvalidScript,
        &Thrown::take(ctx, error).describe(),
    )
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
