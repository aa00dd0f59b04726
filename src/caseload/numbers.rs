//! The numbers that the prompts of exercises ask for, of one couple or client (`domain` 3.2). They are made of what
//! clinicians can read of the answers of the last three weeks.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::activities::definition::condition::MetricIs;
use crate::db::Date;
use crate::db::id::{AssignmentId, ClientId};
use crate::figures::span;
use crate::figures::weeks::days_between;

/// What one person answered on one day.
pub(super) struct Told {
    pub(super) assignment: AssignmentId,
    pub(super) author: ClientId,
    pub(super) day: Date,
    pub(super) answers: Map<String, Value>,
}

/// Ratings of this and more are high.
const HIGH: f64 = 3.0;

/// What is known of those who do one exercise together.
pub(super) struct Numbers<'a> {
    /// Figures by their names, by the number of days that they look back.
    pub(super) figures: &'a BTreeMap<i32, BTreeMap<String, f64>>,
    /// Their answers to this exercise.
    pub(super) told: Vec<&'a Told>,
    pub(super) today: Date,
}

impl Numbers<'_> {
    /// The number that a condition asks for; none without data, or over a time over which none is known.
    pub(super) fn of(&self, asked: &MetricIs) -> Option<f64> {
        match (asked.metric.as_str(), span::days(asked)?) {
            ("mean_mood.author", 7) => self.lowest_mean("mood"),
            ("resentment_weeks_at_3", 14) => self.weeks_at_high("resentment"),
            ("micro_wins.any_improved", 21) => self.any_improved(),
            ("reactivity.change_pct", 21) => self.change_pct("blowups"),
            (name, days) => self.figures.get(&days)?.get(name).copied(),
        }
    }

    fn authors(&self) -> Vec<ClientId> {
        let mut all: Vec<ClientId> = self.told.iter().map(|told| told.author).collect();
        all.sort_unstable();
        all.dedup();
        all
    }

    /// The answers to a question in one of the last weeks: 0 is that which ends today.
    fn values(&self, question: &str, week: i32, of: Option<ClientId>) -> Vec<f64> {
        let in_week = |told: &&&Told| days_between(told.day, self.today).div_euclid(7) == week;
        let own = self.told.iter().filter(in_week);
        own.filter(|told| of.is_none_or(|of| told.author == of))
            .filter_map(|told| told.answers.get(question)?.as_f64())
            .collect()
    }

    fn lowest_mean(&self, question: &str) -> Option<f64> {
        let means =
            self.authors().into_iter().filter_map(|who| mean(&self.values(question, 0, Some(who))));
        means.min_by(f64::total_cmp)
    }

    /// In how many of the last two weeks one and the same person rated it high: the most that anybody did.
    fn weeks_at_high(&self, question: &str) -> Option<f64> {
        let high = |who: ClientId, week: i32| {
            self.values(question, week, Some(who)).iter().any(|value| *value >= HIGH)
        };
        let weeks = |who: ClientId| f64::from(u8::from(high(who, 0)) + u8::from(high(who, 1)));
        self.authors().into_iter().map(weeks).max_by(f64::total_cmp)
    }

    /// 1 when fewer arguments, more tender moments or more plain requests are told than two weeks before, else 0.
    fn any_improved(&self) -> Option<f64> {
        let change = |question: &str| {
            Some(mean(&self.values(question, 0, None))? - mean(&self.values(question, 2, None))?)
        };
        let blowups = change("blowups")?;
        let better = blowups < 0.0 || change("soft_moments")? > 0.0 || change("clear_asks")? > 0.0;
        Some(f64::from(u8::from(better)))
    }

    fn change_pct(&self, question: &str) -> Option<f64> {
        let before = mean(&self.values(question, 2, None)).filter(|before| *before > 0.0)?;
        Some((mean(&self.values(question, 0, None))? - before) / before * 100.0)
    }
}

fn mean(values: &[f64]) -> Option<f64> {
    let count = u32::try_from(values.len()).ok().filter(|count| *count > 0)?;
    Some(values.iter().sum::<f64>() / f64::from(count))
}

#[cfg(test)]
pub(crate) mod tests {
    use std::collections::BTreeMap;

    use jiff::civil::date;
    use serde_json::json;

    use super::super::reasons::for_clinicians;
    use super::super::store::PROMPT_DAYS;
    use super::*;
    use crate::activities::definition::Condition;
    use crate::activities::definition::catalog::{BuiltIn, built_in};
    use crate::activities::definition::condition::Operator;
    use crate::db::Instant;
    use crate::db::id::IdSource;

    fn told(author: ClientId, days_ago: i32, answers: Value) -> Told {
        let today = Date(date(2026, 11, 28));
        Told {
            assignment: IdSource::seeded(7).next(Instant::from_micros(0)),
            author,
            day: today.plus_days(-days_ago),
            answers: answers.as_object().cloned().unwrap_or_default(),
        }
    }

    fn number(all: &[Told], metric: &str, over: &str) -> Option<f64> {
        let figures = BTreeMap::new();
        let told = all.iter().collect();
        let numbers = Numbers { figures: &figures, told, today: Date(date(2026, 11, 28)) };
        numbers.of(&MetricIs {
            metric: metric.to_owned(),
            op: Operator::AtLeast,
            value: 0.0,
            over: Some(over.to_owned()),
        })
    }

    /// True for a figure that is known where everything was answered, of an exercise that is there.
    pub(crate) fn is_made(asked: &MetricIs) -> bool {
        let of_catalogue = |key: &str| built_in().iter().any(|one| one.definition.key == key);
        let mut figures: BTreeMap<i32, BTreeMap<String, f64>> = BTreeMap::new();
        if let Some(days) = span::days(asked)
            && days <= PROMPT_DAYS
            && span::is_made(asked, of_catalogue)
        {
            figures.entry(days).or_default().insert(asked.metric.clone(), 1.0);
        }
        let author: ClientId = IdSource::seeded(3).next(Instant::from_micros(0));
        let answers = json!({ "mood": 1, "resentment": 4, "blowups": 1, "soft_moments": 1,
            "clear_asks": 1 });
        let all = [0, 7, 14].map(|ago| told(author, ago, answers.clone()));
        let (told, today) = (all.iter().collect(), Date(date(2026, 11, 28)));
        Numbers { figures: &figures, told, today }.of(asked).is_some()
    }

    /// A figure that nothing makes would never be known, and its prompt never come up.
    #[test]
    fn every_prompt_of_the_catalogue_asks_for_figures_that_are_made_or_is_known_to_wait() {
        let mut waiting = Vec::new();
        for BuiltIn { definition, .. } in built_in() {
            for signal in for_clinicians(definition) {
                let made = signal.when.nodes("").into_iter().all(|(_, node)| match node {
                    Condition::Metric(asked) => is_made(asked),
                    _ => true,
                });
                if !made {
                    waiting.push(signal.effect.code.as_str());
                }
            }
        }
        let wait = ["ambivalence_or_different_goals", "thin_overlap", "talk_about_fit"];
        assert_eq!(waiting, wait);
    }

    #[test]
    fn bitterness_counts_for_the_weeks_of_one_person() {
        let ids = IdSource::seeded(1);
        let (robin, sam): (ClientId, ClientId) =
            (ids.next(Instant::from_micros(0)), ids.next(Instant::from_micros(1)));
        let of = |pairs: &[(ClientId, i32, u8)]| {
            let all: Vec<Told> = pairs
                .iter()
                .map(|(who, ago, value)| told(*who, *ago, json!({ "resentment": value })))
                .collect();
            number(&all, "resentment_weeks_at_3", "P14D")
        };
        assert_eq!(of(&[]), None);
        assert_eq!(of(&[(robin, 0, 3), (robin, 7, 3)]), Some(2.0));
        // Once each is not twice running.
        assert_eq!(of(&[(robin, 0, 3), (sam, 7, 3)]), Some(1.0));
        assert_eq!(of(&[(robin, 0, 2), (robin, 7, 2)]), Some(0.0));
        assert_eq!(of(&[(robin, 14, 4), (robin, 6, 4)]), Some(1.0));
    }

    #[test]
    fn a_mood_is_one_persons_and_the_lowest_counts() {
        let ids = IdSource::seeded(1);
        let (robin, sam): (ClientId, ClientId) =
            (ids.next(Instant::from_micros(0)), ids.next(Instant::from_micros(1)));
        let all = [
            told(robin, 0, json!({ "mood": 5 })),
            told(sam, 1, json!({ "mood": 1 })),
            told(sam, 2, json!({ "mood": 2 })),
            told(robin, 8, json!({ "mood": 1 })),
        ];
        assert_eq!(number(&all, "mean_mood.author", "P7D"), Some(1.5));
        assert_eq!(number(&all, "mean_mood.author", "P30D"), None);
    }

    #[test]
    fn nothing_budges_when_no_count_is_better_than_two_weeks_before() {
        let robin: ClientId = IdSource::seeded(1).next(Instant::from_micros(0));
        let pulse = |ago, blowups, soft, asks| {
            told(
                robin,
                ago,
                json!({ "blowups": blowups, "soft_moments": soft, "clear_asks": asks }),
            )
        };
        let of = |all: &[Told]| number(all, "micro_wins.any_improved", "P21D");
        assert_eq!(of(&[pulse(0, 2, 2, 2)]), None);
        assert_eq!(of(&[pulse(15, 2, 2, 2), pulse(1, 2, 2, 2)]), Some(0.0));
        assert_eq!(of(&[pulse(15, 2, 2, 2), pulse(1, 3, 2, 3)]), Some(1.0));
        assert_eq!(
            number(&[pulse(15, 2, 2, 2), pulse(1, 3, 2, 3)], "reactivity.change_pct", "P21D"),
            Some(50.0)
        );
    }
}
