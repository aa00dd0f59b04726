//! How a value goes over the weeks, and how the last two compare with the first two (1.34, 1.43, 1.100).
//!
//! Values are those that the reader may know: what couples and partners are shown is made of answers that
//! were revealed to all (`domain` README, rule 13). Where there is no data there is no value, and never an
//! error.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::weeks::Weeks;
use crate::db::Date;

/// What is followed over time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = TrendMetric)]
pub enum Metric {
    /// Mood, 1 to 5.
    Mood,
    /// Stress, 0 to 10.
    Stress,
    /// Small kindnesses that were noted.
    Gestures,
    /// Bids for attention that were noted.
    Bids,
    /// Repairs that were noted.
    Repairs,
    /// Arguments that got out of hand in a week, as each reports them.
    Reactivity,
}

impl Metric {
    /// How the values of a week become one.
    #[must_use]
    pub fn fold(self) -> Fold {
        match self {
            // Both report the same arguments, so that a sum would count each twice.
            Self::Mood | Self::Stress | Self::Reactivity => Fold::Mean,
            Self::Gestures | Self::Bids | Self::Repairs => Fold::Sum,
        }
    }
}

/// How the values of a week become one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fold {
    /// Their mean.
    Mean,
    /// Their sum.
    Sum,
}

/// A value of a day.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Dated {
    /// The day.
    pub local_date: Date,
    /// The value. What is not a number is left out.
    pub value: f64,
}

/// The value of a week.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, ToSchema)]
#[schema(as = TrendWeek)]
pub struct WeekValue {
    /// The first day of the week.
    pub starts_on: Date,
    /// The mean or the sum, rounded to hundredths; null when there is nothing of that week.
    #[schema(example = 3.5)]
    pub value: Option<f64>,
    /// Of how many values.
    #[schema(minimum = 0, example = 6)]
    pub values: u32,
}

/// The weeks from that of the first day to that of the last, each with its mean or sum. A week without data
/// has no value: that nothing was noted does not say that nothing happened.
#[must_use]
pub fn weekly(
    values: &[Dated],
    fold: Fold,
    weeks: Weeks,
    first: Date,
    last: Date,
) -> Vec<WeekValue> {
    let within =
        |one: &&Dated| one.value.is_finite() && first <= one.local_date && one.local_date <= last;
    let of_week = |start: Date| {
        let mut own: Vec<f64> = values
            .iter()
            .filter(within)
            .filter(|one| weeks.start_of(one.local_date) == start)
            .map(|one| one.value)
            .collect();
        // A sum of floating-point numbers depends on their order; that of the input must not matter.
        own.sort_by(f64::total_cmp);
        let count = u32::try_from(own.len()).unwrap_or(u32::MAX);
        let sum: f64 = own.iter().sum();
        let folded = match fold {
            Fold::Mean => sum / f64::from(count),
            Fold::Sum => sum,
        };
        WeekValue {
            starts_on: start,
            value: (count > 0).then(|| round(folded * 100.0) / 100.0),
            values: count,
        }
    };
    weeks.between(first, last).into_iter().map(of_week).collect()
}

/// By how many percent the mean of the last two weeks differs from that of the first two, rounded to a whole
/// number; negative when it has fallen. None with fewer than three weeks, without data in the first or in the
/// last two, and where it began at zero, from which there is no percentage.
#[must_use]
pub fn change_pct(weeks: &[WeekValue]) -> Option<f64> {
    if weeks.len() < 3 {
        return None;
    }
    let first = mean(weeks.iter().take(2))?;
    let last = mean(weeks.iter().rev().take(2))?;
    (first > 0.0).then(|| round((last - first) * 100.0 / first))
}

fn mean<'a>(weeks: impl Iterator<Item = &'a WeekValue>) -> Option<f64> {
    let known: Vec<f64> = weeks.filter_map(|week| week.value).collect();
    let count = u32::try_from(known.len()).ok().filter(|count| *count > 0)?;
    Some(known.iter().sum::<f64>() / f64::from(count))
}

/// Half up, and no negative zero.
fn round(value: f64) -> f64 {
    (value + 0.5).floor() + 0.0
}
