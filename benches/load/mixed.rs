//! A week as a practice has it: four reads of five, by everybody.

use std::rc::Rc;

use crate::place::Kind;
use crate::scenario::{Ask, Group, Scenario, Sort, only_on};
use crate::server::Which;
use crate::{Outcome, client_scenarios, homework_scenarios, page_scenarios, record_scenarios};

/// The week.
pub const WEEK: &str = "mixed week";
/// Its limit: the same kinds of statements in the same proportion.
const WEEK_BARE: &str = "bare mixed week";
/// The week by one process that has one core.
pub const ONE_REPLICA: &str = "mixed week, one on a core";
/// The week by two processes that have a core each.
pub const TWO_REPLICAS: &str = "mixed week, two on a core each";

/// How many of a hundred requests each is.
const SHARES: [(&str, usize); 9] = [
    (homework_scenarios::INBOX, 30),
    (homework_scenarios::DASHBOARD, 15),
    (client_scenarios::READ, 20),
    (page_scenarios::PAGE, 10),
    (record_scenarios::NOTE, 5),
    (homework_scenarios::CHECK_IN, 15),
    (homework_scenarios::REVIEW, 3),
    (record_scenarios::SIGN, 1),
    (client_scenarios::WRITE, 1),
];

/// The week, made of the requests of the other groups.
pub fn group(groups: &[&Group], kind: Kind) -> Outcome<Group> {
    let scenarios = || groups.iter().flat_map(|group| &group.scenarios);
    let find = |name: &str| scenarios().find(|scenario| scenario.name == name);
    let (mut of_service, mut bare) = (Vec::new(), Vec::new());
    for (name, share) in SHARES {
        let scenario = find(name).ok_or("a share of a scenario that is none")?;
        let limit = scenario.limit.and_then(find).ok_or("a share without a limit")?;
        of_service.push((share, Rc::clone(&scenario.ask)));
        bare.push((share, Rc::clone(&limit.ask)));
    }
    let week = any(of_service);
    let pinned = |name, server| Scenario {
        server,
        ..Scenario::of_service(name, Sort::Told, None, Rc::clone(&week))
    };
    let all = [
        Some(Scenario::of_service(WEEK, Sort::Told, Some(WEEK_BARE), Rc::clone(&week))),
        Some(Scenario::bare(WEEK_BARE, any(bare))),
        // A file has one process that writes.
        only_on(kind, Kind::Postgres, pinned(ONE_REPLICA, Which::OnePinned)),
        only_on(kind, Kind::Postgres, pinned(TWO_REPLICAS, Which::TwoPinned)),
    ];
    Ok(Group { scenarios: all.into_iter().flatten().collect() })
}

/// One of these, as often as its share says.
pub fn any(asks: Vec<(usize, Ask)>) -> Ask {
    let all: usize = asks.iter().map(|(share, _)| share).sum();
    Rc::new(move |chance, request| {
        let mut drawn = chance.below(all);
        for (share, ask) in &asks {
            match drawn.checked_sub(*share) {
                None => return ask(chance, request),
                Some(rest) => drawn = rest,
            }
        }
        crate::scenario::Expected::READ
    })
}

/// The name of the same by another build.
pub fn beside(name: &str) -> &'static str {
    match name {
        client_scenarios::READ => "GET client, other build",
        client_scenarios::WRITE => "POST client, other build",
        page_scenarios::PAGE => "GET deep filtered page, other build",
        homework_scenarios::INBOX => "GET inbox, other build",
        homework_scenarios::DASHBOARD => "GET dashboard, other build",
        homework_scenarios::CHECK_IN => "PUT check-in, other build",
        homework_scenarios::REVIEW => "PUT revealing submission, other build",
        record_scenarios::NOTE => "GET note, other build",
        record_scenarios::SIGN => "sign note, other build",
        record_scenarios::YEARS => "GET notes of five years, other build",
        _ => "mixed week, other build",
    }
}
