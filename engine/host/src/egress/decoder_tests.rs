use flate2::{
    Compression,
    write::{DeflateEncoder, GzEncoder, ZlibEncoder},
};

use super::*;

const TEXT: &[u8] = b"hello hello hello hello\n";
/// `TEXT` as a Python program, `brotli.compress(text, lgwin=16)`, gives it.
const TEXT_BROTLI: &str = "e20200bf91d2cd9ba8cad05a0184ed4d29224f1cd0d502";
/// 64 MiB of zeros, as `brotli.compress(zeros, quality=5, lgwin=24)` gives them.
const ZEROS_BROTLI: &str = "cfffff7f002400e2b14072effff9ffff0f8004401c1680eefd3fffffff01900088c302d0bdffe7ffff3f001200715800baf7ff03";

/// Takes so many bytes and remembers the most that came at once.
struct Bounded {
    bytes: Vec<u8>,
    max: usize,
    at_once: usize,
}

impl Write for Bounded {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.at_once = self.at_once.max(bytes.len());
        if self.bytes.len() + bytes.len() > self.max {
            return Err(io::Error::other("full"));
        }
        self.bytes.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn decoder(coding: Coding, encoded: &[u8], max: usize) -> Decoder<Bounded> {
    let writer = Bounded {
        bytes: Vec::new(),
        max,
        at_once: 0,
    };
    Decoder::new(Some(coding), encoded[0], writer)
}

fn decode(coding: Coding, encoded: &[u8], piece: usize) -> io::Result<Vec<u8>> {
    let mut decoder = decoder(coding, encoded, 1 << 20);
    for piece in encoded.chunks(piece) {
        decoder.push(piece)?;
    }
    decoder.finish()?;
    Ok(std::mem::take(&mut decoder.writer_mut().bytes))
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn zlib(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn deflate(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn all() -> [(Coding, Vec<u8>); 4] {
    [
        (Coding::Gzip, gzip(TEXT)),
        (Coding::Deflate, zlib(TEXT)),
        (Coding::Deflate, deflate(TEXT)),
        (Coding::Brotli, hex::decode(TEXT_BROTLI).unwrap()),
    ]
}

#[test]
fn bodies_are_decoded_in_whatever_pieces_they_come() {
    for (coding, encoded) in all() {
        for piece in [1, 2, 7, encoded.len()] {
            assert_eq!(decode(coding, &encoded, piece).unwrap(), TEXT, "{coding}");
        }
    }
    let twice = [gzip(b"one "), gzip(b"two")].concat();
    assert_eq!(decode(Coding::Gzip, &twice, 5).unwrap(), b"one two");
}

#[test]
fn damaged_bodies_are_refused() {
    for (coding, encoded) in all() {
        for length in 1..encoded.len() {
            let cut = decode(coding, &encoded[..length], length);
            assert!(cut.is_err(), "{coding} {length}");
        }
        let longer = [&*encoded, b"more"].concat();
        assert!(decode(coding, &longer, longer.len()).is_err(), "{coding}");
        assert!(decode(coding, b"no such thing", 3).is_err(), "{coding}");
    }
    let mut wrong = gzip(TEXT);
    let checksum = wrong.len() - 8;
    wrong[checksum] ^= 1;
    assert!(decode(Coding::Gzip, &wrong, 64).is_err());
}

/// Whatever comes of a few bytes, the writer is asked before more is in memory.
#[test]
fn bombs_are_stopped_where_the_writer_says() {
    let zeros = vec![0; 16 << 20];
    let brotli = hex::decode(ZEROS_BROTLI).unwrap();
    for (coding, bomb) in [
        (Coding::Gzip, gzip(&zeros)),
        (Coding::Deflate, zlib(&zeros)),
        (Coding::Deflate, deflate(&zeros)),
        (Coding::Brotli, brotli),
    ] {
        let mut decoder = decoder(coding, &bomb, 100_000);
        decoder.push(&bomb).unwrap_err();
        let writer = decoder.writer_mut();
        assert!(writer.bytes.len() <= 100_000, "{coding}");
        assert!(writer.at_once <= 32 * 1024, "{coding}: {}", writer.at_once);
    }
}

#[test]
fn windows_of_brotli_are_known_from_the_first_byte() {
    // First bytes of what `brotli.compress(text, lgwin=bits)` gives.
    for (first, bits) in [
        (33, 10),
        (49, 11),
        (97, 14),
        (113, 15),
        (244, 16),
        (1, 17),
        (163, 18),
        (165, 19),
        (199, 20),
        (153, 21),
        (155, 22),
        (157, 23),
        (159, 24),
    ] {
        assert_eq!(brotli_window_bits(first), bits, "{first}");
    }
    let most = (0..=u8::MAX).map(brotli_window_bits).max();
    assert_eq!(most, Some(24));
    // What asks for a large window, of 30 bits here, is not decoded.
    assert!(decode(Coding::Brotli, &[0x11, 0x1e, 0x03], 3).is_err());
}

#[test]
fn codings_are_known_by_their_names() {
    let check = |values: &[&'static str], expected: Option<Coding>| {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(header::CONTENT_ENCODING, HeaderValue::from_static(value));
        }
        assert_eq!(Coding::of(&headers), expected, "{values:?}");
    };
    check(&["gzip"], Some(Coding::Gzip));
    check(&["X-GZIP"], Some(Coding::Gzip));
    check(&["deflate"], Some(Coding::Deflate));
    check(&[" br "], Some(Coding::Brotli));
    for other in [
        &[] as &[&str],
        &[""],
        &["identity"],
        &["zstd"],
        &["gzip, br"],
        &["gzip", "br"],
    ] {
        check(other, None);
    }
}
