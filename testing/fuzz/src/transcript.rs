//! Transcripts from anyone.

use phat_engine::Transcript;

use crate::{answers, engine};

pub fn run(bytes: &[u8]) {
    let Ok(transcript) = Transcript::decode(bytes) else {
        return;
    };
    // There is one encoding of a transcript: what was read is written the same.
    let again = transcript.encode();
    assert_eq!(again, bytes);
    let root = transcript.root();
    assert_eq!(transcript.clone().into_bytes(), bytes);
    let text = serde_json::to_vec(&transcript).expect("a transcript has a JSON form");
    let read: Transcript = serde_json::from_slice(&text).expect("what was written is read");
    assert_eq!(read.root(), root);
    // Where it is of code that is at hand, it can be replayed.
    let hash = transcript.header.code_hash;
    let known = answers::recorded().find(|known| known.transcript.header.code_hash == hash);
    if let Some(known) = known {
        let code = known.code.as_bytes().into();
        let _ = engine::RUNTIME.block_on(engine::ENGINE.replay(code, &transcript));
    }
}

pub fn seeds() -> Vec<Vec<u8>> {
    answers::recorded()
        .map(|recorded| recorded.transcript.encode())
        .collect()
}
