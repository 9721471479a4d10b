//! A contract that tests of the engine build with the Rust SDK.
//!
//! The input is a command and what it needs, with spaces between them.

use std::time::Duration;

use phat_guest_sdk::{Error, Request, clock, contract, http, keys, kv, log, random};

/// Does what the input says.
#[contract]
pub fn run(request: Request) -> Result<Vec<u8>, Error> {
    let text = String::from_utf8(request.input.clone())?;
    let words: Vec<&str> = text.split(' ').collect();
    match words[..] {
        ["echo", word] => Ok(word.into()),
        ["request"] => Ok(describe(&request).into()),
        ["get", url] => get(url),
        ["all", ref urls @ ..] => Ok(all(urls).into()),
        ["kv"] => Ok(store().into()),
        ["keys"] => signatures(),
        ["random"] => Ok(draw().into()),
        ["time"] => Ok(wait().into()),
        ["log"] => {
            log::warn("of the SDK");
            ::log::trace!("left out");
            ::log::info!("of the {} crate", "log");
            Ok(Vec::new())
        }
        ["fail"] => Err(Error::new("it is not to be")),
        ["panic"] => panic!("it is {}", "over"),
        ["memory"] => Ok(hog().into()),
        ["loop"] => endless(),
        ["deep"] => Ok(deep(1).to_string().into()),
        _ => Err(Error::new(format!("unknown command: {text}"))),
    }
}

fn describe(request: &Request) -> String {
    format!(
        "{} {} {} {} {} {}",
        hex::encode(request.id),
        hex::encode(request.contract),
        request.caller,
        request.chain,
        request.block,
        request.settings
    )
}

fn get(url: &str) -> Result<Vec<u8>, Error> {
    let response = http::Request::post(url, "asked")
        .header("X-Asked", "yes")
        .timeout(Duration::from_secs(30))
        .send()?;
    let kind = response.header("content-type").unwrap_or("none");
    Ok(format!("{} {kind} {}", response.status, response.text()?).into())
}

/// What several URLs answer, or the code of what went wrong.
fn all(urls: &[&str]) -> String {
    let requests = urls.iter().map(|url| http::Request::get(*url));
    let answers = http::send_all(requests).into_iter();
    let answers: Vec<_> = answers
        .map(|answer| match answer {
            Ok(response) => String::from_utf8_lossy(&response.body).into_owned(),
            Err(error) => format!("{:?}", error.code),
        })
        .collect();
    answers.join(" ")
}

fn store() -> String {
    let before = kv::get(b"a");
    kv::set(b"a", b"new");
    kv::set(b"b", b"short-lived");
    kv::delete(b"b");
    format!("{before:?} {:?} {:?}", kv::get(b"a"), kv::get(b"b"))
}

fn signatures() -> Result<Vec<u8>, Error> {
    let mut lengths = Vec::new();
    for scheme in [
        keys::Scheme::Secp256k1,
        keys::Scheme::Ed25519,
        keys::Scheme::Sr25519,
    ] {
        lengths.push(keys::public_key(scheme).len());
        lengths.push(keys::sign(scheme, &[7; 32])?.len());
    }
    if keys::sign(keys::Scheme::Secp256k1, b"no hash").is_ok() {
        return Err(Error::new("signed what is no hash"));
    }
    let vrf = keys::vrf(b"input");
    if vrf.output == keys::vrf(b"other").output || vrf.proof == [0; 96] {
        return Err(Error::new("the random function is none"));
    }
    if keys::derive(b"a") == keys::derive(b"b") {
        return Err(Error::new("salts do not matter"));
    }
    let secret = keys::secret("token").map(String::from_utf8).transpose()?;
    Ok(format!("{lengths:?} {secret:?} {:?}", keys::secret("none")).into())
}

fn draw() -> String {
    let mut long = vec![0; 100_000];
    random::fill(&mut long);
    let [one, two]: [u64; 2] = rand::random();
    format!(
        "{one} {two} {} {}",
        random::u64(),
        long.iter().map(|byte| u64::from(*byte)).sum::<u64>()
    )
}

fn wait() -> String {
    let before = clock::now();
    clock::sleep(Duration::from_millis(2));
    let after = clock::now();
    format!(
        "{}",
        before < after && before > Duration::from_secs(1_700_000_000)
    )
}

/// Takes memory until there is no more.
fn hog() -> String {
    let mut taken: Vec<Vec<u8>> = Vec::new();
    loop {
        taken.push(vec![1; 1024 * 1024]);
        if taken.len() > 1_000_000 {
            return taken.len().to_string();
        }
    }
}

fn endless() -> ! {
    let mut number = 0_u64;
    loop {
        number = std::hint::black_box(number.wrapping_add(1));
    }
}

#[expect(
    unconditional_recursion,
    reason = "it is meant to come to an end of the stack"
)]
fn deep(depth: u64) -> u64 {
    let place = [depth; 32];
    deep(std::hint::black_box(place)[31] + 1) + place[0]
}

#[cfg(test)]
mod tests {
    use phat_guest_sdk::testing::Host;

    use super::*;

    #[test]
    fn the_contract_runs_on_the_host_too() {
        let request = Request {
            input: b"get https://example.org/".to_vec(),
            ..Request::default()
        };
        let host = Host::new().respond("https://example.org/", 200, "yes");
        let (result, seen) = host.run(|| run(request));
        assert_eq!(result.unwrap(), b"200 none yes");
        assert_eq!(
            seen.requests[0].headers,
            [("x-asked".to_owned(), "yes".to_owned())]
        );
    }
}
