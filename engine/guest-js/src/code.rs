//! Scripts and modules as bytecode.
#![allow(
    unsafe_code,
    reason = "rquickjs writes and reads the bytecode of modules only, and does not load what they import"
)]

use core::ffi::{CStr, c_int};

use rquickjs::{Ctx, Error, Object, Promise, Result, Value, qjs};

/// The name of the script in stack traces.
const NAME: &CStr = c"contract.js";

/// What a text is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A plain script, whose value is that of its last expression.
    Script = 0,
    /// An ES module, which exports a function.
    Module = 1,
}

impl Kind {
    fn flags(self) -> u32 {
        match self {
            Self::Script => qjs::JS_EVAL_TYPE_GLOBAL,
            Self::Module => qjs::JS_EVAL_TYPE_MODULE | qjs::JS_EVAL_FLAG_STRICT,
        }
    }
}

/// Code that was evaluated.
pub enum Evaluated<'js> {
    /// The value of a script, or what it threw.
    Script(Result<Value<'js>>),
    /// What a module exports, once the promise is settled.
    Module(Object<'js>, Promise<'js>),
}

/// The bytecode of a text, with its kind in the first byte. What reads as a plain
/// script is one: what imports, exports or waits at its top level does not.
pub fn compile(ctx: &Ctx<'_>, source: &[u8]) -> Result<Vec<u8>> {
    if let Ok(code) = compile_as(ctx, source, Kind::Script) {
        return Ok(code);
    }
    // The first error is about what makes the text a module, if it is one.
    ctx.catch();
    compile_as(ctx, source, Kind::Module)
}

fn compile_as(ctx: &Ctx<'_>, source: &[u8], kind: Kind) -> Result<Vec<u8>> {
    let raw = ctx.as_raw().as_ptr();
    let mut text = source.to_vec();
    text.push(0);
    let flags = kind.flags() | qjs::JS_EVAL_FLAG_COMPILE_ONLY;
    // SAFETY: the text ends with a zero that is not counted in its length, as
    // QuickJS asks, and it and the name outlive the call.
    let compiled = unsafe {
        let compiled = qjs::JS_Eval(
            raw,
            text.as_ptr().cast(),
            source.len() as _,
            NAME.as_ptr(),
            flags as c_int,
        );
        owned(ctx, compiled)?
    };
    let mut length = 0;
    // SAFETY: the value is alive, and what is returned is of the given length
    // until it is freed, here.
    unsafe {
        let flags = qjs::JS_WRITE_OBJ_BYTECODE as c_int;
        let bytes = qjs::JS_WriteObject(raw, &mut length, compiled.as_raw(), flags);
        if bytes.is_null() {
            return Err(Error::Exception);
        }
        let mut code = Vec::with_capacity(length as usize + 1);
        code.push(kind as u8);
        code.extend_from_slice(core::slice::from_raw_parts(bytes, length as usize));
        qjs::js_free(raw, bytes.cast());
        Ok(code)
    }
}

/// Evaluates what [`compile`] made. Fails for a module that imports what is not
/// there. The engine gives what it compiled itself; were
/// it something else, QuickJS could break this instance and nothing outside.
pub fn evaluate<'js>(ctx: &Ctx<'js>, code: Vec<u8>) -> Result<Evaluated<'js>> {
    let raw = ctx.as_raw().as_ptr();
    // Functions point into the bytes as long as they live.
    let code: &'static [u8] = code.leak();
    let (kind, bytecode) = code.split_first().ok_or(Error::Unknown)?;
    // SAFETY: the bytes are what JS_WriteObject gave, and stay where they are.
    // JS_EvalFunction takes over the value that it is given, so that of a module
    // is duplicated for the namespace.
    unsafe {
        let flags = (qjs::JS_READ_OBJ_BYTECODE | qjs::JS_READ_OBJ_ROM_DATA) as c_int;
        let read = qjs::JS_ReadObject(raw, bytecode.as_ptr(), bytecode.len() as _, flags);
        let read = owned(ctx, read)?;
        if *kind == Kind::Script as u8 {
            let value = qjs::JS_EvalFunction(raw, qjs::JS_DupValue(raw, read.as_raw()));
            return Ok(Evaluated::Script(owned(ctx, value)));
        }
        if qjs::JS_ResolveModule(raw, read.as_raw()) < 0 {
            return Err(Error::Exception);
        }
        let promise = qjs::JS_EvalFunction(raw, qjs::JS_DupValue(raw, read.as_raw()));
        let promise = owned(ctx, promise)?.into_promise().ok_or(Error::Unknown)?;
        let module = qjs::JS_VALUE_GET_PTR(read.as_raw()).cast();
        let namespace = owned(ctx, qjs::JS_GetModuleNamespace(raw, module))?;
        let namespace = namespace.into_object().ok_or(Error::Unknown)?;
        Ok(Evaluated::Module(namespace, promise))
    }
}

/// Takes over a value that QuickJS returned.
///
/// # Safety
///
/// The value is of the context, and nobody else frees it.
unsafe fn owned<'js>(ctx: &Ctx<'js>, value: qjs::JSValue) -> Result<Value<'js>> {
    // SAFETY: as the caller has it.
    unsafe {
        if qjs::JS_IsException(value) {
            return Err(Error::Exception);
        }
        Ok(Value::from_raw(ctx.clone(), value))
    }
}
