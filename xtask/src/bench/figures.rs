//! Figures by name, of many rounds.

use std::collections::BTreeMap;

use anyhow::{Context, bail};
use serde_json::{Map, Value};

/// The figures of a round, or the medians of all rounds.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Figures(BTreeMap<String, f64>);

impl Figures {
    /// The numbers in a JSON object; whatever else it has is left out.
    pub fn of_json(object: &Map<String, Value>) -> Self {
        let numbers = object
            .iter()
            .filter_map(|(name, value)| Some((name.clone(), value.as_f64()?)));
        Self(numbers.collect())
    }

    /// Adds one.
    pub fn add(&mut self, name: &str, value: f64) {
        self.0.insert(name.to_owned(), value);
    }

    /// The one of this name.
    pub fn get(&self, name: &str) -> anyhow::Result<f64> {
        let found = self.0.get(name).copied();
        found.with_context(|| format!("nothing measured {name}"))
    }

    /// The median of each figure over the rounds, all of which have the same figures.
    pub fn medians(rounds: &[Self]) -> anyhow::Result<Self> {
        let mut by_name = BTreeMap::<_, Vec<f64>>::new();
        for (name, value) in rounds.iter().flat_map(|round| &round.0) {
            by_name.entry(name.clone()).or_default().push(*value);
        }
        let mut medians = Self::default();
        for (name, mut values) in by_name {
            if values.len() != rounds.len() {
                bail!("{name} was not measured in every round");
            }
            medians.add(&name, percentile(&mut values, 50)?);
        }
        Ok(medians)
    }

    /// As a JSON object.
    pub fn to_json(&self) -> Value {
        self.0.clone().into_iter().collect()
    }
}

/// The value within which so many of a hundred are.
pub fn percentile(values: &mut [f64], percent: usize) -> anyhow::Result<f64> {
    values.sort_unstable_by(f64::total_cmp);
    // The nearest rank, which counts from 1.
    let rank = (values.len() * percent).div_ceil(100);
    let value = values.get(rank.saturating_sub(1)).copied();
    let value = value.filter(|value| value.is_finite());
    value.context("nothing was measured")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn round(value: Value) -> Figures {
        Figures::of_json(value.as_object().unwrap())
    }

    #[test]
    fn percentiles_are_of_the_nearest_rank() {
        let mut values: Vec<_> = (1..=200).rev().map(f64::from).collect();
        assert_eq!(percentile(&mut values, 50).unwrap(), 100.0);
        assert_eq!(percentile(&mut values, 99).unwrap(), 198.0);
        assert_eq!(percentile(&mut [7.0], 99).unwrap(), 7.0);
        assert!(percentile(&mut [], 50).is_err());
        assert!(percentile(&mut [f64::NAN], 50).is_err());
    }

    #[test]
    fn a_figure_is_the_median_of_its_rounds() {
        let rounds = [
            round(json!({"a": 1, "b": 30.5, "engine": "0x00"})),
            round(json!({"a": 3, "b": 10.5})),
            round(json!({"a": 2, "b": 20.5})),
        ];
        let medians = Figures::medians(&rounds).unwrap();
        assert_eq!(medians.to_json(), json!({"a": 2.0, "b": 20.5}));
        assert_eq!(medians.get("a").unwrap(), 2.0);
        assert!(medians.get("engine").is_err());
        let uneven = [round(json!({"a": 1})), round(json!({"b": 1}))];
        assert!(Figures::medians(&uneven).is_err());
    }
}
