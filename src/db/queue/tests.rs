//! Every story of arrivals and takings, and what each practice gets of it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::{Duration, Instant as Moment};

use proptest::prelude::*;
use uuid::Uuid;

use super::{Pushed, Queue, Taken};
use crate::db::id::PracticeId;

fn practice(number: u8) -> PracticeId {
    PracticeId::from_uuid(Uuid::from_u128(u128::from(number) + 1))
}

/// What happens to a queue.
#[derive(Debug, Clone, Copy)]
enum Step {
    Arrives { practice: u8, alone: bool },
    Taken,
    Done,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        3 => (0..4u8, any::<bool>()).prop_map(|(practice, alone)| Step::Arrives { practice, alone }),
        2 => Just(Step::Taken),
        1 => Just(Step::Done),
    ]
}

/// An item: its practice, whether it is to be done alone, and when it came.
type Item = (u8, bool, usize);

/// Who waits, as a slow and obvious model has it.
#[derive(Default)]
struct Model {
    waiting: Vec<Item>,
    at_work: BTreeSet<u8>,
}

impl Model {
    fn len_of(&self, practice: u8) -> usize {
        self.waiting.iter().filter(|item| item.0 == practice).count()
    }

    fn longest(&self) -> usize {
        (0..4).map(|practice| self.len_of(practice)).max().unwrap_or(0)
    }

    fn may_be_taken(&self, item: Item) -> bool {
        !(item.1 && self.at_work.contains(&item.0))
    }

    fn remove(&mut self, item: Item) {
        let place = self.waiting.iter().position(|one| *one == item);
        self.waiting.remove(place.expect("what was given waits"));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    /// Nothing is lost or given twice; each line is first come, first served; what is to be done alone is alone; and
    /// whoever is sent away for want of room stood last in the longest line.
    #[test]
    fn a_queue_gives_what_was_put_into_it(steps in prop::collection::vec(step(), 1..120)) {
        let queue = Queue::new(12);
        let mut model = Model::default();
        for (number, step) in steps.into_iter().enumerate() {
            match step {
                Step::Arrives { practice: number_of, alone } => {
                    let item = (number_of, alone, number);
                    let (full, own) = (model.waiting.len() == 12, model.len_of(number_of));
                    match queue.push(Some(practice(number_of)), alone, item) {
                        Pushed::Waits => {
                            prop_assert!(!full);
                            model.waiting.push(item);
                        }
                        Pushed::InsteadOf(gone) => {
                            prop_assert!(full && own + 1 < model.longest());
                            prop_assert_eq!(model.len_of(gone.0), model.longest());
                            let last = model.waiting.iter().rfind(|one| one.0 == gone.0);
                            prop_assert_eq!(last, Some(&gone));
                            model.remove(gone);
                            model.waiting.push(item);
                        }
                        Pushed::Full(back) => {
                            prop_assert!(full && own + 1 >= model.longest() && back == item);
                        }
                        Pushed::Closed(_) => prop_assert!(false, "nobody closed it"),
                    }
                }
                Step::Taken => match queue.take_now() {
                    Some(item) => {
                        prop_assert!(model.may_be_taken(item));
                        let first = model.waiting.iter()
                            .find(|one| one.0 == item.0 && model.may_be_taken(**one));
                        prop_assert_eq!(first, Some(&item), "first come, first served");
                        if item.1 {
                            model.at_work.insert(item.0);
                        }
                        model.remove(item);
                    }
                    None => prop_assert!(!model.waiting.iter().any(|one| model.may_be_taken(*one))),
                },
                Step::Done => {
                    if let Some(one) = model.at_work.pop_first() {
                        queue.done_alone(Some(practice(one)));
                    }
                }
            }
            prop_assert_eq!(queue.len(), model.waiting.len());
        }
    }

    /// However many each has sent: while several wait, none gets a second turn before every other has had one.
    #[test]
    fn lines_are_served_in_turn(sizes in prop::collection::vec(1..30usize, 2..6)) {
        let queue = Queue::new(1000);
        for (number, size) in (0u8..).zip(&sizes) {
            for _ in 0..*size {
                queue.push(Some(practice(number)), false, number);
            }
        }
        let mut served: BTreeMap<u8, usize> = BTreeMap::new();
        while let Some(number) = queue.take_now() {
            *served.entry(number).or_default() += 1;
            let waits = |number: u8| served.get(&number).copied().unwrap_or(0) < sizes[usize::from(number)];
            let counts: Vec<usize> = (0u8..).zip(&sizes)
                .filter(|(number, _)| waits(*number))
                .map(|(number, _)| served.get(&number).copied().unwrap_or(0))
                .collect();
            let (least, most) = (counts.iter().min(), counts.iter().max());
            if let (Some(least), Some(most)) = (least, most) {
                prop_assert!(most - least <= 1, "{counts:?}");
            }
        }
        prop_assert_eq!(served.values().sum::<usize>(), sizes.iter().sum::<usize>());
    }
}

/// A practice that writes a great deal occupies one thread with it, and the others go on.
#[test]
fn what_is_to_be_done_alone_leaves_the_other_threads_to_others() {
    let queue = Queue::new(100);
    for number in 0..10 {
        queue.push(Some(practice(0)), true, ("busy", number));
    }
    queue.push(Some(practice(1)), true, ("quiet", 0));
    queue.push(Some(practice(0)), false, ("busy reads", 0));
    let taken: Vec<_> = std::iter::from_fn(|| queue.take_now()).collect();
    assert_eq!(taken, [("busy", 0), ("quiet", 0), ("busy reads", 0)]);
    queue.done_alone(Some(practice(0)));
    assert_eq!(queue.take_now(), Some(("busy", 1)));
    assert_eq!(queue.take_now(), None);
}

#[test]
fn a_closed_queue_is_emptied_and_then_ends() {
    let queue = Arc::new(Queue::new(10));
    queue.push(None, true, 1);
    queue.push(None, true, 2);
    assert_eq!(queue.take(), Some(1));
    queue.close();
    assert_eq!(queue.push(None, false, 3), Pushed::Closed(3));
    let other = Arc::clone(&queue);
    let waits = std::thread::spawn(move || (other.take(), other.take()));
    std::thread::sleep(Duration::from_millis(20));
    queue.done_alone(None);
    assert_eq!(waits.join().unwrap(), (Some(2), None));
    assert_eq!(queue.take_until(Moment::now()), Taken::Closed);
}

#[test]
fn a_thread_waits_for_the_next_one_no_longer_than_it_said() {
    let queue: Queue<u8> = Queue::new(10);
    let end = Moment::now() + Duration::from_millis(30);
    assert_eq!(queue.take_until(end), Taken::Late);
    assert!(Moment::now() >= end);
}
