//! The examples of the document: every operation is called once for real, and what was sent
//! and answered is what `openapi/examples.json` holds.
//!
//! Clock and ids are the test's own, so that a recording is the same from run to run. After a
//! change that is meant, `ATTUNE_RECORD=1 cargo test --test suite examples` writes the file
//! anew, and `cargo run -- openapi > openapi/openapi.json` the document that embeds it.

mod homework;
mod record;
mod recorder;
mod together;

use serde_json::json;

use self::recorder::Story;

#[actix_web::test]
async fn the_examples_of_the_document_are_what_the_service_answers() {
    let mut story = Story::begin().await;
    story.keys_and_callers().await;
    story.practice_and_staff().await;
    let clients = story.clients().await;
    let couple = story.couple(&clients).await;
    let treatment = story.treatment(&clients, &couple).await;
    story.sessions(&clients, &couple, &treatment).await;
    story.notes(&clients, &treatment).await;
    story.close_treatment(&treatment).await;
    story.exercises().await;
    story.homework(&couple).await;
    story.program(&clients, &couple).await;
    story.safety(&clients, &couple).await;
    story.the_end_of_a_couple(&couple).await;
    story.one_who_says_no(&clients).await;
    story.close();
}

impl Story {
    async fn keys_and_callers(&mut self) {
        self.call("anybody", "getJwks", &[], None).await;
        self.call("partner_a", "getMe", &[], None).await;
        let change = json!({
            "preferred_name": "Åsa",
            "pronouns": "she/her",
            "safe_contact": {
                "channels": ["app", "email"], "from": "09:00", "until": "17:00",
                "voicemail_ok": false, "private_device": true, "mail_ok": false,
                "sender_name_neutral": true, "shared_with_partner": ["phone"],
            },
        });
        self.call("partner_a", "updateMe", &[], Some(change)).await;
    }

    async fn practice_and_staff(&mut self) {
        let admin = "practice_admin";
        self.call("clinician", "getPractice", &[], None).await;
        let change = json!({ "website": "https://tidewater.example", "settings": { "late_cancel_hours": 48 } });
        self.call(admin, "updatePractice", &[], Some(change)).await;
        let office = json!({
            "name": "Hill Road (fictitious)", "line1": "2 Fictitious Hill", "city": "Seattle", "region": "WA",
            "postal_code": "98100", "nearby": ["Imaginary Park"],
            "posted_hours": [{ "weekday": 5, "opens": "09:00", "closes": "15:00", "note": "by appointment" }],
        });
        let office = self.call(admin, "createOffice", &[], Some(office)).await.text("/id");
        let at = [("office_id", office.as_str())];
        self.call("clinician", "getOffice", &at, None).await;
        self.call(
            admin,
            "updateOffice",
            &at,
            Some(json!({ "nearby": ["Imaginary Park", "Made-up Mill"] })),
        )
        .await;
        self.call("clinician", "listOffices?active=true", &[], None).await;

        let supervisor = self.app.id("supervisor");
        let clinician = json!({
            "display_name": "Dr. Noor Specimen", "credentials": "LMFTA", "modalities": ["eft", "gottman"],
            "accepts_new": true, "supervisor_id": supervisor, "requires_cosign": true,
        });
        let clinician = self.call(admin, "createClinician", &[], Some(clinician)).await.text("/id");
        let at = [("clinician_id", clinician.as_str())];
        self.call("clinician", "getClinician", &at, None).await;
        let change =
            json!({ "bio": "Works with couples who live in two places.", "accepts_new": false });
        self.call(admin, "updateClinician", &at, Some(change)).await;
        self.call("clinician", &format!("listClinicians?supervisor_id={supervisor}"), &[], None)
            .await;

        let user = json!({ "email": "noor@tidewater.example", "clinician_id": clinician });
        let user = self.call(admin, "createUser", &[], Some(user)).await.text("/id");
        let login = [("user_id", user.as_str())];
        self.call(admin, "getUser", &login, None).await;
        self.call(admin, "updateUser", &login, Some(json!({ "locale": "en-GB" }))).await;
        self.call(admin, "listUsers?email=noor@tidewater.example", &[], None).await;
        self.call(admin, "disableUser", &login, None).await;
        self.call(admin, "enableUser", &login, None).await;
        self.call(admin, "archiveClinician", &at, None).await;
        self.call(admin, "restoreClinician", &at, None).await;
    }

    /// Two who become a couple.
    async fn clients(&mut self) -> [String; 2] {
        let who = "clinician";
        let ida = json!({
            "given_name": "Ida", "family_name": "Ångström-Example", "pronouns": "she/her",
            "date_of_birth": "1990-02-28", "timezone": "America/Los_Angeles", "home_state": "WA",
            "phone": "+12065550118", "email": "ida@people.example", "relationship_status": "partnered",
            "chronotype": "early",
            "safe_contact": {
                "channels": ["app", "sms"], "from": "08:30", "until": "16:00",
                "voicemail_ok": false, "private_device": true, "mail_ok": false,
                "sender_name_neutral": true, "shared_with_partner": ["phone"],
            },
        });
        let ida = self.call(who, "createClient", &[], Some(ida)).await.text("/id");
        let jon = json!({ "given_name": "Jón", "family_name": "Dæmi-Example", "timezone": "America/Boise" });
        let jon = self.call(who, "createClient", &[], Some(jon)).await.text("/id");
        let at = [("client_id", ida.as_str())];
        self.call(who, "getClient", &at, None).await;
        self.call(
            who,
            "updateClient",
            &at,
            Some(json!({ "preferred_name": "Idunn", "phone": null })),
        )
        .await;
        self.call(who, "listClients?name=ang", &[], None).await;
        for operation in [
            "activateClient",
            "deactivateClient",
            "dischargeClient",
            "archiveClient",
            "restoreClient",
            "activateClient",
        ] {
            self.call(who, operation, &at, None).await;
        }
        self.call(who, "activateClient", &[("client_id", &jon)], None).await;
        let mirrored = json!({ "given_name": "Kofi", "family_name": "Mensah-Example", "email": "kofi@people.example" });
        let place = [("external_id", "crm-1042")];
        self.call("service_app", "putClientByExternalId", &place, Some(mirrored.clone())).await;
        self.call("service_app", "putClientByExternalId", &place, Some(mirrored)).await;
        self.login("ida", &ida).await;
        self.login("jon", &jon).await;
        [ida, jon]
    }

    async fn couple(&mut self, [ida, jon]: &[String; 2]) -> String {
        let who = "clinician";
        let new = json!({
            "label": "I & J", "structure_text": "Living in two cities.",
            "members": [
                { "client_id": ida, "display_name": "Ida" },
                { "client_id": jon, "display_name": "Jón" },
            ],
        });
        let couple = self.call(who, "createCouple", &[], Some(new)).await.text("/id");
        let at = [("couple_id", couple.as_str())];
        let member = [("couple_id", couple.as_str()), ("client_id", ida.as_str())];
        self.call("ida", "acceptCoupleInvitation", &at, None).await;
        self.call("jon", "acceptCoupleInvitation", &at, None).await;
        let (first, second) =
            (json!({ "policy": "limited_secrets" }), json!({ "policy": "no_secrets" }));
        self.call(who, "setSecretsPolicy", &at, Some(first)).await;
        self.call(who, "setSecretsPolicy", &at, Some(second)).await;
        self.call("ida", "acceptSecretsPolicy", &at, Some(json!({ "version_no": 2 }))).await;
        self.call("jon", "acceptSecretsPolicy", &at, Some(json!({ "version_no": 2 }))).await;
        self.call(who, "getSecretsPolicy", &at, None).await;
        self.call(who, "updateCoupleMember", &member, Some(json!({ "display_name": "Idunn" })))
            .await;
        self.call(who, "listCoupleMembers", &at, None).await;
        self.call(who, "updateCouple", &at, Some(json!({ "label": "Idunn & Jón" }))).await;
        self.call(who, "getCouple", &at, None).await;
        self.call(who, &format!("listCouples?client_id={ida}"), &[], None).await;
        for operation in ["activateCouple", "takeCoupleBreak", "resumeCouple"] {
            self.call(who, operation, &at, None).await;
        }
        couple
    }

    async fn treatment(&mut self, [ida, jon]: &[String; 2], couple: &str) -> String {
        let who = "clinician";
        for (name, client, full) in
            [("ida", ida, "Ida Ångström-Example"), ("jon", jon, "Jón Dæmi-Example")]
        {
            for kind in ["informed_consent", "disclosure_statement"] {
                let consent = json!({
                    "client_id": client, "kind": kind, "document_version": "2026-03", "signer_name": full,
                });
                self.call(name, "createConsent", &[], Some(consent)).await;
            }
        }
        let telehealth = json!({
            "client_id": ida, "couple_id": couple, "kind": "telehealth_consent", "document_version": "2026-01",
            "signer_name": "Ida Ångström-Example", "expires_on": "2027-12-31",
        });
        let telehealth = self.call(who, "createConsent", &[], Some(telehealth)).await.text("/id");
        let consent = [("consent_id", telehealth.as_str())];
        self.call(who, "getConsent", &consent, None).await;
        self.call(who, &format!("listConsents?client_id={ida}&kind=telehealth_consent"), &[], None)
            .await;
        self.call("ida", "revokeConsent", &consent, None).await;

        let (clinician, associate) = (self.app.id("clinician"), self.app.id("associate"));
        let new = json!({
            "couple_id": couple, "arc": "extended", "planned_min_sessions": 12, "planned_max_sessions": 20,
            "care_team": [{ "clinician_id": clinician, "role": "primary" }],
        });
        let treatment = self.call(who, "createTreatment", &[], Some(new)).await.text("/id");
        let at = [("treatment_id", treatment.as_str())];
        self.call(who, "scheduleTreatmentConsult", &at, None).await;
        self.call(who, "completeTreatmentConsult", &at, Some(json!({ "outcome": "fit" }))).await;
        self.one_client_alone().await;
        self.call(who, "activateTreatment", &at, Some(json!({}))).await;
        self.call(who, "updateTreatment", &at, Some(json!({ "planned_max_sessions": 24 }))).await;
        let seat = [("treatment_id", treatment.as_str()), ("clinician_id", associate.as_str())];
        self.call(
            "practice_admin",
            "putCareTeamMember",
            &seat,
            Some(json!({ "role": "co_therapist" })),
        )
        .await;
        self.call(
            "practice_admin",
            "putCareTeamMember",
            &seat,
            Some(json!({ "role": "covering" })),
        )
        .await;
        self.call(who, "getCareTeam", &at, None).await;
        self.call("practice_admin", "endCareTeamMembership", &seat, None).await;
        self.call(who, "getTreatment", &at, None).await;
        self.call(who, &format!("listTreatments?couple_id={couple}"), &[], None).await;
        for operation in ["taperTreatment", "maintainTreatment", "holdTreatment", "resumeTreatment"]
        {
            self.call(who, operation, &at, None).await;
        }
        treatment
    }

    async fn close_treatment(&mut self, treatment: &str) {
        let at = [("treatment_id", treatment)];
        let reason = json!({ "reason": "completed" });
        self.call("clinician", "closeTreatment", &at, Some(reason)).await;
    }

    /// A joint session in the office, one by video, and one alone of which the other learns nothing.
    async fn sessions(&mut self, [ida, jon]: &[String; 2], couple: &str, treatment: &str) {
        let (who, clinician) = ("clinician", self.app.id("clinician"));
        let licensed = [("clinician_id", clinician.as_str())];
        let licenses = json!({ "licenses": [
            { "state": "ID", "number": "DEMO-0002", "expires_on": "2027-06-30" },
            { "state": "WA", "number": "DEMO-0001" },
        ] });
        self.call("practice_admin", "putClinicianLicenses", &licensed, Some(licenses)).await;
        self.call(who, "getClinicianLicenses", &licensed, None).await;
        let office = self.app.caller(who).get("/v1/offices?limit=1").await.text("/data/0/id");
        let new = json!({
            "treatment_id": treatment, "kind": "conjoint", "modality": "in_person", "office_id": office,
            "starts_at": "2026-12-07T18:00:00Z", "ends_at": "2026-12-07T18:50:00Z", "requested": true,
            "participants": [{ "client_id": ida }, { "client_id": jon }],
        });
        let joint = self.call(who, "createSession", &[], Some(new)).await.text("/id");
        let at = [("session_id", joint.as_str())];
        self.call(who, "scheduleSession", &at, None).await;
        self.call(who, "confirmSession", &at, None).await;
        self.call(who, "getSession", &at, None).await;
        self.call(who, "listSessions?week_of=2026-12-07", &[], None).await;
        self.call("ida", "listOwnSessions", &[], None).await;
        self.rebooked(&joint).await;
        self.held(&[ida, jon], treatment).await;
        let list = format!("listSessions?couple_id={couple}&status=completed");
        self.call(who, &list, &[], None).await;
    }

    async fn rebooked(&mut self, joint: &str) {
        let who = "clinician";
        let at = [("session_id", joint)];
        let to = json!({ "starts_at": "2026-12-08T18:00:00Z", "ends_at": "2026-12-08T18:50:00Z" });
        let moved = self.call(who, "rebookSession", &at, Some(to)).await.text("/rescheduled_to_id");
        let at = [("session_id", moved.as_str())];
        let reason = json!({ "by": "client", "reason": "A sick child." });
        self.call(who, "cancelSession", &at, Some(reason)).await;
    }

    /// What was held yesterday and is recorded today.
    async fn held(&mut self, [ida, jon]: &[&String; 2], treatment: &str) {
        let who = "clinician";
        let new = json!({
            "treatment_id": treatment, "kind": "conjoint", "modality": "telehealth_video",
            "starts_at": "2026-12-01T18:00:00Z", "ends_at": "2026-12-01T18:50:00Z",
            "participants": [{ "client_id": ida, "location_state": "WA" },
                             { "client_id": jon, "location_state": "ID" }],
        });
        let video = self.call(who, "createSession", &[], Some(new)).await.text("/id");
        let at = [("session_id", video.as_str())];
        let audio = json!({ "modality": "telehealth_audio" });
        self.call(who, "updateSession", &at, Some(audio)).await;
        let part = [("session_id", video.as_str()), ("client_id", jon.as_str())];
        let away = json!({ "attendance": "expected", "location_state": "WA" });
        self.call(who, "setSessionParticipant", &part, Some(away)).await;
        self.call(who, "checkInSession", &at, None).await;
        let held = json!({ "ended_at": "2026-12-01T18:45:00Z",
            "participants": [{ "client_id": ida, "attendance": "left_early" }] });
        self.call(who, "completeSession", &at, Some(held)).await;
        let alone = json!({
            "treatment_id": treatment, "kind": "individual_within_couple", "modality": "telehealth_audio",
            "starts_at": "2026-12-01T20:00:00Z", "ends_at": "2026-12-01T20:30:00Z",
            "participants": [{ "client_id": jon, "location_state": "WA" }],
        });
        let alone = self.call(who, "createSession", &[], Some(alone)).await.text("/id");
        self.call(who, "recordNoShowOfSession", &[("session_id", alone.as_str())], None).await;
    }

    /// A second treatment of somebody whom the practice knows: no consultation is needed.
    async fn one_client_alone(&mut self) {
        let client = self.app.id("individual_client");
        let treatment = self
            .call("clinician", "createTreatment", &[], Some(json!({ "client_id": client })))
            .await;
        let treatment = treatment.text("/id");
        let at = [("treatment_id", treatment.as_str())];
        let waiver = json!({ "consult_waived_reason": "Known from an earlier treatment here." });
        self.call("clinician", "activateTreatment", &at, Some(waiver)).await;
        self.call("clinician", "transferTreatment", &at, None).await;
    }

    async fn the_end_of_a_couple(&mut self, couple: &str) {
        for operation in ["separateCouple", "dissolveCouple", "archiveCouple"] {
            self.call("clinician", operation, &[("couple_id", couple)], None).await;
        }
    }

    /// A couple in which one says no, somebody else is asked, and leaves again.
    async fn one_who_says_no(&mut self, [ida, jon]: &[String; 2]) {
        let who = "practice_admin";
        let other = self.app.id("individual_client");
        let new = json!({
            "label": "I & O",
            "members": [
                { "client_id": ida, "display_name": "Ida", "accepted": true },
                { "client_id": other, "display_name": "O" },
            ],
        });
        let couple = self.call(who, "createCouple", &[], Some(new)).await.text("/id");
        let at = [("couple_id", couple.as_str())];
        self.call("individual_client", "declineCoupleInvitation", &at, None).await;
        let member = json!({ "client_id": jon, "display_name": "Jón" });
        self.call(who, "addCoupleMember", &at, Some(member)).await;
        let seat = [("couple_id", couple.as_str()), ("client_id", jon.as_str())];
        self.call(who, "endCoupleMembership", &seat, None).await;
    }

    /// One of the two says what the other must not know, and a clinician acts on it.
    async fn safety(&mut self, [ida, _]: &[String; 2], couple: &str) {
        let who = "clinician";
        self.call("ida", "getCrisisResources", &[], None).await;
        let help = json!({ "kind": "private_safety", "message": "Please do not ring at home." });
        self.call("ida", "createHelpRequest", &[], Some(help)).await;
        let found = self.call(who, "listAlerts?status=raised", &[], None).await.text("/data/0/id");
        let at = [("alert_id", found.as_str())];
        self.call(who, "getAlert", &at, None).await;
        self.call(who, "acknowledgeAlert", &at, None).await;
        let plan = json!({ "plan": "Meet alone on Thursday; ask how she wants to be reached." });
        self.call(who, "updateAlert", &at, Some(plan)).await;
        let hold = json!({
            "couple_id": couple, "kind": "conjoint", "cover_reason": "therapist_review",
            "reason": "Nothing for two until we have spoken.", "alert_id": found,
            "effective_at": "2026-12-05T15:00:00Z", "resume_on": "2026-12-18",
        });
        let hold = self.call(who, "createHold", &[], Some(hold)).await.text("/id");
        let held = [("hold_id", hold.as_str())];
        self.call(who, "listHolds?status=placed", &[], None).await;
        self.call(who, "getHold", &held, None).await;
        self.call(who, "liftHold", &held, None).await;
        let reason = json!({ "reason": "She has a place to go, and a number to call." });
        self.call(who, "resolveAlert", &at, Some(reason)).await;
        let flag = json!({ "client_id": ida, "couple_id": couple, "code": "trauma_response",
                           "detail": "Froze when the door fell shut." });
        let flag = self.call(who, "createAlert", &[], Some(flag)).await.text("/id");
        let reason = json!({ "reason": "A loud day, and nothing more." });
        self.call(who, "dismissAlert", &[("alert_id", flag.as_str())], Some(reason)).await;
    }
}
