//! Exercises, what becomes of those that are assigned, and a programme of them.

use serde_json::json;

use super::recorder::Story;

impl Story {
    /// An exercise of the practice's own: written, mended, put to use and taken out of it.
    pub(super) async fn exercises(&mut self) {
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
    pub(super) async fn homework(&mut self, couple: &str) {
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
        let reason = json!({ "reason": "Meant for another couple." });
        self.call(who, "enterAssignmentInError", &at, Some(reason)).await;
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
    pub(super) async fn assigned(&mut self, key: &str, whom: &str, id: &str) -> String {
        let morgan = self.app.caller("clinician");
        let found = morgan.get(&format!("/v1/activity-definitions?key={key}")).await;
        let new = json!({ "activity_definition_id": found.text("/data/0/id"), (whom): id });
        morgan.post("/v1/assignments", new).await.expect(201).text("/id")
    }

    /// Sixty days, begun in one step, bent to the two, and ended early.
    pub(super) async fn program(&mut self, [ida, jon]: &[String; 2], couple: &str) {
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
}
