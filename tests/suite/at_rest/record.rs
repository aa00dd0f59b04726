//! The clinical record, written with canaries.

use diesel::connection::SimpleConnection;
use serde_json::{Value, json};

use super::canaries::{Canaries, Needles, kept};
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

/// A template, a note that is returned and signed twice, and one that is amended and in error.
pub(super) async fn notes(app: &TestApp, canaries: &mut Canaries) {
    let (rilan, ines) = (app.caller("associate"), app.caller("supervisor"));
    let section = |name: &str, text: Value| json!([{ "name": name, "text": text }]);
    let skeleton = json!({ "format": "free", "name": canaries.text("NewNoteTemplate/name"),
        "sections": section("text", canaries.text("NewNoteSection/text")) });
    let path = rilan.post("/v1/note-templates", skeleton).await.expect(201).header("location");
    let named = json!({ "name": canaries.text("NoteTemplatePatch/name") });
    rilan.patch(&path, named).await.expect(200);
    let new = json!({ "treatment_id": app.id("treatment_on_hold"), "format": "free",
        "sections": section("text", canaries.text("NewNoteSection/text")) });
    let note = rilan.post("/v1/session-notes", new).await.expect(201).header("location");
    let changed = json!({ "sections": section("text", canaries.text("NewNoteSection/text")) });
    rilan.patch(&note, changed).await.expect(200);
    let mut hand = json!({ "typed_name": canaries.text("SignNote/typed_name") });
    rilan.post(&format!("{note}/sign"), hand.clone()).await.expect(200);
    let remark = json!({ "remark": canaries.text("ReturnNote/remark") });
    ines.post(&format!("{note}/return"), remark).await.expect(200);
    rilan.post(&format!("{note}/sign"), hand.clone()).await.expect(200);
    hand["typed_name"] = canaries.text("SignNote/typed_name");
    ines.post(&format!("{note}/cosign"), hand).await.expect(200);
    let more = json!({ "reason": "correction", "text": canaries.text("NewAddendum/text"),
        "typed_name": canaries.text("NewAddendum/typed_name") });
    rilan.post(&format!("{note}/addenda"), more).await.expect(201);
    let wrong = json!({ "reason": canaries.text("EnterNoteInError/reason") });
    rilan.post(&format!("{note}/enter-in-error"), wrong).await.expect(200);
    rilan.get(&format!("{note}/history")).await.expect(200);
    apart(app, canaries).await;
}

/// A psychotherapy note, and a summary for clients.
async fn apart(app: &TestApp, canaries: &mut Canaries) {
    let morgan = app.caller("clinician");
    let new = json!({ "client_id": app.id("partner_a"), "text": canaries.text("NewPsychotherapyNote/text") });
    let path = morgan.post("/v1/psychotherapy-notes", new).await.expect(201).header("location");
    let more = json!({ "text": canaries.text("PsychotherapyNotePatch/text") });
    morgan.patch(&path, more).await.expect(200);
    let session = morgan.get("/v1/sessions?limit=1").await.text("/data/0/id");
    let new = json!({ "session_id": session, "text": canaries.text("NewSessionSummary/text") });
    let path = morgan.post("/v1/session-summaries", new).await.expect(201).header("location");
    let more = json!({ "text": canaries.text("SessionSummaryPatch/text") });
    morgan.patch(&path, more).await.expect(200);
    morgan.post(&format!("{path}/publish"), json!({ "neutral": true })).await.expect(200);
    app.caller("partner_a").get("/v1/me/summaries").await.expect(200);
}

/// Notes of which each holds eight canaries.
const NOTES: usize = 1_250;

#[actix_web::test]
async fn ten_thousand_canaries_in_notes_are_found_neither_in_the_file_nor_in_a_copy() {
    let (app, mut canaries) = (TestApp::start().await, Canaries::new());
    let morgan = app.caller("clinician");
    let names = [
        "subjective",
        "objective",
        "assessment",
        "plan",
        "each_partners_part",
        "cycle_or_pattern",
        "repairs_seen",
        "pacing",
    ];
    for number in 0..NOTES {
        let mut section =
            |name| json!({ "name": name, "text": canaries.text("NewNoteSection/text") });
        let sections: Vec<Value> = names.iter().map(&mut section).collect();
        let new =
            json!({ "treatment_id": app.id("treatment"), "format": "soap", "sections": sections });
        let path = morgan.post("/v1/session-notes", new).await.expect(201).header("location");
        if number % 5 == 0 {
            let hand = json!({ "typed_name": "M. Sample" });
            morgan.post(&format!("{path}/sign"), hand).await.expect(200);
        }
    }
    assert!(canaries.made.len() >= 10_000, "only {}", canaries.made.len());
    if let Some(file) = &app.database.file {
        let copy = file.with_file_name("backup.db").display().to_string();
        app.database.open().batch_execute(&format!("VACUUM INTO '{copy}'")).unwrap();
    }
    let needles = Needles::of(&canaries.made);
    let (mut bytes, mut places) = (0, 0);
    for (place, kept) in kept(&app) {
        assert_eq!(needles.found_in(&kept), 0, "in {place}");
        bytes += kept.len();
        places += 1;
    }
    println!(
        "{} canaries in {NOTES} notes: 0 in {bytes} bytes of {places} places",
        canaries.made.len()
    );
}
