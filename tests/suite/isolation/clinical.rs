//! The clinical record of the world: sessions with both partners, with one of them, and elsewhere.

use serde_json::{Value, json};

use super::marks::canary;
use super::world::{ADMINS, World};

impl World {
    /// Of the couple that everybody's trials turn around, of the couple on a break, and of A with somebody else.
    pub(super) async fn clinical_record(&mut self) {
        let id = |name: &str| self.app.id(name);
        let (a, b, c) = (id("partner_a"), id("partner_b"), id("partner_c"));
        let (couple, on_break) = (id("treatment"), id("treatment_on_hold"));
        let individual = id("individual_client");
        let alone = self.treatment_of("associate", "client_id", &a).await;
        let single = self.treatment_of("clinician", "client_id", &individual).await;
        let d = self.other_member(&id("couple_on_break"), &c).await;
        self.session("clinician", &couple, "conjoint", 1, &[&a, &b]).await;
        self.session("clinician", &couple, "individual_within_couple", 2, &[&a]).await;
        self.session("clinician", &couple, "individual_within_couple", 3, &[&b]).await;
        self.session("clinician", &single, "individual", 4, &[&individual]).await;
        self.session("associate", &alone, "individual", 5, &[&a]).await;
        self.session("associate", &on_break, "conjoint", 6, &[&c, &d]).await;
        let moved = self.session("clinician", &couple, "conjoint", 7, &[&a, &b]).await;
        let path = format!("/v1/sessions/{moved}/cancel");
        self.post("clinician", &path, json!({ "by": "client" })).await;
        let of_couple = json!({ "treatment_id": couple });
        self.note("clinician", of_couple.clone(), true).await;
        self.note("clinician", of_couple, false).await;
        self.note("clinician", json!({ "treatment_id": couple, "client_id": a }), true).await;
        self.note("clinician", json!({ "treatment_id": couple, "client_id": b }), false).await;
        self.note("clinician", json!({ "treatment_id": single }), true).await;
        self.note("associate", json!({ "treatment_id": alone }), false).await;
        self.note("associate", json!({ "treatment_id": on_break }), true).await;
        self.note("associate", json!({ "treatment_id": on_break }), false).await;
        self.skeleton(ADMINS[0], true).await;
        self.skeleton("clinician", false).await;
        self.skeleton("associate", false).await;
        self.apart("clinician", json!({ "client_id": a })).await;
        self.apart("associate", json!({ "client_id": c })).await;
        for who in ["clinician", "associate"] {
            let held = self.caller(who).get("/v1/sessions?limit=4").await.ids();
            for (number, session) in held.iter().enumerate() {
                self.summary(who, session, number % 2 == 0).await;
            }
        }
    }

    pub(super) async fn clinical_record_elsewhere(&mut self, couple: &str) {
        let who = "other_practice_clinician";
        let own = self.app.id("other_practice_client");
        let partner = self.other_member(couple, &own).await;
        let treatment = self.treatment_of(who, "couple_id", couple).await;
        self.session(who, &treatment, "conjoint", 1, &[&own, &partner]).await;
        self.session(who, &treatment, "individual_within_couple", 2, &[&partner]).await;
        self.note(who, json!({ "treatment_id": treatment }), true).await;
        self.note(who, json!({ "treatment_id": treatment, "client_id": own }), false).await;
        self.skeleton(who, false).await;
        self.apart(who, json!({ "client_id": own })).await;
        for session in self.caller(who).get("/v1/sessions?limit=2").await.ids() {
            self.summary(who, &session, true).await;
        }
    }

    async fn summary(&mut self, who: &str, session: &str, published: bool) {
        let new = json!({ "session_id": session });
        let id = self.make(who, "/v1/session-summaries", new).await;
        if published {
            let path = format!("/v1/session-summaries/{id}/publish");
            self.post(who, &path, json!({ "neutral": true })).await;
        }
    }

    async fn apart(&mut self, who: &str, about: Value) {
        self.make(who, "/v1/psychotherapy-notes", about).await;
    }

    /// A note with a canary in each section, signed and amended or left as a draft.
    async fn note(&mut self, who: &str, mut new: Value, signed: bool) {
        let text = |world: &mut Self| canary(&mut world.chance, &json!({ "maxLength": 200 }));
        new["format"] = json!("soap");
        new["sections"] = json!([{ "name": "subjective", "text": text(self) },
                                 { "name": "assessment", "text": text(self) }]);
        let path = format!("/v1/session-notes/{}", self.make(who, "/v1/session-notes", new).await);
        if signed {
            let after = self.post(who, &format!("{path}/sign"), json!({})).await;
            if after.text("/status") == "signed" {
                let more = json!({ "reason": "late_entry" });
                self.post(who, &format!("{path}/addenda"), more).await;
            }
        }
    }

    async fn skeleton(&mut self, who: &str, of_practice: bool) {
        let text = canary(&mut self.chance, &json!({ "maxLength": 200 }));
        let new = json!({ "format": "dap", "of_practice": of_practice,
            "sections": [{ "name": "plan", "text": text }] });
        self.make(who, "/v1/note-templates", new).await;
    }

    /// The treatment of a couple or of one client, as this clinician knows it.
    async fn treatment_of(&self, who: &str, whom: &str, id: &str) -> String {
        let list = format!("/v1/treatments?{whom}={id}&status=active,inquiry,on_hold");
        self.caller(who).get(&list).await.text("/data/0/id")
    }

    async fn other_member(&self, couple: &str, one: &str) -> String {
        let admin =
            if self.app.id("other_practice_couple") == couple { ADMINS[1] } else { ADMINS[0] };
        let members = self.caller(admin).get(&format!("/v1/couples/{couple}/members")).await.json();
        let members = members["data"].as_array().cloned().unwrap_or_default();
        let other = members.iter().find(|member| {
            member["client_id"].as_str() != Some(one) && member["invitation_state"] == "accepted"
        });
        other.and_then(|member| member["client_id"].as_str()).expect("another member").to_owned()
    }

    /// A session in an office, on a day of its own.
    async fn session(
        &mut self,
        who: &str,
        treatment: &str,
        kind: &str,
        day: u8,
        with: &[&str],
    ) -> String {
        let office = self.caller(who).get("/v1/offices?limit=1").await.text("/data/0/id");
        let participants: Vec<Value> = with
            .iter()
            .map(|client| json!({ "client_id": client, "location_state": "WA" }))
            .collect();
        let new = json!({
            "treatment_id": treatment, "kind": kind, "modality": "in_person", "office_id": office,
            "starts_at": format!("2026-12-1{day}T18:00:00Z"), "ends_at": format!("2026-12-1{day}T18:50:00Z"),
            "participants": participants, "requested": false,
        });
        self.make(who, "/v1/sessions", new).await
    }
}
