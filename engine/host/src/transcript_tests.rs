use phat_primitives::{ContractId, RequestId};

use super::*;

fn transcript() -> Transcript {
    Transcript {
        header: TranscriptHeader {
            engine: EngineHash([1; 32]),
            code_hash: CodeHash([2; 32]),
            request: RunRequest {
                contract: ContractId([3; 32]),
                request: RequestId([4; 32]),
                input: vec![5],
                caller: "0x01".to_owned(),
                chain: "eip155:1".to_owned(),
                block: 6,
                settings: "{}".to_owned(),
            },
            limits: Limits::default(),
            allowed_hosts: vec!["a.org".to_owned()],
        },
        entries: vec![
            Entry::HttpStarted {
                id: 1,
                request: HttpRequest {
                    method: "POST".to_owned(),
                    url: "https://a.org/".to_owned(),
                    headers: vec![("x-a".to_owned(), "b".to_owned())],
                    body: b"body".to_vec(),
                    redirect: Redirect::Follow,
                    timeout_ms: None,
                },
            },
            Entry::Waited {
                event: Some(Event {
                    id: 1,
                    completion: Completion::Response(HttpResponse {
                        status: 200,
                        url: "https://a.org/".to_owned(),
                        redirected: false,
                        headers: Vec::new(),
                        body: vec![0, 255],
                        certificate_chain: Some(CertificateChainHash([10; 32])),
                    }),
                }),
            },
            Entry::KeyRead {
                key: b"k".to_vec(),
                answer: Ok(Versioned {
                    value: b"v".to_vec(),
                    version: 9,
                }),
            },
            Entry::KeyRead {
                key: b"x".to_vec(),
                answer: Err("why".to_owned()),
            },
            Entry::KeyWritten {
                key: b"k".to_vec(),
                value: Vec::new(),
            },
            Entry::Logged {
                level: LogLevel::Warn,
                message: "line".to_owned(),
            },
            Entry::ClockRead { nanoseconds: 7 },
            Entry::RandomDrawn { bytes: vec![1, 2] },
            Entry::TimerStarted {
                id: 2,
                duration_ms: 3,
            },
            Entry::Cancelled { id: 2 },
            Entry::Waited { event: None },
            Entry::PublicKeyRead {
                scheme: "ed25519".to_owned(),
                key: vec![3; 32],
            },
            Entry::Signed {
                scheme: "sr25519".to_owned(),
                message: vec![4],
                answer: Ok(Signature(vec![5; 64])),
            },
            Entry::Signed {
                scheme: "secp256k1".to_owned(),
                message: vec![4],
                answer: Err("no hash".to_owned()),
            },
            Entry::VrfEvaluated {
                input: vec![6],
                output: [7; 32],
                proof: [8; 96],
            },
            Entry::SecretDerived {
                salt: vec![9],
                commitment: Commitment::new([10; 32], b"derived"),
            },
            Entry::SecretRead {
                name: "key".to_owned(),
                commitment: Some(Commitment::new([11; 32], b"secret")),
            },
            Entry::SecretRead {
                name: "none".to_owned(),
                commitment: None,
            },
            Entry::TranscriptFull,
            Entry::Interrupted { fuel_used: 8 },
        ],
    }
}

#[test]
fn encodings_are_read_back() {
    let transcript = transcript();
    let bytes = transcript.encode();
    assert_eq!(Transcript::decode(&bytes).unwrap(), transcript);
    assert_eq!(transcript.clone().into_bytes(), bytes);
    let json = serde_json::to_string(&transcript).unwrap();
    assert_eq!(
        serde_json::from_str::<Transcript>(&json).unwrap(),
        transcript
    );
}

#[test]
fn damaged_encodings_are_refused() {
    let bytes = transcript().encode();
    for length in 0..bytes.len() {
        assert!(
            Transcript::decode(&bytes[..length]).is_err(),
            "{length} bytes"
        );
    }
    let mut longer = bytes.clone();
    longer.push(0);
    assert!(matches!(
        Transcript::decode(&longer),
        Err(TranscriptError::Malformed(_))
    ));
    let mut newer = bytes;
    newer[0] = ENCODING_VERSION + 1;
    assert!(matches!(
        Transcript::decode(&newer),
        Err(TranscriptError::Version(version)) if version == ENCODING_VERSION + 1
    ));
}

#[test]
fn small_bytes_do_not_become_much_memory() {
    let header = transcript().header.encode();
    let encoding = |count: u32, entries: &[u8]| {
        [
            &[ENCODING_VERSION],
            &*header,
            &*Compact(count).encode(),
            entries,
        ]
        .concat()
    };
    let full = Entry::TranscriptFull.encode();
    let most = u32::try_from(limits::TRANSCRIPT_ENTRIES_MAX).unwrap() + 1;
    let read = Transcript::decode(&encoding(most, &full.repeat(most as usize))).unwrap();
    assert_eq!(read.entries.len(), most as usize);
    assert!(matches!(
        Transcript::decode(&encoding(most + 1, &full.repeat(most as usize + 1))),
        Err(TranscriptError::TooManyEntries(count)) if count == most + 1
    ));
    // A request with more empty headers than fit into memory.
    let pairs = u32::try_from(DECODED_BYTES_MAX / size_of::<(String, String)>()).unwrap() + 1;
    let started = [
        &[0_u8] as &[u8],
        &1_u32.encode(),
        &"GET".encode(),
        &"https://a.org/".encode(),
        &Compact(pairs).encode(),
        &vec![0; 2 * pairs as usize + 6],
    ]
    .concat();
    let error = Transcript::decode(&encoding(1, &started)).unwrap_err();
    assert!(error.to_string().contains("memory limit"), "{error}");
}

/// The encoding is stored and signed: it changes only with its version.
#[test]
fn the_encoding_is_pinned() {
    let transcript = transcript();
    assert_eq!(
        hex::encode(blake2_256(&transcript.encode())),
        "bc368913d8dd1fd90766c55530d94581d5edf2eda0816499d15c0308a8fc8f12"
    );
    assert_eq!(
        hex::encode(transcript.root()),
        "6057b44458c25210d1de12a1987fbff162f196e0c071c82cc4b657a5fa21b496"
    );
}

#[test]
fn the_root_covers_everything() {
    let original = transcript();
    let mut roots = vec![original.root()];
    for index in 0..original.entries.len() {
        let mut changed = original.clone();
        changed.entries.remove(index);
        roots.push(changed.root());
    }
    let mut changed = original.clone();
    changed.header.request.block += 1;
    roots.push(changed.root());
    let mut changed = original.clone();
    changed.entries.swap(0, 1);
    roots.push(changed.root());
    let count = roots.len();
    roots.sort_unstable();
    roots.dedup();
    assert_eq!(roots.len(), count);
}
