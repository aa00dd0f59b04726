//! Answers that open with the last of them, before it is there; and what stands private beside them.

use serde_json::json;

use super::Side;
use crate::interference::forms;
use crate::interference::tale::{Bond, Slot};
use crate::interference::world::{A, B};

/// A submits first: from here on B's submission would reveal it, and is told in neither world.
pub async fn submits(side: &mut Side<'_>) -> bool {
    let Some((key, slot)) = side.fresh(forms::is_mutual) else { return false };
    if side.tale.has_sent(B, &slot) && side.tale.bond != Bond::Parting {
        return false;
    }
    let body = forms::submitted(key, &mut side.chance);
    let done = side.world.send(A, &slot, body).await.status.is_success();
    if done {
        side.world.hidden.closed.insert(slot);
    }
    done
}

/// What A has submitted first, now where nothing is.
async fn closed(side: &mut Side<'_>) -> Option<Slot> {
    if side.world.hidden.closed.is_empty() {
        submits(side).await;
    }
    let waits = |slot: &&Slot| forms::is_mutual(side.tale.key(slot));
    let closed: Vec<Slot> = side.world.hidden.closed.iter().filter(waits).cloned().collect();
    side.chance.pick(&closed).cloned()
}

pub async fn amends(side: &mut Side<'_>) -> bool {
    let Some(slot) = closed(side).await else { return false };
    let body = forms::submitted(side.tale.key(&slot), &mut side.chance);
    side.world.send(A, &slot, body).await.status.is_success()
}

pub async fn takes_back(side: &mut Side<'_>) -> bool {
    let Some(slot) = closed(side).await else { return false };
    let path = format!("/v1/submissions/{}/retract", side.world.device(A, &slot));
    let done = side.world.caller(A).act(&path).await.status.is_success();
    if done {
        side.world.forget(A, &slot);
        side.world.hidden.closed.remove(&slot);
    }
    done
}

/// Only what B never reads of it is another.
pub async fn changes_private_part(side: &mut Side<'_>) -> bool {
    changes_part(side, forms::has_private_part).await
}

/// Only what nobody else ever reads of it is.
pub async fn changes_note_to_self(side: &mut Side<'_>) -> bool {
    changes_part(side, |key| key == forms::OWN).await
}

async fn changes_part(side: &mut Side<'_>, of: fn(&str) -> bool) -> bool {
    let tablet = side.on_the_tablet();
    let fits = |key: &str, slot: &Slot| of(key) && !tablet.contains(slot);
    let Some((key, slot)) = side.open_where(fits) else { return false };
    let Some(sent) = side.world.devices.get(&(A, slot.clone())) else { return false };
    let mut body = sent.body.clone();
    let Some((question, answer)) = forms::private_answer(key, &mut side.chance) else {
        return false;
    };
    if body.get("answers").is_some() {
        body["answers"][question] = answer;
    } else {
        body["entries"][0]["answers"][question] = answer;
    }
    if body == sent.body {
        return false;
    }
    side.world.send(A, &slot, body).await.status.is_success()
}

/// Both use one tablet, on which nothing private is asked; A answers that on a device of their own.
pub async fn answers_the_rest(side: &mut Side<'_>) -> bool {
    let tablet = side.on_the_tablet();
    let Some((key, slot)) = side.open_where(|_, slot| tablet.contains(slot)) else { return false };
    let Some(sent) = side.world.devices.get(&(A, slot.clone())) else { return false };
    let mut body = sent.body.clone();
    body["device_shared"] = json!(false);
    let told = body["answers"].as_object_mut().unwrap();
    for (question, answer) in forms::answers(key, &mut side.chance).as_object().unwrap() {
        // What all their answers come to is read by both, as it opens.
        if forms::is_never_read(key, question) {
            told.entry(question).or_insert_with(|| answer.clone());
        }
    }
    side.world.send(A, &slot, body).await.status.is_success()
}

/// Of a form that has both, only what waits for B's answer is another.
pub async fn changes_mutual_part(side: &mut Side<'_>) -> bool {
    let of_b = side.tale.slots_of(B);
    let fits = |key: &str, slot: &Slot| key == "quarterly_review" && !of_b.contains(slot);
    let Some((_, slot)) = side.open_where(fits) else { return false };
    let Some(sent) = side.world.devices.get(&(A, slot.clone())) else { return false };
    let mut body = sent.body.clone();
    body["answers"]["felt_good"] = json!(format!("The {}.", side.chance.text(b"qrstuv", 6)));
    let done = side.world.send(A, &slot, body).await.status.is_success();
    if done {
        // What B would be shown is other than in the first world, until A sends the same in both.
        side.world.hidden.closed.insert(slot);
    }
    done
}
