//! What stands in for the outside in tests on the host.
//!
//! A [`Host`] holds the answers that a contract gets while [`Host::run`] runs it on the
//! current thread, and [`Seen`] is what it did. Limits, fuel and the network are not
//! played: try these with `phat run`.
//!
//! ```
//! use phat_guest_sdk::{http, kv, testing::Host};
//!
//! let (status, seen) = Host::new()
//!     .value("key", "before")
//!     .respond("https://example.org/", 404, "")
//!     .run(|| {
//!         kv::set(b"key", b"after");
//!         http::get("https://example.org/").unwrap().status
//!     });
//! assert_eq!(status, 404);
//! assert_eq!(seen.requests[0].method, "GET");
//! assert_eq!(seen.store[&b"key"[..]], b"after");
//! ```

use std::{
    cell::RefCell,
    collections::{BTreeMap, VecDeque},
    time::Duration,
};

use crate::{
    http::{Error, Request, Response},
    log::Level,
    platform::Completion,
};

thread_local! {
    static HOST: RefCell<Option<Host>> = const { RefCell::new(None) };
}

/// The answers that a contract gets.
#[derive(Default)]
pub struct Host {
    answers: Vec<(String, Result<Response, Error>)>,
    pub(crate) secrets: BTreeMap<String, Vec<u8>>,
    now: Duration,
    drawn: u64,
    last_id: u32,
    pub(crate) events: VecDeque<(u32, Completion)>,
    pub(crate) seen: Seen,
}

/// What a contract did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Seen {
    /// The requests, in the order in which they were started.
    pub requests: Vec<Request>,
    /// The lines of the log.
    pub logs: Vec<(Level, String)>,
    /// What the key-value store holds in the end.
    pub store: BTreeMap<Vec<u8>, Vec<u8>>,
}

impl Host {
    /// A host that answers nothing, at the time 0 and with an empty store.
    pub fn new() -> Self {
        Self::default()
    }

    /// Answers the next request for a URL with a status and a body.
    pub fn respond(self, url: &str, status: u16, body: impl Into<Vec<u8>>) -> Self {
        let response = Response {
            status,
            url: url.to_owned(),
            redirected: false,
            headers: Vec::new(),
            body: body.into(),
        };
        self.answer(url, Ok(response))
    }

    /// Answers the next request for a URL. Several answers for one URL are given in
    /// their order.
    pub fn answer(mut self, url: &str, answer: Result<Response, Error>) -> Self {
        self.answers.push((url.to_owned(), answer));
        self
    }

    /// Puts a value into the key-value store.
    pub fn value(mut self, key: impl Into<Vec<u8>>, value: impl Into<Vec<u8>>) -> Self {
        self.seen.store.insert(key.into(), value.into());
        self
    }

    /// Sets a secret.
    pub fn secret(mut self, name: &str, value: impl Into<Vec<u8>>) -> Self {
        self.secrets.insert(name.to_owned(), value.into());
        self
    }

    /// Sets the time since 1970-01-01 UTC. It passes only while the contract waits.
    pub fn time(mut self, now: Duration) -> Self {
        self.now = now;
        self
    }

    /// Runs something that calls the SDK, and returns what it did besides.
    ///
    /// # Panics
    ///
    /// If it asks for a URL without an answer, uses the contract's keys, or calls this
    /// itself.
    pub fn run<T>(self, contract: impl FnOnce() -> T) -> (T, Seen) {
        let before = HOST.with_borrow_mut(|host| host.replace(self));
        assert!(before.is_none(), "Host::run is called inside of Host::run");
        let leaving = Leaving;
        let result = contract();
        let host = HOST.take();
        drop(leaving);
        (result, host.map(|host| host.seen).unwrap_or_default())
    }

    pub(crate) fn start(&mut self, request: Request) -> u32 {
        let position = self.answers.iter().position(|(url, _)| *url == request.url);
        let Some(position) = position else {
            panic!(
                "there is no answer for {} {}: give one with Host::respond",
                request.method, request.url
            );
        };
        let (_, answer) = self.answers.remove(position);
        self.seen.requests.push(request);
        self.complete(Completion::Http(answer))
    }

    pub(crate) fn start_timer(&mut self, duration_ms: u64) -> u32 {
        self.now += Duration::from_millis(duration_ms);
        self.complete(Completion::Timer)
    }

    pub(crate) fn now(&self) -> u64 {
        u64::try_from(self.now.as_nanos()).unwrap_or(u64::MAX)
    }

    /// The same bytes in every test: those of a counter, mixed by splitmix64.
    pub(crate) fn random(&mut self, length: usize) -> Vec<u8> {
        let next = || {
            self.drawn = self.drawn.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let mut mixed = self.drawn;
            mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            (mixed ^ (mixed >> 31)).to_le_bytes()
        };
        std::iter::repeat_with(next)
            .flatten()
            .take(length)
            .collect()
    }

    fn complete(&mut self, completion: Completion) -> u32 {
        self.last_id += 1;
        self.events.push_back((self.last_id, completion));
        self.last_id
    }
}

/// Takes the host away when a contract panics.
struct Leaving;

impl Drop for Leaving {
    fn drop(&mut self) {
        HOST.take();
    }
}

/// Calls the host of the current thread.
pub(crate) fn with_host<T>(module: &str, call: impl FnOnce(&mut Host) -> T) -> T {
    HOST.with_borrow_mut(|host| match host {
        Some(host) => call(host),
        None => panic!(
            "phat_guest_sdk::{module} was called outside of a contract: in a test, run it with \
             phat_guest_sdk::testing::Host"
        ),
    })
}

#[cfg(test)]
mod tests {
    use std::panic::catch_unwind;

    use super::*;
    use crate::{clock, http, keys, kv, log, random};

    #[test]
    fn a_contract_gets_its_answers_and_is_seen() {
        let host = Host::new()
            .value("a", "1")
            .secret("token", "xyz")
            .time(Duration::from_secs(7))
            .respond("https://b/", 200, "first")
            .respond("https://a/", 200, "other")
            .respond("https://b/", 500, "second");
        let ((), seen) = host.run(|| {
            let requests = ["https://a/", "https://b/"].map(http::Request::get);
            let answers = http::send_all(requests);
            assert_eq!(answers[0].as_ref().unwrap().text(), Ok("other"));
            assert_eq!(answers[1].as_ref().unwrap().text(), Ok("first"));
            let third = http::post("https://b/", "body").unwrap();
            assert!(!third.is_success());
            assert_eq!(kv::get(b"a").unwrap(), b"1");
            kv::set(b"b", b"2");
            kv::set(b"a", b"");
            assert_eq!(kv::get(b"a"), None);
            assert_eq!(keys::secret("token").unwrap(), b"xyz");
            assert_eq!(keys::secret("other"), None);
            clock::sleep(Duration::from_millis(1500));
            assert_eq!(clock::now(), Duration::from_millis(8500));
            assert_ne!(random::u64(), random::u64());
            let mut long = vec![0; 100_000];
            random::fill(&mut long);
            assert_ne!(long[99_990..], [0; 10]);
            log::warn("done");
        });
        assert_eq!(seen.requests.len(), 3);
        assert_eq!(seen.requests[2].body, b"body");
        assert_eq!(seen.logs, [(Level::Warn, "done".to_owned())]);
        assert_eq!(
            seen.store.into_iter().collect::<Vec<_>>(),
            [(b"b".to_vec(), b"2".to_vec())]
        );
    }

    #[test]
    fn what_a_test_forgot_is_told() {
        let check = |call: fn(), words: &str| {
            let panic = catch_unwind(call).unwrap_err();
            let message = panic.downcast_ref::<String>().unwrap();
            assert!(message.contains(words), "{message} does not say {words:?}");
        };
        check(|| log::info("a"), "outside of a contract");
        check(
            || drop(Host::new().run(|| http::get("https://a/"))),
            "no answer for GET https://a/",
        );
        check(|| drop(Host::new().run(|| keys::vrf(b""))), "no stand-in");
        // A test that failed leaves the thread to the next one.
        Host::new().run(|| log::info("a"));
    }
}
