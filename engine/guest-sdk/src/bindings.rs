//! The bindings to the engine, generated from `engine/wit`.
#![allow(
    clippy::too_many_arguments,
    missing_docs,
    unsafe_code,
    reason = "generated: values cross the component boundary as raw memory"
)]

wit_bindgen::generate!({
    path: "../wit",
    world: "contract",
    pub_export_macro: true,
    default_bindings_module: "phat_guest_sdk::__private",
});
