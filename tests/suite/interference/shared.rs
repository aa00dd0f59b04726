//! What is done in both worlds: by B, by the practice, and by A openly.

use actix_web::http::Method;
use serde_json::json;

use super::forms;
use super::programs;
use super::tale::{Act, Bond, Tale, Work, day_after};
use super::world::{A, ADMIN, B, CLINICIAN, Hidden};
use crate::isolation::chance::Chance;

/// The homework that a story begins with: some for the couple, and for B alone in some; in some a session with both.
pub fn beginning(tale: &Tale, chance: &mut Chance) -> Vec<Act> {
    let mut keys = chance.some(&forms::FOR_COUPLES, if tale.led { 1 } else { 3 });
    if !tale.led && chance.below(2) == 0 && !keys.contains(&"daily_check_in") {
        keys.push("daily_check_in");
    }
    let mut acts: Vec<Act> =
        keys.iter().map(|key| assign(tale, key, "couple_id", &tale.couple, chance)).collect();
    if tale.led {
        acts.push(programs::begins(tale, chance));
    }
    if chance.below(3) == 0 {
        acts.push(assign(tale, "session_fit", "client_id", &tale.b, chance));
    }
    if chance.below(3) == 0 {
        acts.push(meets(tale, chance));
    }
    if tale.consented {
        acts.push(assign(tale, forms::SEXUAL, "couple_id", &tale.couple, chance));
    }
    acts
}

pub fn assign(tale: &Tale, key: &str, of: &str, id: &str, chance: &mut Chance) -> Act {
    let mut body = json!({ "activity_definition_id": tale.exercises[key] });
    body[of] = id.into();
    if key == forms::SEXUAL {
        // The agreement that it asks for is nothing that the service knows of.
        body["deviation"] = "They have agreed.".into();
    }
    if forms::is_daily(key) {
        // On each day, or on any: both have the day for their name. Or so many days of a week, whichever they choose.
        let rhythms = [
            json!({ "kind": "daily" }),
            json!({ "kind": "daily" }),
            json!({ "kind": "on_demand" }),
            json!({ "kind": "quota", "times": 2 + chance.below(3) }),
        ];
        body["schedule"] = json!({ "rhythm": chance.pick(&rhythms) });
    }
    Act::post(CLINICIAN, "/v1/assignments", body)
}

/// What happens next. What A has done in private keeps B from the one thing that would reveal it: the last
/// answer to what opens for all together.
pub fn next(tale: &Tale, hidden: &Hidden, chance: &mut Chance) -> Act {
    if tale.bond == Bond::WillPart && chance.below(3) == 0 {
        return Act::post(CLINICIAN, format!("/v1/couples/{}/separate", tale.couple), None);
    }
    if tale.bond == Bond::Parting && chance.below(12) == 0 {
        return Act::post(CLINICIAN, format!("/v1/couples/{}/dissolve", tale.couple), None);
    }
    if chance.below(4) == 0
        && let Some(act) = goes_on(tale, hidden, chance)
    {
        return act;
    }
    for _ in 0..50 {
        let most = if tale.led { 46 } else { 40 };
        let found = match chance.below(most) {
            0..=4 => sends(tale, B, hidden, chance),
            5 | 6 => half(tale, B, chance),
            7..=9 => sends(tale, A, hidden, chance),
            10 => amends(tale, A, hidden, chance),
            11 => {
                if chance.below(2) == 0 {
                    amends(tale, B, hidden, chance)
                } else {
                    repeats(tale, chance)
                }
            }
            12 => takes_back(tale, chance),
            13 => widens(tale, chance),
            14 => rests(tale, B, chance),
            15 => rests(tale, A, chance),
            16 => rests(tale, CLINICIAN, chance),
            17 => changes_homework(tale, chance),
            18 => holds(tale, chance),
            19 => Some(of_couple(tale, chance)),
            20 => of_b(tale, chance),
            21 => reviews(tale, hidden, chance),
            22..=24 => Some(policy(tale, chance)),
            25 | 26 => Some(meets(tale, chance)),
            27..=29 => of_times(tale, chance),
            30..=32 => another_time(tale, chance),
            33 | 34 => confirms(tale, chance),
            35..40 => Some(passes(chance)),
            _ => programs::leads(tale, chance),
        };
        if let Some(act) = found {
            return act;
        }
    }
    passes(chance)
}

/// A while goes by: mostly seconds, sometimes days.
pub fn passes(chance: &mut Chance) -> Act {
    let seconds = [40, 700, 7_000, 40_000, 90_000, 300_000];
    Act::Pass(*chance.pick(&seconds).unwrap_or(&40))
}

fn work<'a>(tale: &'a Tale, who: &str, chance: &mut Chance) -> Option<&'a Work> {
    let open: Vec<&Work> = tale.work.iter().filter(|work| work.of_couple || who == B).collect();
    chance.pick(&open).copied()
}

fn sends(tale: &Tale, who: &'static str, hidden: &Hidden, chance: &mut Chance) -> Option<Act> {
    let mut work = work(tale, who, chance)?;
    if chance.below(if who == A { 2 } else { 4 }) == 0 {
        // The one form of which a part is shared at once and a part waits for the other.
        work = tale.work.iter().find(|work| work.key == "quarterly_review").unwrap_or(work);
    }
    if who == A && chance.below(2) == 0 {
        // What A has begun in private is what A sends.
        let begun = |work: &&Work| hidden.begun.contains(&tale.slot(work));
        work = tale.work.iter().find(begun).unwrap_or(work);
    }
    sent(tale, who, work, hidden, chance)
}

/// What is half done: A sends what they have begun alone, or B what all but they have sent.
fn goes_on(tale: &Tale, hidden: &Hidden, chance: &mut Chance) -> Option<Act> {
    let begun = |work: &&Work| {
        let slot = tale.slot(work);
        hidden.begun.contains(&slot) && !tale.has_sent(A, &slot)
    };
    let waits = |work: &&Work| {
        let slot = tale.slot(work);
        let sent = tale.has_sent(A, &slot)
            || (tale.bond == Bond::Parting && hidden.closed.contains(&slot));
        forms::is_mutual(work.key) && sent && !tale.has_sent(B, &slot)
    };
    if let Some(work) = tale.work.iter().find(begun).filter(|_| chance.below(2) == 0) {
        return sent(tale, A, work, hidden, chance);
    }
    sent(tale, B, tale.work.iter().find(waits)?, hidden, chance)
}

fn sent(
    tale: &Tale,
    who: &'static str,
    work: &Work,
    hidden: &Hidden,
    chance: &mut Chance,
) -> Option<Act> {
    let slot = tale.slot(work);
    let reveals = who == B && hidden.closed.contains(&slot) && tale.bond != Bond::Parting;
    if tale.has_sent(who, &slot) || reveals {
        return None;
    }
    // What was taken back needs a new id, which B's device would have to make.
    if tale.sent.get(&(who, slot.clone())).is_some_and(|status| status == "retracted") {
        return None;
    }
    if hidden.revoked && work.key == forms::SEXUAL {
        // Whether it is taken, and opens, is by A's consent, which is a declared outcome.
        return None;
    }
    let mut body = forms::submitted(work.key, chance);
    // What A has begun alone is often sent from the tablet, where the private part of it is not asked.
    let seldom = if who == A && hidden.begun.contains(&slot) { 2 } else { 4 };
    if chance.below(seldom) == 0 {
        body = forms::from_the_tablet(work.key, body.clone()).unwrap_or(body);
    }
    Some(Act::Send { who, slot, body })
}

fn half(tale: &Tale, who: &'static str, chance: &mut Chance) -> Option<Act> {
    let work = work(tale, who, chance)?;
    let slot = tale.slot(work);
    let skipped = json!({ "status": "skipped" });
    let body = if chance.below(2) == 0 { skipped } else { forms::drafted(work.key, chance) };
    Some(Act::Send { who, slot, body })
}

fn amends(tale: &Tale, who: &'static str, hidden: &Hidden, chance: &mut Chance) -> Option<Act> {
    let slots = tale.slots_of(who);
    let slot = chance.pick(&slots)?.clone();
    if hidden.revoked && tale.key(&slot) == forms::SEXUAL {
        return None;
    }
    let body = forms::submitted(tale.key(&slot), chance);
    Some(Act::Send { who, slot, body })
}

fn repeats(tale: &Tale, chance: &mut Chance) -> Option<Act> {
    let slots = tale.slots_of(B);
    Some(Act::Again { who: B, slot: chance.pick(&slots)?.clone() })
}

fn of_own(tale: &Tale, chance: &mut Chance) -> Option<String> {
    let slots = tale.slots_of(B);
    let slot = chance.pick(&slots)?;
    Some(format!("/v1/submissions/{}", super::world::device_id(&(B, slot, 0u64))))
}

fn takes_back(tale: &Tale, chance: &mut Chance) -> Option<Act> {
    Some(Act::post(B, format!("{}/retract", of_own(tale, chance)?), None))
}

fn widens(tale: &Tale, chance: &mut Chance) -> Option<Act> {
    let question = ["my_response", "sexual_connection"][chance.below(2)];
    let body = json!({ "link_ids": [question] });
    Some(Act::post(B, format!("{}/widen", of_own(tale, chance)?), body))
}

fn rests(tale: &Tale, who: &'static str, chance: &mut Chance) -> Option<Act> {
    let work = work(tale, who, chance)?;
    let path = format!("/v1/assignments/{}", work.id);
    if chance.below(3) == 0 {
        let body = json!({ "resume_on": day_after(&tale.today, 9) });
        return Some(Act::post(who, format!("{path}/pause"), body));
    }
    Some(Act::post(who, format!("{path}/resume"), None))
}

fn changes_homework(tale: &Tale, chance: &mut Chance) -> Option<Act> {
    let work = work(tale, B, chance)?;
    let path = format!("/v1/assignments/{}", work.id);
    Some(match chance.below(7) {
        0 => Act::post(CLINICIAN, format!("{path}/complete"), None),
        1 => Act::post(CLINICIAN, format!("{path}/withdraw"), None),
        // Theirs to do when it is sexual, and refused when it is not.
        6 => Act::post([A, B][chance.below(2)], format!("{path}/withdraw"), None),
        2 => {
            let keys = chance.some(&forms::FOR_COUPLES, 1);
            assign(tale, keys[0], "couple_id", &tale.couple, chance)
        }
        _ => Act::patch(CLINICIAN, path, json!({ "note": chance.text(b"abcde", 6) })),
    })
}

/// One of the two proposes another time for what they do each day, or says something to what is proposed.
fn another_time(tale: &Tale, chance: &mut Chance) -> Option<Act> {
    let who = [A, B][chance.below(2)];
    if let Some(proposal) = tale.proposals.last() {
        let word = ["accept", "accept", "decline", "withdraw"][chance.below(4)];
        return Some(Act::post(who, format!("/v1/time-proposals/{proposal}/{word}"), None));
    }
    let daily: Vec<&Work> =
        tale.work.iter().filter(|work| work.of_couple && forms::is_daily(work.key)).collect();
    let work = chance.pick(&daily)?;
    let time = ["07:15", "18:00", "21:30"][chance.below(3)];
    let path = format!("/v1/assignments/{}/time-proposals", work.id);
    Some(Act::post(who, path, json!({ "time_of_day": time })))
}

/// Whoever did not write it says whether it is so, and at times whoever did, or before anybody has.
fn confirms(tale: &Tale, chance: &mut Chance) -> Option<Act> {
    let joint = tale.work.iter().find(|work| forms::is_joint(work.key))?;
    let (who, word) = ([A, B][chance.below(2)], ["confirm", "confirm", "contest"][chance.below(3)]);
    let day = json!({ "local_date": joint.since });
    Some(Act::post(who, format!("/v1/assignments/{}/{word}", joint.id), day))
}

fn holds(tale: &Tale, chance: &mut Chance) -> Option<Act> {
    if let Some(hold) = tale.holds.last() {
        return Some(Act::post(CLINICIAN, format!("/v1/holds/{hold}/lift"), None));
    }
    let body = json!({ "couple_id": tale.couple, "kind": "conjoint", "cover_reason": "focus_shift",
        "effective_at": "2026-12-01T10:00:00Z" });
    (chance.below(3) == 0).then(|| Act::post(CLINICIAN, "/v1/holds", body))
}

fn of_couple(tale: &Tale, chance: &mut Chance) -> Act {
    let path = format!("/v1/couples/{}", tale.couple);
    match chance.below(3) {
        0 => Act::post(CLINICIAN, format!("{path}/take-break"), None),
        1 => Act::post(CLINICIAN, format!("{path}/resume"), None),
        _ => Act::patch(ADMIN, path, json!({ "label": chance.text(b"ABCDE", 4) })),
    }
}

fn of_b(tale: &Tale, chance: &mut Chance) -> Option<Act> {
    Some(match chance.below(5) {
        0 => Act::patch(B, "/v1/me", json!({ "pronouns": chance.text(b"abcde", 4) })),
        1 => Act::post(B, "/v1/me/help-requests", json!({ "kind": "talk_to_therapist" })),
        2 => Act::post(
            B,
            "/v1/consents",
            json!({ "client_id": tale.b, "kind": "telehealth_consent",
            "document_version": "2026-02", "signer_name": "B" }),
        ),
        3 => Act::post(B, format!("/v1/consents/{}/revoke", tale.consents.last()?), None),
        _ => {
            let keys = chance.some(&forms::ALONE, 1);
            assign(tale, keys[0], "client_id", &tale.b, chance)
        }
    })
}

fn reviews(tale: &Tale, hidden: &Hidden, chance: &mut Chance) -> Option<Act> {
    let work = work(tale, B, chance)?;
    let comment = chance.text(b"abcdefgh", 8);
    let mut body = json!({ "assignment_id": work.id, "comment": comment });
    if chance.below(2) == 0 {
        let slots = tale.slots_of(B);
        let slot = chance.pick(&slots)?;
        if hidden.taken.contains(slot) {
            // The practice knows B's submission by another id than B's device.
            return None;
        }
        let id = super::world::device_id(&(B, slot, 0u64));
        body = json!({ "submission_id": id, "comment": comment });
    }
    Some(Act::post(CLINICIAN, "/v1/reviews", body))
}

/// A time is excused by anybody, counts again, or lies at another hour; the couple moves.
fn of_times(tale: &Tale, chance: &mut Chance) -> Option<Act> {
    let open: Vec<&Work> =
        tale.work.iter().filter(|work| work.of_couple && forms::is_daily(work.key)).collect();
    let path = format!("/v1/assignments/{}", chance.pick(&open)?.id);
    let days = i64::try_from(chance.below(4)).unwrap();
    let day = json!({ "local_date": day_after(&tale.today, days - 1) });
    Some(match chance.below(8) {
        0 => Act::post(CLINICIAN, format!("{path}/excuse"), day),
        1 => Act::post(CLINICIAN, format!("{path}/reinstate"), day),
        2 | 3 => Act::post(A, format!("{path}/excuse"), day),
        4 => Act::post(B, format!("{path}/excuse"), day),
        5 | 6 => {
            let hour = format!("{:02}:15", 7 + chance.below(14));
            let body = json!({ "schedule": { "rhythm": { "kind": "daily", "times": [hour] } } });
            Act::patch(CLINICIAN, path, body)
        }
        _ => {
            let zone = ["America/Boise", "America/Los_Angeles"][chance.below(2)];
            let body = json!({ "timezone": zone });
            Act::patch(CLINICIAN, format!("/v1/couples/{}", tale.couple), body)
        }
    })
}

/// A session with both, far ahead; the coming of A alone is noted by nobody here.
fn meets(tale: &Tale, chance: &mut Chance) -> Act {
    if let Some(session) = tale.sessions.last()
        && chance.below(2) == 0
    {
        let path = format!("/v1/sessions/{session}");
        return match chance.below(3) {
            0 => Act::post(CLINICIAN, format!("{path}/confirm"), None),
            1 => Act::post(CLINICIAN, format!("{path}/cancel"), json!({ "by": "client" })),
            _ => Act::post(CLINICIAN, format!("{path}/check-in"), None),
        };
    }
    let day = day_after("2027-02-01", i64::try_from(chance.below(300)).unwrap());
    let hour = 10 + chance.below(10);
    let body = json!({
        "treatment_id": tale.treatment, "kind": "conjoint", "modality": "telehealth_video",
        "starts_at": format!("{day}T{hour}:00:00Z"), "ends_at": format!("{day}T{hour}:50:00Z"),
        "participants": [{ "client_id": tale.a, "location_state": "WA" },
                         { "client_id": tale.b, "location_state": "ID" }],
    });
    Act::post(CLINICIAN, "/v1/sessions", body)
}

/// A policy is set anew, and the partners accept it: B not before A, whose acceptance would else tell of
/// itself when B's follows.
fn policy(tale: &Tale, chance: &mut Chance) -> Act {
    let path = format!("/v1/couples/{}/secrets-policy", tale.couple);
    if tale.accepted.len() == 2 {
        let word = ["no_secrets", "limited_secrets"][chance.below(2)];
        let body = Some(json!({ "policy": word }));
        return Act::Ask { who: CLINICIAN, method: Method::PUT, path, body, tagged: false };
    }
    let who = if tale.accepted.contains(A) { B } else { A };
    let body = json!({ "version_no": tale.policy_version });
    Act::post(who, format!("{path}/accept"), body)
}
