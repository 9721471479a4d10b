//! Headers.

use http::header::{HeaderName, HeaderValue};
use wasmtime::component::{LinkerInstance, Resource};

use crate::{
    RunFailure,
    egress::is_header_refused,
    host::{
        fuel::{self, charge},
        http::HEADERS_MAX,
    },
    journal::Stop,
    state::State,
    wasi::{Cx, bindings::HeaderError, function, resource, table::Held},
};

/// What one field takes besides its bytes.
const FIELD_BYTES: usize = 64;

/// Names, in lower case, and values.
#[derive(Clone, Default)]
pub struct Fields {
    pub entries: Vec<(String, Vec<u8>)>,
    /// Whether a request or an answer has them, so that they stay as they are.
    pub is_fixed: bool,
}

impl Held for Fields {
    fn held_bytes(&self) -> usize {
        self.entries.iter().map(field_bytes).sum()
    }
}

fn field_bytes((name, value): &(String, Vec<u8>)) -> usize {
    name.len() + value.len() + FIELD_BYTES
}

type Change<T = ()> = Result<T, HeaderError>;
type Pairs = Vec<(String, Vec<u8>)>;

impl Fields {
    /// The same, to stay as they are.
    pub fn fixed(&self) -> Self {
        Self {
            entries: self.entries.clone(),
            is_fixed: true,
        }
    }

    /// As the recorded request has them: values with one character for each byte.
    pub fn to_recorded(&self) -> Vec<(String, String)> {
        let text = |value: &[u8]| value.iter().map(|byte| char::from(*byte)).collect();
        self.entries
            .iter()
            .map(|(name, value)| (name.clone(), text(value)))
            .collect()
    }

    /// Those of a recorded answer.
    pub fn from_recorded(headers: Vec<(String, String)>) -> Self {
        // A recorded value has no other characters than those of bytes.
        let bytes = |text: String| {
            let bytes = text.chars().map(|char| u8::try_from(char).unwrap_or(b'?'));
            bytes.collect()
        };
        Self {
            entries: headers
                .into_iter()
                .map(|(name, value)| (name, bytes(value)))
                .collect(),
            is_fixed: true,
        }
    }

    fn append(&mut self, name: &str, value: Vec<u8>) -> Result<Change, Stop> {
        if self.is_fixed {
            return Ok(Err(HeaderError::Immutable));
        }
        let Ok(name) = HeaderName::from_bytes(name.as_bytes()) else {
            return Ok(Err(HeaderError::InvalidSyntax));
        };
        if is_header_refused(name.as_str()) {
            return Ok(Err(HeaderError::Forbidden));
        }
        if HeaderValue::from_bytes(&value).is_err() {
            return Ok(Err(HeaderError::InvalidSyntax));
        }
        if self.entries.len() >= HEADERS_MAX {
            let failure = RunFailure::limit("http_request_headers", HEADERS_MAX as u64);
            return Err(Stop::Failed(failure));
        }
        self.entries.push((name.as_str().to_owned(), value));
        Ok(Ok(()))
    }

    fn remove(&mut self, name: &str) -> Change {
        if self.is_fixed {
            return Err(HeaderError::Immutable);
        }
        self.entries
            .retain(|(found, _)| !found.eq_ignore_ascii_case(name));
        Ok(())
    }

    fn values(&self, name: &str) -> Vec<Vec<u8>> {
        self.entries
            .iter()
            .filter(|(found, _)| found.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.clone())
            .collect()
    }
}

pub fn link(linker: &mut LinkerInstance<'_, State>) -> wasmtime::Result<()> {
    resource::<Fields>(linker, "fields")?;
    function(linker, "[constructor]fields", |store, (): ()| {
        store.data_mut().wasi.push(Fields::default())
    })?;
    function(linker, "[static]fields.from-list", from_list)?;
    function(
        linker,
        "[method]fields.get",
        |store, (this, name): (Resource<Fields>, String)| {
            charge(store, fuel::bytes(name.len()))?;
            let values = store.data().wasi.get(&this)?.values(&name);
            charge(store, fuel::bytes(values.iter().map(Vec::len).sum()))?;
            Ok(values)
        },
    )?;
    function(
        linker,
        "[method]fields.has",
        |store, (this, name): (Resource<Fields>, String)| {
            charge(store, fuel::bytes(name.len()))?;
            let fields = store.data().wasi.get(&this)?;
            let is_it = |(found, _): &(String, _)| found.eq_ignore_ascii_case(&name);
            Ok(fields.entries.iter().any(is_it))
        },
    )?;
    function(
        linker,
        "[method]fields.set",
        |store, (this, name, values): (Resource<Fields>, String, Vec<Vec<u8>>)| {
            let bytes = values.iter().map(|value| name.len() + value.len()).sum();
            charge(store, fuel::bytes(name.len().saturating_add(bytes)))?;
            change(store, &this, |fields| {
                if let Err(error) = fields.remove(&name) {
                    return Ok(Err(error));
                }
                for value in values {
                    if let Err(error) = fields.append(&name, value)? {
                        return Ok(Err(error));
                    }
                }
                Ok(Ok(()))
            })
        },
    )?;
    function(
        linker,
        "[method]fields.delete",
        |store, (this, name): (Resource<Fields>, String)| {
            charge(store, fuel::bytes(name.len()))?;
            change(store, &this, |fields| Ok(fields.remove(&name)))
        },
    )?;
    function(
        linker,
        "[method]fields.append",
        |store, (this, name, value): (Resource<Fields>, String, Vec<u8>)| {
            charge(store, fuel::bytes(name.len() + value.len()))?;
            change(store, &this, |fields| fields.append(&name, value))
        },
    )?;
    function(
        linker,
        "[method]fields.entries",
        |store, (this,): (Resource<Fields>,)| Ok(copy(store, &this)?.entries),
    )?;
    function(
        linker,
        "[method]fields.clone",
        |store, (this,): (Resource<Fields>,)| {
            let fields = Fields {
                is_fixed: false,
                ..copy(store, &this)?
            };
            store.data_mut().wasi.push(fields)
        },
    )
}

fn from_list(store: &mut Cx<'_>, (pairs,): (Pairs,)) -> wasmtime::Result<Change<Resource<Fields>>> {
    charge(store, fuel::bytes(pairs.iter().map(field_bytes).sum()))?;
    let mut fields = Fields::default();
    for (name, value) in pairs {
        if let Err(error) = fields.append(&name, value)? {
            return Ok(Err(error));
        }
    }
    Ok(Ok(store.data_mut().wasi.push(fields)?))
}

/// A copy of fields, paid for.
fn copy(store: &mut Cx<'_>, this: &Resource<Fields>) -> wasmtime::Result<Fields> {
    let fields = store.data().wasi.get(this)?.clone();
    charge(store, fuel::bytes(fields.held_bytes()))?;
    Ok(fields)
}

/// Changes fields, and counts what they hold then. What was changed before an error
/// stays.
fn change(
    store: &mut Cx<'_>,
    this: &Resource<Fields>,
    change: impl FnOnce(&mut Fields) -> Result<Change, Stop>,
) -> wasmtime::Result<Change> {
    let wasi = &mut store.data_mut().wasi;
    let fields = wasi.get_mut(this)?;
    let before = fields.held_bytes();
    let changed = change(fields)?;
    let after = fields.held_bytes();
    wasi.release(before);
    wasi.hold(after)?;
    Ok(changed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_request_cannot_have_is_refused() {
        let check = |name: &str, value: &[u8], expected: Option<HeaderError>| {
            let mut fields = Fields::default();
            let found = fields.append(name, value.to_vec()).unwrap().err();
            assert_eq!(format!("{found:?}"), format!("{expected:?}"), "{name}");
        };
        check("X-A", b"tab\tand \xe9", None);
        check("x a", b"b", Some(HeaderError::InvalidSyntax));
        check("x-a", b"a\r\nx-b: c", Some(HeaderError::InvalidSyntax));
        check("x-a", b"a\0", Some(HeaderError::InvalidSyntax));
        check("Host", b"a", Some(HeaderError::Forbidden));
        check("transfer-encoding", b"a", Some(HeaderError::Forbidden));
    }

    #[test]
    fn headers_come_back_as_they_were_recorded() {
        let recorded = vec![("x-a".to_owned(), "caf\u{e9}".to_owned())];
        let fields = Fields::from_recorded(recorded.clone());
        assert_eq!(fields.entries[0].1, b"caf\xe9");
        assert_eq!(fields.to_recorded(), recorded);
        assert!(matches!(
            fields.clone().append("x-b", Vec::new()),
            Ok(Err(HeaderError::Immutable))
        ));
    }

    #[test]
    fn headers_are_bounded() {
        let mut fields = Fields::default();
        for _ in 0..HEADERS_MAX {
            fields.append("x-a", Vec::new()).unwrap().unwrap();
        }
        let stop = fields.append("x-a", Vec::new()).unwrap_err();
        assert!(stop.to_string().contains("http_request_headers of 256"));
    }
}
