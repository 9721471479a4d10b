use std::sync::Arc;

use phat_primitives::ContractId;

use super::*;
use crate::{
    Redirect, RunClass,
    shares::{Bounds, Place, Shares},
};

const NONCE: [u8; 32] = [7; 32];
const LONG: &[u8] = b"token-0123456789";
/// A part of the long one.
const SHORT: &[u8] = b"token-01";
const BINARY: &[u8] = &[0xff, 0xfe, 1, 2, 3, 4, 5, 6, 0xc3];

/// A place in an engine with so much memory.
fn place(memory_bytes: u64) -> Place {
    let shares = Shares::new(Bounds {
        anchor_runs: 1,
        calls: 1,
        memory_bytes,
        requests: 1,
        lookups: 1,
    });
    Arc::new(shares)
        .enter(RunClass::Anchor, ContractId([1; 32]))
        .unwrap()
}

fn masks(secrets: &[&[u8]]) -> Masks {
    let mut masks = Masks::default();
    for (number, secret) in secrets.iter().enumerate() {
        let commitment = Commitment::new(NONCE, secret);
        masks.add(&format!("name{number}"), &commitment, secret);
    }
    masks
}

fn marker(secret: &[u8]) -> String {
    let digest = Commitment::new(NONCE, secret).digest;
    format!("phat-secret-{}", &hex::encode(digest)[..32])
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}

fn request(url: &str, header: &str, body: &[u8]) -> HttpRequest {
    HttpRequest {
        method: "POST".to_owned(),
        url: url.to_owned(),
        headers: vec![("authorization".to_owned(), header.to_owned())],
        body: body.to_vec(),
        redirect: Redirect::Follow,
        timeout_ms: Some(5),
    }
}

#[test]
fn secrets_are_replaced_wherever_they_stand_and_put_back() {
    let (place, masks) = (place(1 << 20), masks(&[SHORT, LONG]));
    let memory = place.account().charge();
    let asked = request(
        &format!("https://a.example/?key={}", text(LONG)),
        &format!("Bearer {}", text(SHORT)),
        format!("[{}{}]", text(SHORT), text(LONG)).as_bytes(),
    );
    let masked = masks.request(&asked, &memory).unwrap();
    let expected = request(
        &format!("https://a.example/?key={}", marker(LONG)),
        &format!("Bearer {}", marker(SHORT)),
        format!("[{}{}]", marker(SHORT), marker(LONG)).as_bytes(),
    );
    assert_eq!(masked, expected);
    let asked_bytes = asked.byte_count() as u64;
    assert_eq!(masks.unmask_request(&masked, asked_bytes), Some(asked));

    let line = format!("{}, {}", text(LONG), text(SHORT));
    assert_eq!(
        masks.line(&line, &memory).unwrap(),
        "[secret name1], [secret name0]"
    );
}

#[test]
fn answers_are_masked_as_requests_are() {
    let (place, masks) = (place(1 << 20), masks(&[LONG, BINARY]));
    let memory = place.account().charge();
    let event = |text: &str, body: &[u8]| Event {
        id: 1,
        completion: Completion::Response(HttpResponse {
            status: 200,
            url: format!("https://a.example/{text}"),
            redirected: false,
            headers: vec![("x".to_owned(), text.to_owned())],
            body: body.to_vec(),
            certificate_chain: None,
        }),
    };
    let answered = event(text(LONG), &[BINARY, LONG].concat());
    let masked = masks.event(&answered, &memory).unwrap();
    let both = format!("{}{}", marker(BINARY), marker(LONG));
    assert_eq!(masked, event(&marker(LONG), both.as_bytes()));
    assert_eq!(masks.unmask_event(&masked, 1_000), Some(answered));
    // However often a forged transcript has a marker, no more comes of it than can be received.
    assert_eq!(masks.unmask_event(&masked, 20), None);

    let failed = |message: &str| Event {
        id: 1,
        completion: Completion::RequestFailed(HttpError {
            code: crate::HttpErrorCode::Connect,
            message: message.to_owned(),
        }),
    };
    let masked = masks.event(&failed(text(LONG)), &memory).unwrap();
    assert_eq!(masked, failed(&marker(LONG)));
    assert_eq!(masks.unmask_event(&masked, 100), Some(failed(text(LONG))));
}

#[test]
fn what_is_no_secret_stays() {
    let (place, masks) = (place(1 << 20), masks(&[b"short", LONG, LONG, BINARY]));
    let memory = place.account().charge();
    assert_eq!(masks.count(), 2, "one is too short, one is there twice");
    let other_marker = marker(b"another secret");
    let asked = request(
        "https://short.example/",
        // Bytes that are no text are none of a text.
        "\u{ff}\u{fe}\u{1}\u{2}\u{3}\u{4}\u{5}\u{6}\u{c3}",
        format!("{other_marker} phat-secret- token-0123456788").as_bytes(),
    );
    assert_eq!(masks.request(&asked, &memory).unwrap(), asked);
    assert_eq!(masks.unmask_request(&asked, 1_000), Some(asked));

    // The marker of a secret that is no text stands for nothing in a text.
    let forged = request(&marker(BINARY), "", &[]);
    assert_eq!(masks.unmask_request(&forged, 1_000), Some(forged));
}

#[test]
fn masked_texts_count_towards_the_memory_of_the_engine() {
    let (place, masks) = (place(20_000), masks(&[LONG]));
    let memory = place.account().charge();
    let many = LONG.repeat(500);
    let failure = masks.request(&request("", "", &many), &memory).unwrap_err();
    assert!(failure.code.is_transient(), "{failure}");
    // What was taken for it is given back.
    let few = LONG.repeat(100);
    for _ in 0..10 {
        masks.request(&request("", "", &few), &memory).unwrap();
    }
    assert_eq!(masks.bytes_max(10), 60);
    assert_eq!(Masks::default().bytes_max(10), 10);
}

/// Secrets and texts that are made to take long do not: with time in proportion to the product
/// of their lengths, this would not end while anyone waits.
#[test]
fn looking_for_secrets_takes_time_in_proportion_to_what_is_searched() {
    let place = place(1 << 30);
    let memory = place.account().charge();
    let secrets: Vec<Vec<u8>> = (0..32)
        .map(|number| [&b"xy".repeat(16 * 1024)[number..], b"z"].concat())
        .chain([b"yxyxyxyx".to_vec()])
        .collect();
    let secrets: Vec<&[u8]> = secrets.iter().map(Vec::as_slice).collect();
    let masks = masks(&secrets);
    let body = b"yx".repeat(128 * 1024);
    let masked = masks.request(&request("", "", &body), &memory).unwrap();
    assert_eq!(masked.body.len(), body.len() / 8 * MARKER_BYTES);
}
