//! The clinical record, written with canaries.

use serde_json::{Value, json};

use super::canaries::Canaries;
use crate::sessions::{alone, joint};
use crate::support::TestApp;

/// A licence number, and every reason that a session can have.
pub(super) async fn sessions(app: &TestApp, canaries: &mut Canaries) {
    let admin = app.caller("practice_admin");
    let license = |state: &str, number: Value| json!({ "state": state, "number": number });
    let new = json!({ "licenses": [license("WA", canaries.text("NewLicense/number"))] });
    let path = format!("/v1/clinicians/{}/licenses", app.id("clinician"));
    admin.put(&path, new).await.expect(200);
    let morgan = app.caller("clinician");
    let made = i64::try_from(canaries.made.len()).unwrap();
    let begun = app.clock.now().plus_seconds(-10_000 * made);
    let at = |mut new: Value, shift: i64| {
        let from = begun.plus_seconds(shift);
        new["starts_at"] = json!(from.to_string());
        new["ends_at"] = json!(from.plus_seconds(1_200).to_string());
        new
    };
    let mut away = at(alone(app, 10).await, 0);
    away["modality"] = json!("telehealth_audio");
    away["office_id"] = json!(null);
    away["participants"][0]["location_state"] = json!("NV");
    away["exception_reason"] = canaries.text("NewSession/exception_reason");
    let path = morgan.post("/v1/sessions", away).await.expect(201).header("location");
    let patch = json!({ "exception_reason": canaries.text("SessionPatch/exception_reason") });
    morgan.patch(&path, patch).await.expect(200);
    let reason = canaries.text("SetSessionParticipant/exception_reason");
    let part =
        json!({ "attendance": "expected", "location_state": "UT", "exception_reason": reason });
    let place = format!("{path}/participants/{}", app.id("partner_a"));
    morgan.put(&place, part).await.expect(200);
    let held = json!({ "exception_reason": canaries.text("CompleteSession/exception_reason") });
    morgan.post(&format!("{path}/complete"), held).await.expect(200);
    let other = at(joint(app, 10).await, 2_400);
    let path = morgan.post("/v1/sessions", other).await.expect(201).header("location");
    let reason = json!({ "by": "client", "reason": canaries.text("CancelSession/reason") });
    morgan.post(&format!("{path}/cancel"), reason).await.expect(200);
}
