//! Treatments and the teams that give them.

use std::collections::BTreeMap;

use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use serde_json::json;

use crate::support::TestApp;

const ACTIONS: [(&str, &str); 10] = [
    ("schedule-consult", ""),
    ("complete-consult", r#"{"outcome":"fit"}"#),
    ("complete-consult", r#"{"outcome":"not_fit"}"#),
    ("activate", r#"{"consult_waived_reason":"Known from before"}"#),
    ("taper", ""),
    ("maintain", ""),
    ("hold", ""),
    ("resume", ""),
    ("transfer", ""),
    ("close", r#"{"reason":"completed"}"#),
];

/// A treatment by `domain` 2.4.5 and not by the code: where it stands, and where it was held.
#[derive(Debug, Clone, Copy)]
struct Model {
    status: &'static str,
    held_from: &'static str,
}

impl Model {
    fn after(self, action: &str, body: &str) -> Option<Self> {
        let running = matches!(self.status, "active" | "tapering" | "maintenance");
        let before = matches!(self.status, "inquiry" | "consult_scheduled" | "consult_completed");
        let status = match (action, self.status) {
            ("schedule-consult", "inquiry") => "consult_scheduled",
            ("complete-consult", "consult_scheduled") if body.contains("not_fit") => "closed",
            ("complete-consult", "consult_scheduled") => "consult_completed",
            ("activate", _) if before => "active",
            ("taper", "active") => "tapering",
            ("maintain", "tapering") => "maintenance",
            ("hold", _) if running => "on_hold",
            ("resume", "on_hold") => self.held_from,
            ("transfer", _) if running => "transferred",
            ("close", _) if running || before || self.status == "on_hold" => "closed",
            _ => return None,
        };
        let held_from = if action == "hold" { self.status } else { "" };
        Some(Self { status, held_from })
    }

    fn possible(self) -> Vec<&'static str> {
        let mut names: Vec<_> = ACTIONS
            .iter()
            .filter(|(action, body)| self.after(action, body).is_some())
            .map(|(action, _)| *action)
            .collect();
        names.dedup();
        names
    }
}

async fn act(app: &TestApp, path: &str, action: &str, body: &str) -> crate::support::Answer {
    let (morgan, path) = (app.caller("clinician"), format!("{path}/{action}"));
    if body.is_empty() {
        return morgan.act(&path).await;
    }
    morgan.post(&path, serde_json::from_str(body).unwrap()).await
}

async fn new_treatment(app: &TestApp) -> String {
    let body = json!({ "client_id": app.id("individual_client") });
    let made = app.caller("clinician").post("/v1/treatments", body).await.expect(201);
    format!("/v1/treatments/{}", made.text("/id"))
}

#[actix_web::test]
async fn whatever_is_tried_in_whatever_order_the_status_is_that_of_the_model() {
    let app = TestApp::start().await;
    let mut runner = TestRunner::deterministic();
    // The ways that end it are tried less often, or it would seldom come far.
    let action = prop_oneof![30 => prop::sample::select(vec![0_usize, 1, 3, 4, 5, 6, 7]),
        2 => prop::sample::select(vec![2_usize, 8, 9])];
    let sequences = prop::collection::vec(action, 40);
    let (mut taken, mut refused) = (0, 0);
    for _ in 0..25 {
        let path = new_treatment(&app).await;
        let mut model = Model { status: "inquiry", held_from: "" };
        for choice in sequences.new_tree(&mut runner).unwrap().current() {
            let (action, body) = ACTIONS[choice];
            let answer = act(&app, &path, action, body).await;
            if let Some(next) = model.after(action, body) {
                assert_eq!(answer.expect(200).text("/status"), next.status, "{model:?} {action}");
                (model, taken) = (next, taken + 1);
            } else {
                let problem = answer.expect(409).json();
                assert_eq!(problem["code"], "invalid_transition");
                assert_eq!(problem["allowed_transitions"], json!(model.possible()), "{model:?}");
                refused += 1;
            }
        }
        let shown = app.caller("clinician").get(&path).await.expect(200);
        assert_eq!(shown.text("/status"), model.status);
    }
    println!("1000 steps, {taken} transitions, {refused} refused, 0 divergences");
    assert!(taken > 100 && refused > 100);
}

#[actix_web::test]
async fn a_couples_treatment_waits_for_consents_policy_and_consultation() {
    let app = TestApp::start().await;
    let morgan = app.caller("clinician");
    let (one, two) = (morgan.make_client("Eins").await, morgan.make_client("Zwei").await);
    let member = |id: &str| json!({ "client_id": id, "display_name": "X", "accepted": true });
    let body = json!({ "label": "E & Z", "members": [member(&one), member(&two)] });
    let couple = morgan.post("/v1/couples", body).await.expect(201).text("/id");
    let made = morgan.post("/v1/treatments", json!({ "couple_id": couple })).await.expect(201);
    let path = format!("/v1/treatments/{}/activate", made.text("/id"));
    let refused = morgan.post(&path, json!({})).await.expect(409);
    assert_eq!(refused.text("/code"), "requirements_missing");
    let mut missing = refused.faults();
    missing.sort();
    assert_eq!(
        missing,
        [
            "/consents consent_missing",
            "/consents consent_missing",
            "/consents consent_missing",
            "/consents consent_missing",
            "/consult_waived_reason consult_required",
            "/couple_id couple_not_active",
            "/couple_id secrets_policy_open",
        ]
    );
    morgan.act(&format!("/v1/couples/{couple}/activate")).await.expect(200);
    for client in [&one, &two] {
        for kind in ["informed_consent", "disclosure_statement"] {
            let body = json!({ "client_id": client, "kind": kind, "document_version": "1", "signer_name": "X" });
            morgan.post("/v1/consents", body).await.expect(201);
        }
    }
    let waived = json!({ "consult_waived_reason": "Known from before" });
    assert_eq!(
        morgan.post(&path, waived).await.expect(409).faults(),
        ["/couple_id secrets_policy_open"]
    );
}

/// Members by clinician, as the rules say: the primary goes on as co-therapist when another is
/// made primary, and can neither leave nor become something else before.
fn put(team: &mut BTreeMap<usize, &'static str>, who: usize, role: &'static str) -> u16 {
    match team.get(&who) {
        Some(present) if *present == role => return 200,
        Some(&"primary") => return 409,
        _ => {}
    }
    let status = if team.contains_key(&who) { 200 } else { 201 };
    if role == "primary" {
        team.values_mut()
            .filter(|present| **present == "primary")
            .for_each(|present| *present = "co_therapist");
    }
    team.insert(who, role);
    status
}

#[actix_web::test]
async fn there_is_one_primary_clinician_whatever_is_tried() {
    let app = TestApp::start().await;
    let admin = app.caller("practice_admin");
    let mut clinicians: Vec<String> =
        ["clinician", "supervisor", "associate"].iter().map(|name| app.id(name)).collect();
    let made = admin.post("/v1/clinicians", json!({ "display_name": "Vierte" })).await.expect(201);
    clinicians.push(made.text("/id"));
    let path = new_treatment(&app).await;
    let mut team = BTreeMap::from([(0, "primary")]);
    let roles = ["primary", "co_therapist", "supervisor", "covering"];
    let steps = prop::collection::vec((0..4_usize, 0..6_usize), 150);
    for (who, what) in steps.new_tree(&mut TestRunner::deterministic()).unwrap().current() {
        let member = format!("{path}/care-team/{}", clinicians[who]);
        if let Some(role) = roles.get(what) {
            let expected = put(&mut team, who, role);
            admin.put(&member, json!({ "role": role })).await.expect(expected);
        } else {
            let expected = match team.get(&who) {
                None => 404,
                Some(&"primary") => 409,
                Some(_) => 204,
            };
            admin.delete(&member).await.expect(expected);
            if expected == 204 {
                team.remove(&who);
            }
        }
        let shown = admin.get(&path).await.expect(200).json();
        let shown: BTreeMap<usize, String> = shown["care_team"]
            .as_array()
            .unwrap()
            .iter()
            .map(|member| {
                let who = clinicians.iter().position(|id| member["clinician_id"] == **id).unwrap();
                (who, member["role"].as_str().unwrap().to_owned())
            })
            .collect();
        let expected: BTreeMap<usize, String> =
            team.iter().map(|(who, role)| (*who, (*role).to_owned())).collect();
        assert_eq!(shown, expected);
        assert_eq!(team.values().filter(|role| **role == "primary").count(), 1);
    }
    println!("150 changes of a care team, one primary always");
}

#[actix_web::test]
async fn access_follows_the_care_team_on_the_next_request() {
    let app = TestApp::start().await;
    let (admin, supervisor) = (app.caller("practice_admin"), app.caller("supervisor"));
    let path = format!("/v1/treatments/{}", app.id("treatment"));
    supervisor.get(&path).await.expect(404);
    let member = format!("{path}/care-team/{}", app.id("supervisor"));
    admin.put(&member, json!({ "role": "covering" })).await.expect(201);
    supervisor.get(&path).await.expect(200);
    supervisor.get(&format!("/v1/clients/{}", app.id("partner_a"))).await.expect(200);
    admin.delete(&member).await.expect(204);
    supervisor.get(&path).await.expect(404);
    supervisor.get(&format!("/v1/clients/{}", app.id("partner_a"))).await.expect(404);
}
