//! What A begins, or says no to.

use serde_json::json;

use super::Side;
use crate::interference::forms;
use crate::interference::tale::Slot;
use crate::interference::world::{A, B};

async fn draft(side: &mut Side<'_>, key: &'static str, slot: Slot) -> bool {
    let body = forms::drafted(key, &mut side.chance);
    let done = side.world.send(A, &slot, body).await.status.is_success();
    if done {
        side.world.hidden.begun.insert(slot);
    }
    done
}

pub async fn saves(side: &mut Side<'_>) -> bool {
    // Of what opens in two parts at one moment, both may lie by what was there before.
    let review = side.fresh(|key| key == "quarterly_review");
    let both = review.filter(|(_, slot)| side.tale.has_sent(B, slot));
    // Of the pulse something comes for both.
    let often = side.chance.below(3) == 0;
    let pulse = side.fresh(|key| often && key == "weekly_pulse");
    let any = || side.fresh(|key| !forms::is_event(key));
    let Some((key, slot)) = both.or(pulse).or_else(any) else { return false };
    draft(side, key, slot).await
}

pub async fn changes(side: &mut Side<'_>) -> bool {
    if side.world.hidden.begun.is_empty() {
        saves(side).await;
    }
    let begun: Vec<Slot> = side.world.hidden.begun.iter().cloned().collect();
    let Some(slot) = side.chance.pick(&begun).cloned() else { return false };
    if side.tale.has_sent(A, &slot) {
        return false;
    }
    let key = side.tale.key(&slot);
    draft(side, key, slot).await
}

/// Events are not kept half done: it is refused, and that is nobody else's either.
pub async fn saves_events(side: &mut Side<'_>) -> bool {
    let Some((key, slot)) = side.fresh(forms::is_event) else { return false };
    !draft(side, key, slot).await
}

/// The same id as that under which B's device will send: two devices know nothing of each other.
pub async fn takes_an_id(side: &mut Side<'_>) -> bool {
    let Some((key, slot)) = side.fresh(|_| true) else { return false };
    if side.world.devices.contains_key(&(A, slot.clone()))
        || side.tale.sent.contains_key(&(B, slot.clone()))
    {
        return false;
    }
    let device = side.world.device(B, &slot);
    let path = format!("/v1/assignments/{}/submissions/{device}", slot.assignment);
    let mut body = forms::drafted(key, &mut side.chance);
    if let Some(day) = &slot.day {
        body["local_date"] = day.clone().into();
    }
    let done = side.world.caller(A).put(&path, body).await.status.is_success();
    if done {
        side.world.hidden.taken.insert(slot);
    }
    done
}

pub async fn skips(side: &mut Side<'_>) -> bool {
    let Some((_, slot)) = side.fresh(|key| !forms::is_event(key)) else { return false };
    let done = side.world.send(A, &slot, json!({ "status": "skipped" })).await.status.is_success();
    if done {
        side.world.hidden.begun.insert(slot);
    }
    done
}
