//! The bindings to the engine, generated from `engine/wit`.
#![allow(
    clippy::too_many_arguments,
    unsafe_code,
    reason = "generated: values cross the component boundary as raw memory"
)]

wit_bindgen::generate!({
    path: "../../../engine/wit",
    inline: "
        package phat:test;
        world wasi {
            include phat:contract/contract@0.1.0;
            import wasi:clocks/monotonic-clock@0.2.12;
            import wasi:clocks/wall-clock@0.2.12;
            import wasi:http/outgoing-handler@0.2.12;
            import wasi:http/types@0.2.12;
            import wasi:io/poll@0.2.12;
            import wasi:io/streams@0.2.12;
            import wasi:random/insecure@0.2.12;
            import wasi:random/insecure-seed@0.2.12;
            import wasi:random/random@0.2.12;
        }
    ",
    world: "phat:test/wasi",
    generate_all,
});

struct Contract;

export!(Contract);

impl Guest for Contract {
    fn run(request: Request) -> Result<Vec<u8>, Failure> {
        let input = String::from_utf8(request.input).expect("the input is text");
        let words: Vec<&str> = input.split(' ').collect();
        Ok(crate::commands::run(&words).into_bytes())
    }
}
