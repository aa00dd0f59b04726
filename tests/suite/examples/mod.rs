//! The examples of the document: every operation is called once for real, and what was sent
//! and answered is what `openapi/examples.json` holds.
//!
//! Clock and ids are the test's own, so that a recording is the same from run to run. After a
//! change that is meant, `ATTUNE_RECORD=1 cargo test --test suite examples` writes the file
//! anew, and `cargo run -- openapi > openapi/openapi.json` the document that embeds it.

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

    /// An exercise of the practice's own: written, mended, put to use and taken out of it.
    async fn exercises(&mut self) {
        let who = "clinician";
        self.call(who, "listActivityDefinitions?key=daily_check_in", &[], None).await;
        let mut walk = json!({
            "key": "evening_walk", "version": "1.0.0", "title": "An evening walk",
            "source": [{ "seed": "practice", "ref": "our own" }],
            "category": "shared_meaning", "threads": ["shared_meaning"], "sensitivity": "routine",
            "subject": "couple", "capture": "form", "participation": { "mode": "each" },
            "items": [
                { "link_id": "went", "type": "boolean", "text": "Did we go?", "required": true,
                  "about": "couple", "visibility": "shared" },
                { "link_id": "note", "type": "text", "text": "A word about it", "max_length": 400,
                  "about": "self", "visibility": "mutual_reveal" },
            ],
            "adherence": { "unit": "week", "completed_when": "all_submitted" },
        });
        let made = self.call(who, "createActivityDefinition", &[], Some(walk.clone())).await;
        let id = made.text("/id");
        let at = [("activity_definition_id", id.as_str())];
        self.call(who, "getActivityDefinition", &at, None).await;
        walk["gates"] = json!([{
            "at": "open", "when": { "flag": "conjoint_hold", "active": false },
            "else": { "action": "block_neutral", "code": "paused", "public_text": "Resting for now." },
        }]);
        self.call(who, "replaceActivityDefinition", &at, Some(walk)).await;
        self.call(who, "activateActivityDefinition", &at, None).await;
        self.call(who, "retireActivityDefinition", &at, None).await;
    }

    /// When it is to be done, what does not count, and how it goes.
    async fn times(&mut self, who: &'static str, id: &str, couple: &str) {
        let at = [("assignment_id", id)];
        let ahead = self.call(who, "listOccurrences?until=2026-12-08", &at, None).await;
        let day = json!({ "local_date": ahead.text("/data/1/local_date") });
        self.call("ida", "excuseOccurrence", &at, Some(day.clone())).await;
        self.call(who, "reinstateOccurrence", &at, Some(day)).await;
        self.call(who, &format!("getFigures?couple_id={couple}"), &[], None).await;
        self.call(who, &format!("getPlot?kind=calendar&assignment_id={id}"), &[], None).await;
        self.call("ida", "getDashboard", &[("couple_id", couple)], None).await;
        self.call(who, "getCaseload", &[], None).await;
    }

    /// Homework for the two: it rests for a while, at the wish of one of them and then of the clinician.
    async fn homework(&mut self, couple: &str) {
        let who = "clinician";
        let found = self.app.caller(who).get("/v1/activity-definitions?key=daily_check_in").await;
        let new = json!({
            "activity_definition_id": found.text("/data/0/id"), "couple_id": couple,
            "parameters": { "window_minutes": 12, "local_time": "19:30" },
            "note": "Begin where it is easy.",
            "schedule": { "rhythm": { "kind": "daily" }, "ends_on": "2027-01-31" },
        });
        let id = self.call(who, "createAssignment", &[], Some(new)).await.text("/id");
        let at = [("assignment_id", id.as_str())];
        self.call("ida", "listAssignments?status=assigned", &[], None).await;
        self.call("jon", "getAssignment", &at, None).await;
        self.call("jon", "getAssignmentForm", &at, None).await;
        let seldom = json!({ "schedule": { "rhythm": { "kind": "daily", "every": 2 } } });
        self.call(who, "updateAssignment", &at, Some(seldom)).await;
        self.answers(&id).await;
        self.times(who, &id, couple).await;
        self.another_time(&id).await;
        self.for_both(couple).await;
        self.calendar().await;
        let rest = json!({ "resume_on": "2027-01-20" });
        self.call("ida", "pauseAssignment", &at, Some(rest)).await;
        self.call("jon", "resumeAssignment", &at, None).await;
        self.call(who, "completeAssignment", &at, None).await;
        self.call(who, "withdrawAssignment", &at, None).await;
        self.call(who, "enterAssignmentInError", &at, None).await;
    }

    /// Each does it from an app of their own; one shares more later, and takes back what was sent by mistake.
    async fn answers(&mut self, homework: &str) {
        let who = "clinician";
        let [first, second, third] = [1, 2, 3].map(crate::submissions::device_id);
        self.call("jon", "getInbox", &[], None).await;
        let check_in = json!({
            "status": "submitted", "completed_at": "2026-12-02T12:00:00Z",
            "answers": { "mood": 4, "stress": 3, "gratitude": "That you rang from the train.",
                         "private_note": "I have slept badly for a week." },
        });
        let at = [("assignment_id", homework), ("submission_id", first.as_str())];
        self.call("ida", "putSubmission", &at, Some(check_in.clone())).await;
        self.call("ida", "putSubmission", &at, Some(check_in)).await;
        self.call("jon", "listSharedAnswers", &[], None).await;
        let list = format!("listSubmissions?assignment_id={homework}");
        let sent = self.call(who, &list, &[], None).await.text("/data/0/id");
        self.call(who, "getSubmission", &[("submission_id", sent.as_str())], None).await;
        let review = json!({ "submission_id": sent, "comment": "Let us speak of the nights." });
        let review = self.call(who, "createReview", &[], Some(review)).await.text("/id");
        self.call("ida", "getReview", &[("review_id", review.as_str())], None).await;
        self.call("ida", "listReviews", &[], None).await;

        let found = self.app.caller(who).get(&format!("/v1/assignments/{homework}")).await;
        let couple = found.text("/couple_id");
        let bids = self.assigned("bids", "couple_id", &couple).await;
        let noticed = json!({
            "status": "submitted",
            "entries": [{ "at": "2026-12-02T08:10:00Z", "answers": {
                "what": "A joke at breakfast", "made_by": "partner", "my_response": "toward" } }],
        });
        let at = [("assignment_id", bids.as_str()), ("submission_id", second.as_str())];
        self.call("ida", "putSubmission", &at, Some(noticed)).await;
        let more = json!({ "link_ids": ["my_response"], "entry_no": 0 });
        self.call("ida", "widenSubmission", &[("submission_id", second.as_str())], Some(more))
            .await;

        let goals = self.assigned("goal_statements", "couple_id", &couple).await;
        let statement = json!({ "status": "submitted", "answers": {
            "problem": "We speak of nothing but chores.", "outcome": "We laugh at supper again.",
            "horizon_months": 4 } });
        let at = [("assignment_id", goals.as_str()), ("submission_id", third.as_str())];
        self.call("ida", "putSubmission", &at, Some(statement)).await;
        self.call("ida", "retractSubmission", &[("submission_id", third.as_str())], None).await;
    }

    /// Homework of this kind, assigned beside the story.
    async fn assigned(&mut self, key: &str, whom: &str, id: &str) -> String {
        let morgan = self.app.caller("clinician");
        let found = morgan.get(&format!("/v1/activity-definitions?key={key}")).await;
        let new = json!({ "activity_definition_id": found.text("/data/0/id"), (whom): id });
        morgan.post("/v1/assignments", new).await.expect(201).text("/id")
    }

    /// Sixty days, begun in one step, bent to the two, and ended early.
    async fn program(&mut self, [ida, jon]: &[String; 2], couple: &str) {
        let who = "clinician";
        self.call(who, "listProgramDefinitions", &[], None).await;
        let key = [("program_definition_key", "roadmap_60_day")];
        self.call(who, "getProgramDefinition", &key, None).await;
        self.screened(ida, jon).await;
        let new = json!({
            "program_definition_key": "roadmap_60_day", "couple_id": couple, "starts_on": "2026-11-30",
            "variants": ["conflict_dominates"], "parameters": { "check_in": { "window_minutes": 12 } },
            "reason": "Goals and working agreement were agreed in session; the documents come later.",
        });
        let made = self.call(who, "createProgram", &[], Some(new.clone())).await.text("/id");
        let at = [("program_id", made.as_str())];
        self.call("ida", "listPrograms?status=active", &[], None).await;
        self.call(who, "getProgram", &at, None).await;
        let longer = json!({ "days": 7, "reason": "The holidays." });
        self.call(who, "extendProgram", &at, Some(longer)).await;
        let ritual = json!({ "kind": "set_parameters", "action": "ritual", "parameters": { "minutes": 20 },
                             "reason": "They live in two cities: a short one, by telephone." });
        self.call(who, "deviateFromProgram", &at, Some(ritual)).await;
        let on = json!({ "action": "ritual", "reason": "They asked for it." });
        self.call(who, "carryProgramActionForward", &at, Some(on)).await;
        let rest = json!({ "resume_on": "2026-12-14" });
        self.call(who, "pauseProgram", &at, Some(rest)).await;
        self.call(who, "resumeProgram", &at, None).await;
        let reason = json!({ "reason": "Five evenings of seven, by their own account." });
        self.call(who, "advanceProgram", &at, Some(reason)).await;
        let enough = json!({ "reason": "They go on by themselves." });
        self.call(who, "completeProgram", &at, Some(enough)).await;
        let morgan = self.app.caller(who);
        let open = format!("/v1/assignments?couple_id={couple}&status=assigned,in_progress");
        for homework in morgan.get(&open).await.ids() {
            morgan.act(&format!("/v1/assignments/{homework}/complete")).await.expect(200);
        }
        let again = morgan.post("/v1/programs", new).await.expect(201).text("/id");
        self.call(who, "withdrawProgram", &[("program_id", again.as_str())], None).await;
    }

    /// Both are adults on record and have answered the routine questions, beside the story.
    async fn screened(&mut self, ida: &str, jon: &str) {
        let born = json!({ "date_of_birth": "1988-11-05" });
        let path = format!("/v1/clients/{jon}");
        self.app.caller("clinician").patch(&path, born).await.expect(200);
        for (number, name, client) in [(901, "ida", ida), (902, "jon", jon)] {
            let screen = self.assigned("risk_screen", "client_id", client).await;
            let place = crate::submissions::place(&screen, number);
            self.app.caller(name).put(&place, crate::programs::all_is_well()).await.expect(201);
        }
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
