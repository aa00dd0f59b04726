//! The times over which conditions ask for figures, such as `P14D`.

use std::collections::BTreeSet;

use jiff::Span;

use super::report::LONGEST_DAYS;
use crate::activities::definition::Condition;
use crate::activities::definition::condition::MetricIs;

/// So many days a condition looks back that says nothing of it.
const WEEK_DAYS: i32 = 7;

/// Over how many days, this one the last, a figure is asked for. None for what is no number of whole days, such as
/// months, and for more than reports go back.
pub(crate) fn days(asked: &MetricIs) -> Option<i32> {
    let Some(over) = asked.over.as_deref() else { return Some(WEEK_DAYS) };
    let span: Span = over.parse().ok()?;
    let days = span.get_days() + span.get_weeks() * WEEK_DAYS;
    let whole = Span::new().days(span.get_days()).weeks(span.get_weeks());
    (span.fieldwise() == whole && (1..=LONGEST_DAYS).contains(&days)).then_some(days)
}

/// Every number of days over which these conditions ask for figures.
pub(crate) fn asked<'a>(conditions: impl IntoIterator<Item = &'a Condition>) -> BTreeSet<i32> {
    let nodes = conditions.into_iter().flat_map(|condition| condition.nodes(""));
    nodes
        .filter_map(|(_, node)| match node {
            Condition::Metric(asked) => days(asked),
            _ => None,
        })
        .collect()
}

/// True for a figure that [`report::by_name`](super::report::by_name) makes of an exercise of this key, over any
/// number of days.
#[cfg(test)]
pub(crate) fn is_made(asked: &MetricIs, key: impl Fn(&str) -> bool) -> bool {
    let of = ["adherence_pct.", "consecutive_missed."]
        .iter()
        .find_map(|family| asked.metric.strip_prefix(family));
    of.is_some_and(key) && days(asked).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::activities::definition::condition::Operator;

    fn over(over: Option<&str>) -> Option<i32> {
        days(&MetricIs {
            metric: "adherence_pct.daily_check_in".to_owned(),
            op: Operator::AtLeast,
            value: 50.0,
            over: over.map(str::to_owned),
        })
    }

    #[test]
    fn a_time_of_whole_days_is_known_and_no_other() {
        assert_eq!(over(None), Some(7), "a week unless it says otherwise");
        for (text, days) in [("P7D", 7), ("P14D", 14), ("P3W", 21), ("P1D", 1), ("P420D", 420)] {
            assert_eq!(over(Some(text)), Some(days), "{text}");
        }
        for text in ["PT12H", "PT30M", "P3M", "P0D", "P421D", "P9999W", "a week"] {
            assert_eq!(over(Some(text)), None, "{text}");
        }
    }
}
