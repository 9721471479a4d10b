//! Events of any pallet, as contracts get them: JSON.

use phat_target::{BlockRef, ChainLog, TargetError};
use scale_info::{PortableRegistry, TypeDef, TypeDefPrimitive};
use serde_json::{Map, Value as Json, json};
use subxt::{
    config::SubstrateConfig,
    events::{Event, Phase},
    ext::scale_value::{Composite, Primitive, Value, ValueDef, scale::decode_as_type},
    metadata::Metadata,
};

use crate::connection::{AtBlock, Connection};

/// The largest integer that every reader of JSON has exactly.
const EXACT_MAX: u128 = (1 << 53) - 1;

/// The events `pallet.variant` in the block of `at`.
pub(crate) async fn logs(
    connection: &Connection,
    at: &AtBlock,
    pallet: &str,
    variant: &str,
) -> Result<Vec<ChainLog>, TargetError> {
    let block = BlockRef {
        number: at.block_number(),
        hash: at.block_hash().0,
    };
    let events = connection
        .answer("state_getStorage", at.events().fetch())
        .await?;
    let mut found = Vec::new();
    for event in events.iter() {
        let event = event.map_err(|error| connection.malformed(error))?;
        if event.pallet_name() == pallet && event.event_name() == variant {
            let fields = fields(at.metadata_ref(), &event)
                .ok_or_else(|| connection.malformed("an event is not what the metadata says"))?;
            let extrinsic = match event.phase() {
                Phase::ApplyExtrinsic(index) => json!(index),
                Phase::Initialization | Phase::Finalization => Json::Null,
            };
            found.push(ChainLog {
                block,
                index: event.index(),
                json: json!({
                    "pallet": pallet,
                    "variant": variant,
                    "fields": fields,
                    "extrinsicIndex": extrinsic,
                }),
            });
        }
    }
    Ok(found)
}

/// The fields of an event: an object where they have names, a list where not.
fn fields(metadata: &Metadata, event: &Event<'_, SubstrateConfig>) -> Option<Json> {
    let pallet = metadata.pallet_by_event_index(event.pallet_index())?;
    let variant = pallet.event_variant_by_index(event.event_index())?;
    let mut bytes = event.field_bytes();
    let mut named = Map::new();
    let mut listed = Vec::new();
    for field in &variant.fields {
        let value = decode_as_type(&mut bytes, field.ty.id, metadata.types()).ok()?;
        let value = to_json(&value, metadata.types());
        match &field.name {
            Some(name) => drop(named.insert(name.clone(), value)),
            None => listed.push(value),
        }
    }
    match listed.is_empty() {
        true => Some(Json::Object(named)),
        false => Some(Json::Array(listed)),
    }
}

/// A value as JSON. Bytes are a text of hexadecimal digits with `0x` before them; an integer that
/// not every reader has exactly is a text of decimal digits; a variant without fields is its name,
/// and one with fields an object with its name as the only key.
fn to_json(value: &Value<u32>, types: &PortableRegistry) -> Json {
    match &value.value {
        ValueDef::Composite(Composite::Named(fields)) => object(fields, types),
        ValueDef::Composite(Composite::Unnamed(items)) => list(value.context, items, types),
        ValueDef::Variant(variant) => match &variant.values {
            values if values.is_empty() => json!(variant.name),
            Composite::Named(fields) => {
                json!({ variant.name.as_str(): object(fields, types) })
            }
            Composite::Unnamed(items) => {
                let items: Vec<_> = items.iter().map(|item| to_json(item, types)).collect();
                json!({ variant.name.as_str(): single(items) })
            }
        },
        ValueDef::BitSequence(bits) => {
            let digits = bits.iter().map(|bit| if bit { '1' } else { '0' });
            Json::String(digits.collect())
        }
        ValueDef::Primitive(primitive) => of_primitive(primitive),
    }
}

fn object(fields: &[(String, Value<u32>)], types: &PortableRegistry) -> Json {
    let fields = fields.iter();
    Json::Object(
        fields
            .map(|(name, value)| (name.clone(), to_json(value, types)))
            .collect(),
    )
}

/// What has items without names: bytes, or a list, or a wrapper of one thing.
fn list(type_id: u32, items: &[Value<u32>], types: &PortableRegistry) -> Json {
    if is_bytes(type_id, types) {
        let byte = |item: &Value<u32>| match &item.value {
            ValueDef::Primitive(Primitive::U128(byte)) => u8::try_from(*byte).ok(),
            _ => None,
        };
        let bytes: Option<Vec<u8>> = items.iter().map(byte).collect();
        if let Some(bytes) = bytes {
            return Json::String(format!("0x{}", hex::encode(bytes)));
        }
    }
    let items = items.iter().map(|item| to_json(item, types)).collect();
    let is_wrapper = matches!(
        types.resolve(type_id).map(|of| &of.type_def),
        Some(TypeDef::Composite(composite)) if composite.fields.len() == 1
    );
    match is_wrapper {
        true => single(items),
        false => Json::Array(items),
    }
}

/// The only item, or all of them.
fn single(mut items: Vec<Json>) -> Json {
    match items.len() {
        1 => items.remove(0),
        _ => Json::Array(items),
    }
}

/// Whether a type is a list of bytes.
fn is_bytes(type_id: u32, types: &PortableRegistry) -> bool {
    let item = match types.resolve(type_id).map(|of| &of.type_def) {
        Some(TypeDef::Sequence(sequence)) => sequence.type_param.id,
        Some(TypeDef::Array(array)) => array.type_param.id,
        _ => return false,
    };
    matches!(
        types.resolve(item).map(|of| &of.type_def),
        Some(TypeDef::Primitive(TypeDefPrimitive::U8))
    )
}

fn of_primitive(primitive: &Primitive) -> Json {
    match primitive {
        Primitive::Bool(value) => json!(value),
        Primitive::Char(value) => json!(value.to_string()),
        Primitive::String(value) => json!(value),
        Primitive::U128(value) => match u64::try_from(*value) {
            Ok(exact) if *value <= EXACT_MAX => json!(exact),
            _ => json!(value.to_string()),
        },
        Primitive::I128(value) => match i64::try_from(*value) {
            Ok(exact) if value.unsigned_abs() <= EXACT_MAX => json!(exact),
            _ => json!(value.to_string()),
        },
        Primitive::U256(bytes) | Primitive::I256(bytes) => {
            json!(format!("0x{}", hex::encode(bytes)))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A type registry and the id of the type in it.
    fn registry<T: scale_info::TypeInfo + 'static>() -> (PortableRegistry, u32) {
        let mut types = scale_info::Registry::new();
        let id = types.register_type(&scale_info::meta_type::<T>()).id;
        (types.into(), id)
    }

    fn shown<T: scale_info::TypeInfo + codec::Encode + 'static>(value: &T) -> Json {
        let (types, id) = registry::<T>();
        let bytes = value.encode();
        let decoded = decode_as_type(&mut &bytes[..], id, &types).expect("it is of this type");
        to_json(&decoded, &types)
    }

    #[derive(codec::Encode, scale_info::TypeInfo)]
    struct Account([u8; 4]);

    #[derive(codec::Encode, scale_info::TypeInfo)]
    enum Kind {
        Plain,
        Named { who: Account, amount: u128 },
        Listed(Vec<u32>),
    }

    #[test]
    fn values_are_shown_as_contracts_read_them() {
        assert_eq!(shown(&Account([1, 2, 3, 4])), json!("0x01020304"));
        assert_eq!(shown(&vec![7_u8]), json!("0x07"));
        assert_eq!(shown(&vec![7_u32, 8]), json!([7, 8]));
        assert_eq!(shown(&Kind::Plain), json!("Plain"));
        let named = Kind::Named {
            who: Account([0; 4]),
            amount: u128::MAX,
        };
        let expected = json!({ "Named": { "who": "0x00000000", "amount": u128::MAX.to_string() } });
        assert_eq!(shown(&named), expected);
        assert_eq!(shown(&Kind::Listed(vec![9])), json!({ "Listed": [9] }));
        assert_eq!(shown(&Some(true)), json!({ "Some": true }));
        assert_eq!(shown(&(1_u64 << 53)), json!("9007199254740992"));
        assert_eq!(shown(&-5_i32), json!(-5));
    }
}
