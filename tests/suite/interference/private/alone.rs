//! Homework that is A's alone: assigned, done, left, hidden.

use serde_json::{Value, json};

use super::Side;
use crate::interference::forms;
use crate::interference::tale::Slot;
use crate::interference::world::{A, CLINICIAN};

/// Assigns an exercise to A; its id.
async fn assign(side: &mut Side<'_>, key: &'static str) -> Option<String> {
    let body =
        json!({ "activity_definition_id": side.tale.exercises[key], "client_id": side.tale.a });
    let answer = side.world.caller(CLINICIAN).post("/v1/assignments", body).await;
    if !side.world.hide("asg", &answer) {
        return None;
    }
    let id = answer.text("/id");
    side.world.hidden.alone.push((key, id.clone()));
    Some(id)
}

fn slot(assignment: String) -> Slot {
    Slot { assignment, day: None, batch: 0 }
}

/// An assignment of A's own with these exercises; a new one when there is none.
async fn own(side: &mut Side<'_>, keys: &[&'static str]) -> Option<(&'static str, Slot)> {
    let fits = |one: &&(&'static str, String)| keys.contains(&one.0);
    let answered = &side.world.hidden.answered;
    let fresh =
        |one: &&(&'static str, String)| !answered.iter().any(|slot| slot.assignment == one.1);
    let found = side.world.hidden.alone.iter().filter(fits).find(fresh).cloned();
    if let Some((key, id)) = found {
        return Some((key, slot(id)));
    }
    let key = *side.chance.pick(keys)?;
    Some((key, slot(assign(side, key).await?)))
}

async fn send(side: &mut Side<'_>, slot: Slot, body: Value) -> bool {
    let answer = side.world.send(A, &slot, body).await;
    let done = answer.status.is_success();
    if done {
        let device = side.world.device(A, &slot);
        side.world.hidden.ids.insert(device);
        side.world.hidden.answered.push(slot);
    }
    done
}

const PRIVATE: [&str; 3] = ["session_fit", "label_to_observation", "big_rocks"];

pub async fn assigned(side: &mut Side<'_>) -> bool {
    let keys = side.chance.some(&forms::ALONE, 1);
    assign(side, keys[0]).await.is_some()
}

pub async fn submits(side: &mut Side<'_>) -> bool {
    let Some((key, slot)) = own(side, &PRIVATE).await else { return false };
    let body = forms::submitted(key, &mut side.chance);
    send(side, slot, body).await
}

pub async fn begins(side: &mut Side<'_>) -> bool {
    let Some((key, slot)) = own(side, &PRIVATE).await else { return false };
    let body = forms::drafted(key, &mut side.chance);
    side.world.send(A, &slot, body).await.status.is_success()
}

pub async fn skips(side: &mut Side<'_>) -> bool {
    let Some((_, slot)) = own(side, &PRIVATE).await else { return false };
    side.world.send(A, &slot, json!({ "status": "skipped" })).await.status.is_success()
}

async fn answered(side: &mut Side<'_>) -> Option<Slot> {
    if side.world.hidden.answered.is_empty() {
        submits(side).await;
    }
    let answered = side.world.hidden.answered.clone();
    side.chance.pick(&answered).cloned()
}

pub async fn amends(side: &mut Side<'_>) -> bool {
    let Some(slot) = answered(side).await else { return false };
    let key =
        side.world.hidden.alone.iter().find(|(_, id)| *id == slot.assignment).map(|(key, _)| *key);
    let body = forms::submitted(key.unwrap_or_default(), &mut side.chance);
    side.world.send(A, &slot, body).await.status.is_success()
}

pub async fn takes_back(side: &mut Side<'_>) -> bool {
    let Some(slot) = answered(side).await else { return false };
    let path = format!("/v1/submissions/{}/retract", side.world.device(A, &slot));
    side.world.caller(A).act(&path).await.status.is_success()
}

async fn path(side: &mut Side<'_>) -> Option<String> {
    own(side, &PRIVATE).await.map(|(_, slot)| format!("/v1/assignments/{}", slot.assignment))
}

pub async fn rests(side: &mut Side<'_>) -> bool {
    let Some(path) = path(side).await else { return false };
    let day = crate::interference::tale::day_after(&side.tale.today, 5);
    let a = side.world.caller(A);
    let paused = a.post(&format!("{path}/pause"), json!({ "resume_on": day })).await;
    paused.status.is_success() && a.act(&format!("{path}/resume")).await.status.is_success()
}

pub async fn held(side: &mut Side<'_>) -> bool {
    let Some(path) = path(side).await else { return false };
    let day = crate::interference::tale::day_after(&side.tale.today, 5);
    let body = json!({ "resume_on": day });
    let clinician = side.world.caller(CLINICIAN);
    clinician.post(&format!("{path}/pause"), body).await.status.is_success()
}

async fn step(side: &mut Side<'_>, name: &str) -> bool {
    let Some(path) = path(side).await else { return false };
    side.world.caller(CLINICIAN).act(&format!("{path}/{name}")).await.status.is_success()
}

pub async fn completed(side: &mut Side<'_>) -> bool {
    step(side, "complete").await
}

pub async fn withdrawn(side: &mut Side<'_>) -> bool {
    step(side, "withdraw").await
}

pub async fn entered_in_error(side: &mut Side<'_>) -> bool {
    let Some(path) = path(side).await else { return false };
    let reason = json!({ "reason": side.chance.text(b"abcdef", 8) });
    let path = format!("{path}/enter-in-error");
    side.world.caller(CLINICIAN).post(&path, reason).await.status.is_success()
}

pub async fn noted(side: &mut Side<'_>) -> bool {
    let Some(path) = path(side).await else { return false };
    let note = side.chance.text(b"abcdef", 8);
    side.world.caller(CLINICIAN).patch(&path, json!({ "note": note })).await.status.is_success()
}

async fn safety(side: &mut Side<'_>, key: &'static str, change: Value) -> Option<u16> {
    let id = assign(side, key).await?;
    let mut body = forms::submitted(key, &mut side.chance);
    for (name, value) in change.as_object().into_iter().flatten() {
        body["answers"][name] = value.clone();
    }
    let slot = slot(id);
    let device = side.world.device(A, &slot);
    side.world.hidden.ids.insert(device);
    Some(side.world.send(A, &slot, body).await.status.as_u16())
}

pub async fn screens(side: &mut Side<'_>) -> bool {
    safety(side, "risk_screen", json!({})).await == Some(201)
}

pub async fn checks_safety(side: &mut Side<'_>) -> bool {
    safety(side, "private_safety_check", json!({})).await == Some(201)
}

pub async fn hides(side: &mut Side<'_>) -> bool {
    safety(side, "private_safety_check", json!({ "hide_in_my_app": true })).await == Some(201)
}

/// Nothing is stored, and nobody is told.
pub async fn not_alone(side: &mut Side<'_>) -> bool {
    let key = ["risk_screen", "private_safety_check"][side.chance.below(2)];
    safety(side, key, json!({ "alone_now": false })).await == Some(409)
}
