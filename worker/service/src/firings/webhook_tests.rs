use ed25519_dalek::{Signer, SigningKey};

use super::*;

const KEY: &[u8] = b"It's a Secret to Everybody";
const NOW: u64 = 1_700_000_000;

fn code(parts: &[&[u8]]) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(KEY).unwrap();
    parts.iter().for_each(|part| mac.update(part));
    hex::encode(mac.finalize().into_bytes())
}

fn github() -> Signature {
    Signature::Github {
        secret: "key".into(),
    }
}

fn stripe() -> Signature {
    Signature::Stripe {
        secret: "key".into(),
        tolerance_s: 300,
    }
}

fn stripe_header(time: u64, body: &[u8]) -> String {
    let code = code(&[time.to_string().as_bytes(), b".", body]);
    format!("t={time},v1={code},v0=abc")
}

fn run(
    signature: &Signature,
    headers: &[HookHeader],
    body: &[u8],
    now: u64,
) -> Result<Cause, HookError> {
    check(signature, Some(KEY), headers, body, now)
}

#[test]
fn what_github_documents_is_accepted() {
    // The example on the page of GitHub about validating deliveries.
    let value = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17";
    let headers = [(GITHUB_HEADER, value.to_owned())];
    assert!(run(&github(), &headers, b"Hello, World!", NOW).is_ok());
    let other = run(&github(), &headers, b"Hello, World?", NOW);
    assert_eq!(other, Err(HookError::Signature(GITHUB_HEADER)));
}

#[test]
fn what_is_missing_or_malformed_is_told() {
    for value in ["", "sha1=00", "sha256=00", "sha256=zz", &"a".repeat(2_000)] {
        let headers = [(GITHUB_HEADER, value.to_owned())];
        let result = run(&github(), &headers, b"", NOW);
        assert!(
            matches!(result, Err(HookError::Header { .. })),
            "{value}: {result:?}"
        );
    }
    assert!(matches!(
        run(&github(), &[], b"", NOW),
        Err(HookError::Header { .. })
    ));
    let good = stripe_header(NOW, b"x");
    let (_, codes) = good.split_once(',').unwrap();
    for value in [
        "t=1".to_owned(),
        codes.to_owned(),
        format!("t=a,{codes}"),
        format!("t=1,{good}"),
        "nothing".to_owned(),
    ] {
        let headers = [(STRIPE_HEADER, value.clone())];
        assert!(run(&stripe(), &headers, b"x", NOW).is_err(), "{value}");
    }
}

#[test]
fn without_the_secret_nothing_is_accepted() {
    let headers = [(GITHUB_HEADER, format!("sha256={}", code(&[b"x"])))];
    for secret in [None, Some(&b""[..])] {
        let result = check(&github(), secret, &headers, b"x", NOW);
        assert_eq!(result, Err(HookError::NoSecret("key".into())));
    }
    let result = check(&github(), Some(b"another"), &headers, b"x", NOW);
    assert_eq!(result, Err(HookError::Signature(GITHUB_HEADER)));
}

#[test]
fn a_call_is_good_for_its_window_only() {
    let headers = [(STRIPE_HEADER, stripe_header(NOW, b"x"))];
    for now in [NOW - 300, NOW, NOW + 300] {
        assert!(run(&stripe(), &headers, b"x", now).is_ok(), "{now}");
    }
    for now in [NOW - 301, NOW + 301, 0, u64::MAX] {
        let result = run(&stripe(), &headers, b"x", now);
        assert!(matches!(result, Err(HookError::Time { .. })), "{now}");
    }
    // A time that was changed is not the one that was signed.
    let moved = stripe_header(NOW, b"x").replace("t=17", "t=18");
    let result = run(
        &stripe(),
        &[(STRIPE_HEADER, moved)],
        b"x",
        NOW + 100_000_000,
    );
    assert_eq!(result, Err(HookError::Signature(STRIPE_HEADER)));
}

#[test]
fn one_good_signature_of_several_is_enough() {
    let code = code(&[NOW.to_string().as_bytes(), b".", b"x"]);
    let wrong = "00".repeat(32);
    let value = format!("t={NOW}, v1={wrong}, v1={code}");
    assert!(run(&stripe(), &[(STRIPE_HEADER, value)], b"x", NOW).is_ok());
    // One past those that are looked at.
    let many = format!("t={NOW},{}v1={code}", format!("v1={wrong},").repeat(4));
    let result = run(&stripe(), &[(STRIPE_HEADER, many)], b"x", NOW);
    assert_eq!(result, Err(HookError::Signature(STRIPE_HEADER)));
}

#[test]
fn ed25519_covers_time_and_body() {
    let key = SigningKey::from_bytes(&[7; 32]);
    let public_key = format!("0x{}", hex::encode(key.verifying_key().to_bytes()));
    let signature = Signature::Ed25519 {
        public_key,
        tolerance_s: 60,
    };
    let time = NOW.to_string();
    let signed = key.sign(&[time.as_bytes(), b"body"].concat());
    let headers = |time: &str| {
        [
            (ED25519_HEADER, hex::encode(signed.to_bytes())),
            (TIMESTAMP_HEADER, time.to_owned()),
        ]
    };
    let at = |time: &str, body: &[u8], now| check(&signature, None, &headers(time), body, now);
    assert!(at(&time, b"body", NOW).is_ok());
    let wrong = Err(HookError::Signature(ED25519_HEADER));
    assert_eq!(at(&time, b"bodY", NOW), wrong);
    assert_eq!(at(&(NOW + 1).to_string(), b"body", NOW), wrong);
    assert!(matches!(
        at(&time, b"body", NOW + 61),
        Err(HookError::Time { .. })
    ));
}

#[test]
fn the_same_call_again_is_the_same_firing_whatever_is_not_signed() {
    let value = |header: &str| vec![(STRIPE_HEADER, header.to_owned())];
    let good = stripe_header(NOW, b"x");
    let first = run(&stripe(), &value(&good), b"x", NOW).unwrap();
    let again = run(&stripe(), &value(&good), b"x", NOW + 10).unwrap();
    assert_eq!(first, again);
    // What is not signed changes nothing.
    let padded = format!("{good},v0=def");
    let padded = run(&stripe(), &value(&padded), b"x", NOW).unwrap();
    assert_eq!(first, padded);
    // Signed at another time, or of another body, it is another call.
    let later = stripe_header(NOW + 1, b"x");
    assert_ne!(first, run(&stripe(), &value(&later), b"x", NOW).unwrap());
    let other = stripe_header(NOW, b"y");
    assert_ne!(first, run(&stripe(), &value(&other), b"y", NOW).unwrap());
}
