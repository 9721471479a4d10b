//! The attribute that makes a function the entry of a Phat Contract.
//!
//! Use it through `phat-guest-sdk`, which re-exports it.

use proc_macro::TokenStream;
use proc_macro2::TokenStream as Tokens;
use quote::quote;
use syn::{Error, ItemFn, parse_macro_input};

/// Makes a function what a contract runs.
///
/// The function takes a `Request` and returns a `Result`: bytes, or whatever else is
/// `Into<Vec<u8>>`, or an error, which may be of any type that turns into the SDK's
/// `Error`. There is one such function in a crate. It stays an ordinary function, to be
/// called by tests; only a build for WebAssembly exports it.
///
/// ```text
/// #[phat_guest_sdk::contract]
/// fn run(request: Request) -> Result<Vec<u8>, Error> {
///     Ok(request.input)
/// }
/// ```
#[proc_macro_attribute]
pub fn contract(arguments: TokenStream, item: TokenStream) -> TokenStream {
    let arguments = Tokens::from(arguments);
    let function = parse_macro_input!(item as ItemFn);
    let expanded = check(&arguments, &function).map(|()| expand(&function));
    expanded.unwrap_or_else(Error::into_compile_error).into()
}

/// Refuses, in the terms of a contract's author, what could not be called.
fn check(arguments: &Tokens, function: &ItemFn) -> Result<(), Error> {
    let signature = &function.sig;
    if !arguments.is_empty() {
        return Err(Error::new_spanned(
            arguments,
            "`contract` takes no arguments",
        ));
    }
    if signature.asyncness.is_some() {
        return Err(Error::new_spanned(
            signature.asyncness,
            "a contract's function is not async: `http::send_all` has several requests under \
             way at once",
        ));
    }
    if !signature.generics.params.is_empty() {
        return Err(Error::new_spanned(
            &signature.generics,
            "a contract's function is not generic",
        ));
    }
    if signature.inputs.len() != 1 {
        return Err(Error::new_spanned(
            &signature.inputs,
            "a contract's function has one argument: a `phat_guest_sdk::Request`",
        ));
    }
    Ok(())
}

fn expand(function: &ItemFn) -> Tokens {
    let name = &function.sig.ident;
    quote! {
        #function

        // Without this, a build for tests would call it unused.
        #[cfg(not(target_arch = "wasm32"))]
        const _: () = {
            let _ = #name;
        };

        #[cfg(target_arch = "wasm32")]
        const _: () = {
            struct Contract;
            impl ::phat_guest_sdk::__private::Guest for Contract {
                fn run(
                    request: ::phat_guest_sdk::__private::Request,
                ) -> ::core::result::Result<
                    ::std::vec::Vec<u8>,
                    ::phat_guest_sdk::__private::Failure,
                > {
                    ::phat_guest_sdk::__private::run(#name, request)
                }
            }
            ::phat_guest_sdk::__private::export!(
                Contract with_types_in ::phat_guest_sdk::__private
            );
        };
    }
}

#[cfg(test)]
mod tests {
    use syn::parse_str;

    use super::*;

    fn check_source(arguments: &str, function: &str, expected: Option<&str>) {
        let arguments = arguments.parse().unwrap();
        let function = parse_str(function).unwrap();
        match (check(&arguments, &function), expected) {
            (Ok(()), None) => {}
            (Err(error), Some(part)) => assert!(error.to_string().contains(part), "{error}"),
            (found, expected) => panic!("{found:?} is not {expected:?}"),
        }
    }

    #[test]
    fn what_cannot_be_a_contract_is_refused() {
        let good = "fn run(request: Request) -> Result<Vec<u8>, Error> { Ok(vec![]) }";
        check_source("", good, None);
        check_source("name", good, Some("no arguments"));
        check_source("", "async fn run(r: Request) {}", Some("not async"));
        check_source("", "fn run<T>(r: T) {}", Some("not generic"));
        check_source("", "fn run() {}", Some("one argument"));
        check_source("", "fn run(a: u8, b: u8) {}", Some("one argument"));
    }

    #[test]
    fn the_function_stays_and_is_exported() {
        let function = parse_str("fn answer(r: Request) -> R { r.input }").unwrap();
        let expanded = expand(&function).to_string();
        assert!(
            expanded.starts_with("fn answer (r : Request)"),
            "{expanded}"
        );
        assert!(
            expanded.contains("__private :: run (answer , request)"),
            "{expanded}"
        );
    }
}
