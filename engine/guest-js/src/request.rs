//! The request as scripts see it.
#![allow(
    unsafe_code,
    reason = "rquickjs has no function that makes an object non-extensible"
)]

use rquickjs::{Ctx, Error, Function, Object, Result, TypedArray, Value, object::Property, qjs};

use crate::{bindings::Request, natives::hexadecimal};

/// The fields, in the order in which the object has them.
const FIELDS: [&str; 7] = [
    "input", "id", "contract", "caller", "chain", "block", "settings",
];

/// Tells the library what is asked, and gives the request as modules get it: frozen.
pub fn tell<'js>(ctx: &Ctx<'js>, library: &Object<'js>, request: Request) -> Result<Object<'js>> {
    let string = |text: &str| -> Result<Value> {
        Ok(rquickjs::String::from_str(ctx.clone(), text)?.into_value())
    };
    let text = string(&request.settings)?;
    let settings: Value = match request.settings.as_str() {
        "" | "{}" => library.get("noSettings")?,
        _ => {
            let settings_of: Function = library.get("settingsOf")?;
            settings_of.call((text.clone(),))?
        }
    };
    let object = frozen(
        ctx,
        [
            TypedArray::new(ctx.clone(), request.input)?.into_value(),
            string(&hexadecimal("0x", &request.id))?,
            string(&hexadecimal("0x", &request.contract))?,
            string(&request.caller)?,
            string(&request.chain)?,
            Value::new_number(ctx.clone(), request.block as f64),
            settings,
        ],
    )?;
    let prepare: Function = library.get("prepare")?;
    prepare.call::<_, ()>((object.clone(), text))?;
    Ok(object)
}

/// Keeps the shape of requests, and those that an object has on its way there, so that no run
/// makes them anew: QuickJS drops a shape with the last object that has it.
pub fn keep_shapes(ctx: &Ctx<'_>) -> Result<()> {
    for count in 1..=FIELDS.len() {
        let nothing = (0..count).map(|_| Value::new_null(ctx.clone()));
        core::mem::forget(frozen(ctx, nothing)?);
    }
    Ok(())
}

/// A frozen object with the first fields.
fn frozen<'js>(
    ctx: &Ctx<'js>,
    values: impl IntoIterator<Item = Value<'js>>,
) -> Result<Object<'js>> {
    let object = Object::new(ctx.clone())?;
    for (name, value) in FIELDS.into_iter().zip(values) {
        object.prop(name, Property::from(value).enumerable())?;
    }
    // SAFETY: both are alive, and the function takes over neither.
    match unsafe { qjs::JS_PreventExtensions(ctx.as_raw().as_ptr(), object.as_raw()) } {
        ..0 => Err(Error::Exception),
        _ => Ok(object),
    }
}
