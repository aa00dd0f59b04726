//! A day at the practice in which every sealed field is written once, with a canary in each.

use serde_json::json;

use super::canaries::Canaries;
use crate::support::TestApp;

/// One day at the practice: every sealed field is written once.
pub async fn live(app: &TestApp, canaries: &mut Canaries) {
    let admin = app.caller("practice_admin");
    let mut clients = Vec::new();
    for _ in 0..3 {
        let body = json!({
            "external_id": canaries.text("NewClient/external_id"),
            "given_name": canaries.text("NewClient/given_name"),
            "family_name": canaries.text("NewClient/family_name"),
            "preferred_name": canaries.text("NewClient/preferred_name"),
            "pronouns": canaries.text("NewClient/pronouns"),
            "email": canaries.email("NewClient/email"),
            "phone": canaries.phone("NewClient/phone"),
            "date_of_birth": canaries.born("NewClient/date_of_birth"),
        });
        let key = format!("key-{}", canaries.made.len());
        let made =
            admin.header("idempotency-key", &key).post("/v1/clients", body).await.expect(201);
        clients.push(made.text("/id"));
    }
    let patch = json!({
        "external_id": canaries.text("ClientPatch/external_id"),
        "given_name": canaries.text("ClientPatch/given_name"),
        "family_name": canaries.text("ClientPatch/family_name"),
        "preferred_name": canaries.text("ClientPatch/preferred_name"),
        "pronouns": canaries.text("ClientPatch/pronouns"),
        "email": canaries.email("ClientPatch/email"),
        "phone": canaries.phone("ClientPatch/phone"),
        "date_of_birth": canaries.born("ClientPatch/date_of_birth"),
    });
    admin.patch(&format!("/v1/clients/{}", clients[0]), patch).await.expect(200);
    staff(app, canaries).await;
    couple(app, canaries, &clients).await;
    programme(app, canaries).await;
    super::record::sessions(app, canaries).await;
    super::record::notes(app, canaries).await;
    safety(app, canaries).await;
    let own = json!({
        "preferred_name": canaries.text("MePatch/preferred_name"),
        "pronouns": canaries.text("MePatch/pronouns"),
        "email": canaries.email("MePatch/email"),
        "phone": canaries.phone("MePatch/phone"),
    });
    app.caller("partner_a").patch("/v1/me", own).await.expect(200);
    // What is looked for is not written down either.
    let sought = canaries.made[canaries.made.len() - 1].clone();
    admin.get(&format!("/v1/users?email={sought}%40people.example")).await.expect(200);
}

async fn staff(app: &TestApp, canaries: &mut Canaries) {
    let admin = app.caller("practice_admin");
    let body = json!({
        "display_name": canaries.text("NewClinician/display_name"),
        "credentials": canaries.text("NewClinician/credentials"),
        "bio": canaries.text("NewClinician/bio"),
    });
    let clinician = admin.post("/v1/clinicians", body).await.expect(201).text("/id");
    let patch = json!({
        "display_name": canaries.text("ClinicianPatch/display_name"),
        "credentials": canaries.text("ClinicianPatch/credentials"),
        "bio": canaries.text("ClinicianPatch/bio"),
    });
    admin.patch(&format!("/v1/clinicians/{clinician}"), patch).await.expect(200);
    let body = json!({ "email": canaries.email("NewUser/email"), "clinician_id": clinician });
    let user = admin.post("/v1/users", body).await.expect(201).text("/id");
    let patch = json!({ "email": canaries.email("UserPatch/email") });
    admin.patch(&format!("/v1/users/{user}"), patch).await.expect(200);
}

async fn couple(app: &TestApp, canaries: &mut Canaries, clients: &[String]) {
    let admin = app.caller("practice_admin");
    let mut member = |client: &String| json!({ "client_id": client, "display_name": canaries.text("NewCouple/members/display_name") });
    let members = [member(&clients[0]), member(&clients[1])];
    let body = json!({
        "label": canaries.text("NewCouple/label"),
        "structure_text": canaries.text("NewCouple/structure_text"),
        "members": members,
    });
    let couple = admin.post("/v1/couples", body).await.expect(201).text("/id");
    let path = format!("/v1/couples/{couple}");
    let patch = json!({
        "label": canaries.text("CouplePatch/label"),
        "structure_text": canaries.text("CouplePatch/structure_text"),
    });
    admin.patch(&path, patch).await.expect(200);
    admin.delete(&format!("{path}/members/{}", clients[1])).await.expect(204);
    let body =
        json!({ "client_id": clients[2], "display_name": canaries.text("NewMember/display_name") });
    admin.post(&format!("{path}/members"), body).await.expect(201);
    let patch = json!({ "display_name": canaries.text("CoupleMemberPatch/display_name") });
    let member = format!("{path}/members/{}", clients[0]);
    admin.patch_if(&member, "*", patch).await.expect(200);
    treatment(app, canaries, &clients[0]).await;
    homework(app, canaries, &clients[0]).await;
}

async fn treatment(app: &TestApp, canaries: &mut Canaries, client: &str) {
    let admin = app.caller("practice_admin");
    for kind in ["informed_consent", "disclosure_statement"] {
        let body = json!({
            "client_id": client, "kind": kind, "document_version": "1",
            "signer_name": canaries.text("NewConsent/signer_name"),
        });
        admin.post("/v1/consents", body).await.expect(201);
    }
    let team = json!([{ "clinician_id": app.id("clinician"), "role": "primary" }]);
    let body = json!({ "client_id": client, "care_team": team });
    let treatment = admin.post("/v1/treatments", body).await.expect(201).text("/id");
    let reason = json!({
        "consult_waived_reason": canaries.text("ActivateTreatment/consult_waived_reason"),
    });
    admin.post(&format!("/v1/treatments/{treatment}/activate"), reason).await.expect(200);
}

async fn homework(app: &TestApp, canaries: &mut Canaries, client: &str) {
    let admin = app.caller("practice_admin");
    let found = admin.get("/v1/activity-definitions?key=label_to_observation").await;
    let body = json!({
        "activity_definition_id": found.text("/data/0/id"), "client_id": client,
        "note": canaries.text("NewAssignment/note"),
        "deviation": canaries.text("NewAssignment/deviation"),
    });
    let made = admin.post("/v1/assignments", body).await.expect(201);
    let patch = json!({ "note": canaries.text("AssignmentPatch/note") });
    let path = format!("/v1/assignments/{}", made.text("/id"));
    admin.patch(&path, patch).await.expect(200);
    let error = json!({ "reason": canaries.text("EnterAssignmentInError/reason") });
    admin.post(&format!("{path}/enter-in-error"), error).await.expect(200);
    answers(app, canaries).await;
}

/// What both of a couple send, as a form and as it happens, with what a clinician says of it.
async fn answers(app: &TestApp, canaries: &mut Canaries) {
    let (morgan, a) = (app.caller("clinician"), app.caller("partner_a"));
    let assign = async |key: &str, whom: &str, id: String| {
        let found = morgan.get(&format!("/v1/activity-definitions?key={key}")).await;
        let new = json!({ "activity_definition_id": found.text("/data/0/id"), (whom): id });
        morgan.post("/v1/assignments", new).await.expect(201).text("/id")
    };
    let place = |homework: &str, number: usize| {
        let id = uuid::Uuid::from_u128(u128::try_from(number).unwrap() + (7 << 76));
        let id = attune::db::id::SubmissionId::from_uuid(id);
        (format!("/v1/assignments/{homework}/submissions/{id}"), format!("/v1/submissions/{id}"))
    };
    let rocks = assign("big_rocks", "client_id", app.id("partner_a")).await;
    let row =
        json!({ "row_id": "1", "title": canaries.text("NewSubmission/answers"), "weight": "rock" });
    let body = json!({ "status": "submitted", "answers": { "rocks": [row] } });
    let (at, read) = place(&rocks, canaries.made.len());
    a.put(&at, body).await.expect(201);
    let reviewed =
        morgan.get(&format!("/v1/submissions?assignment_id={rocks}")).await.text("/data/0/id");
    let comment = canaries.text("NewReview/comment");
    morgan
        .post("/v1/reviews", json!({ "submission_id": reviewed, "comment": comment }))
        .await
        .expect(201);
    a.get(&read).await.expect(200);
    let bids = assign("bids", "couple_id", app.id("couple")).await;
    let entry = json!({ "at": "2026-12-01T10:00:00Z", "answers": {
        "what": canaries.text("NewEntry/answers"), "made_by": "me" } });
    let (at, _) = place(&bids, canaries.made.len());
    a.put(&at, json!({ "status": "submitted", "entries": [entry] })).await.expect(201);
    morgan.act(&format!("/v1/assignments/{bids}/complete")).await.expect(200);
}

/// A programme from its beginning to its withdrawal, each step with its reason.
async fn programme(app: &TestApp, canaries: &mut Canaries) {
    let morgan = app.caller("clinician");
    let new = json!({ "reason": canaries.text("NewProgram/reason") });
    let made = morgan.post(crate::programs::PATH, crate::programs::roadmap(app, new)).await;
    let path = format!("{}/{}", crate::programs::PATH, made.expect(201).text("/id"));
    let steps = [
        ("extend", json!({ "days": 1, "reason": canaries.text("ExtendProgram/reason") })),
        (
            "deviate",
            json!({ "kind": "skip", "action": "quiet_hours",
                            "reason": canaries.text("DeviateFromProgram/reason") }),
        ),
        (
            "carry-forward",
            json!({ "action": "gestures",
                                  "reason": canaries.text("CarryForward/reason") }),
        ),
        ("advance", json!({ "reason": canaries.text("StepProgram/reason") })),
    ];
    for (step, body) in steps {
        morgan.post(&format!("{path}/{step}"), body).await.expect(200);
    }
    morgan.act(&format!("{path}/withdraw")).await.expect(200);
}

async fn safety(app: &TestApp, canaries: &mut Canaries) {
    let morgan = app.caller("clinician");
    let help = json!({
        "kind": "private_safety", "message": canaries.text("NewHelpRequest/message"),
    });
    app.caller("partner_a").post("/v1/me/help-requests", help).await.expect(201);
    let alert = json!({
        "client_id": app.id("partner_a"), "code": "ipv_disclosed",
        "detail": canaries.text("RaiseAlert/detail"),
    });
    let alert = morgan.post("/v1/alerts", alert).await.expect(201).text("/id");
    let hold = json!({
        "couple_id": app.id("couple"), "kind": "conjoint", "cover_reason": "focus_shift",
        "alert_id": alert, "reason": canaries.text("NewHold/reason"),
    });
    morgan.post("/v1/holds", hold).await.expect(201);
    let path = format!("/v1/alerts/{alert}");
    let plan = json!({ "plan": canaries.text("AlertPatch/plan") });
    morgan.patch(&path, plan).await.expect(200);
    // Calls are written into the log that is searched.
    app.tick().await;
    let reason = json!({ "reason": canaries.text("CloseAlert/reason") });
    morgan.post(&format!("{path}/resolve"), reason).await.expect(200);
}
