//! What is to happen in a database that is being filled, from a number and a seed alone.
//!
//! A couple's history is as long whatever the scale: more submissions are more couples, so that what a couple or a
//! clinician reads stays as long and only the tables around it grow.

use std::cmp::Reverse;

/// Practices: the first has four couples of five.
pub(super) const PRACTICES: usize = 3;
/// So few couples there are at the least: each practice has some.
const FEWEST: usize = 4;
/// Couples of one clinician.
pub(super) const CASELOAD: usize = 20;
/// The days of the check-ins of a couple, as many for everybody: five in a week, for sixty weeks.
const CHECK_INS: u64 = 300;
/// Sixty weeks; who has been there longer talks less often.
const DAYS: i32 = 420;
/// How often the couple looks at its threads, in days, and a clinician sees it.
const THREADS_EVERY: i32 = 84;
const SESSION_EVERY: i32 = 28;

/// A couple, by its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct CoupleShape {
    /// The practice.
    pub(super) practice: usize,
    /// Its clinician, counted within the practice.
    pub(super) clinician: usize,
    /// Its place in the clinician's week.
    pub(super) place: usize,
    /// One, two or three times sixty weeks.
    times: u8,
}

/// Who sends a check-in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Who {
    Both,
    First,
}

/// What happens, in the order of a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum What {
    /// Both say what they want of the treatment, which is revealed.
    Goals,
    /// Both look at their threads, which are revealed.
    Threads,
    /// A session, and its signed note.
    Session,
    /// An evening's talk.
    CheckIn(Who),
}

/// What a couple does on a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Happening {
    pub(super) days_ago: i32,
    pub(super) practice: usize,
    pub(super) couple: usize,
    pub(super) what: What,
}

impl Happening {
    /// Submissions that come of it.
    pub(super) fn submissions(&self) -> u64 {
        match self.what {
            What::Session => 0,
            What::CheckIn(Who::First) => 1,
            What::Goals | What::Threads | What::CheckIn(Who::Both) => 2,
        }
    }
}

/// Everything, in the order of days, and of practices within a day.
#[derive(Debug)]
pub(super) struct Shape {
    pub(super) couples: Vec<CoupleShape>,
    pub(super) happenings: Vec<Happening>,
}

impl Shape {
    /// So many submissions exactly; the same from the same seed.
    pub(super) fn of(submissions: u64, seed: u64) -> Self {
        let (mut couples, mut happenings) = (Vec::new(), Vec::new());
        let (mut made, mut of_practice) = (0, [0; PRACTICES]);
        while made < submissions || couples.len() < FEWEST {
            let couple = next(couples.len(), &mut of_practice);
            let before = happenings.len();
            history(couples.len(), couple, seed, &mut happenings);
            made += happenings.iter().skip(before).map(Happening::submissions).sum::<u64>();
            couples.push(couple);
        }
        happenings.sort_by_key(|one| (Reverse(one.days_ago), one.practice, one.what, one.couple));
        let happenings = without_first(happenings, made - submissions);
        Self { couples, happenings }
    }

    /// How many days ago it began.
    pub(super) fn days(&self) -> i32 {
        self.happenings.first().map_or(1, |first| first.days_ago)
    }
}

fn next(number: usize, of_practice: &mut [usize; PRACTICES]) -> CoupleShape {
    let practice = match number % 10 {
        1 => 1,
        2 => 2,
        _ => 0,
    };
    let within = of_practice.get_mut(practice).map_or(0, |count| {
        *count += 1;
        *count - 1
    });
    CoupleShape {
        practice,
        clinician: within / CASELOAD,
        place: within % CASELOAD,
        times: u8::try_from(1 + number % 3).unwrap_or(1),
    }
}

fn history(number: usize, couple: CoupleShape, seed: u64, to: &mut Vec<Happening>) {
    let mut add = |days_ago, what| {
        to.push(Happening { days_ago, practice: couple.practice, couple: number, what });
    };
    let days = DAYS * i32::from(couple.times);
    let place = i32::try_from(couple.place).unwrap_or_default();
    add(days, What::Goals);
    for days_ago in 1..=days {
        let of_all = u64::from(days.unsigned_abs());
        let drawn = mixed(seed, number, days_ago);
        // The days of the last week are everybody's, so that every inbox has something that was shared.
        if days_ago <= 3 || drawn % of_all < CHECK_INS {
            let who = if (drawn >> 32).is_multiple_of(8) { Who::First } else { Who::Both };
            add(days_ago, What::CheckIn(who));
        }
        if days_ago <= DAYS && days_ago % THREADS_EVERY == 1 + place {
            add(days_ago, What::Threads);
        }
        if days_ago <= DAYS && days_ago % SESSION_EVERY == 1 + place {
            add(days_ago, What::Session);
        }
    }
}

/// Leaves out the earliest submissions, so many of them.
fn without_first(mut all: Vec<Happening>, mut excess: u64) -> Vec<Happening> {
    let mut left_out = 0;
    for one in &all {
        if excess == 0 || one.submissions() > excess {
            break;
        }
        excess -= one.submissions();
        left_out += 1;
    }
    all.drain(..left_out);
    // One more than can be left out whole: somebody talked alone.
    let both = |one: &&mut Happening| one.what == What::CheckIn(Who::Both);
    if let Some(one) = all.iter_mut().find(both).filter(|_| excess == 1) {
        one.what = What::CheckIn(Who::First);
    }
    all
}

/// A number drawn for a couple's day: `SplitMix64`.
pub(super) fn mixed(seed: u64, couple: usize, day: i32) -> u64 {
    let couple = u64::try_from(couple).unwrap_or_default();
    let mut mixed = seed
        .wrapping_add(couple.wrapping_mul(0x9e37_79b9_7f4a_7c15))
        .wrapping_add(u64::from(day.unsigned_abs()).wrapping_mul(0xd1b5_4a32_d192_ed03));
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_are_as_many_submissions_as_asked_for_and_as_many_of_each_couple() {
        for wanted in [100, 301, 10_000, 100_000] {
            let shape = Shape::of(wanted, 7);
            let made: u64 = shape.happenings.iter().map(Happening::submissions).sum();
            assert_eq!(made, wanted);
            assert_eq!(Shape::of(wanted, 7).happenings, shape.happenings);
            assert_ne!(Shape::of(wanted, 8).happenings, shape.happenings);
            let of_first = shape.couples.iter().filter(|couple| couple.practice == 0).count();
            assert!(of_first * 2 >= shape.couples.len());
            let each = made / u64::try_from(shape.couples.len()).unwrap();
            println!(
                "{wanted}: {} couples, {each} each, {} days",
                shape.couples.len(),
                shape.days()
            );
            assert!(wanted < 1_000 || (500..650).contains(&each));
        }
    }
}
