//! The clinical record, as an author and their supervisor keep it.

use serde_json::json;

use super::recorder::Story;

impl Story {
    /// Notes of the couple's treatment: templates, a draft, a signature and what comes after it.
    pub(super) async fn notes(&mut self, [ida, _]: &[String; 2], treatment: &str) {
        let who = "clinician";
        let template = json!({ "name": "Every week", "format": "dap",
            "sections": [{ "name": "plan", "text": "Until next time:" }] });
        let template = self.call(who, "createNoteTemplate", &[], Some(template)).await.text("/id");
        let skeleton = [("note_template_id", template.as_str())];
        let renamed = json!({ "name": "Weekly" });
        self.call(who, "updateNoteTemplate", &skeleton, Some(renamed)).await;
        self.call(who, "getNoteTemplate", &skeleton, None).await;
        self.call(who, "listNoteTemplates", &[], None).await;
        let list = format!("/v1/sessions?treatment_id={treatment}&status=completed");
        let held = self.app.caller(who).get(&list).await.text("/data/0/id");
        let new = json!({ "session_id": held, "format": "dap", "template_id": template,
            "sections": [{ "name": "data", "text": "Both spoke of the move; she more than he." },
                         { "name": "cycle_or_pattern", "text": "She asks, he goes quiet, she asks louder." }],
            "prefill_homework": true });
        let note = self.call(who, "createSessionNote", &[], Some(new)).await.text("/id");
        let at = [("session_note_id", note.as_str())];
        let more = json!({ "risk_reviewed": true });
        self.call(who, "updateSessionNote", &at, Some(more)).await;
        self.call(who, "getSessionNote", &at, None).await;
        let hand = json!({ "typed_name": "Morgan Sample" });
        self.call(who, "signSessionNote", &at, Some(hand)).await;
        let addendum = json!({ "reason": "late_entry", "typed_name": "Morgan Sample",
            "text": "They agreed to call the movers together." });
        self.call(who, "addSessionNoteAddendum", &at, Some(addendum)).await;
        let wrong = json!({ "reason": "Written for another couple." });
        self.call(who, "enterSessionNoteInError", &at, Some(wrong)).await;
        self.call(who, "getSessionNoteHistory", &at, None).await;
        self.call(who, &format!("listSessionNotes?treatment_id={treatment}"), &[], None).await;
        let own = json!({ "treatment_id": treatment, "client_id": ida, "format": "free",
            "sections": [{ "name": "text", "text": "Rang about the time of the session." }] });
        let own = self.app.caller(who).post("/v1/session-notes", own).await.expect(201).text("/id");
        self.call(who, "discardSessionNote", &[("session_note_id", own.as_str())], None).await;
        self.call(who, "archiveNoteTemplate", &skeleton, None).await;
        self.second_hands().await;
        self.apart(ida, &held).await;
    }

    /// What clients read, what the author alone does, and who was told of what.
    async fn apart(&mut self, ida: &str, held: &str) {
        let who = "clinician";
        let new = json!({ "session_id": held, "text": "We looked at the mornings." });
        let summary = self.call(who, "createSessionSummary", &[], Some(new)).await.text("/id");
        let at = [("session_summary_id", summary.as_str())];
        let better = json!({ "text": "We looked at the mornings, and at who makes the tea." });
        self.call(who, "updateSessionSummary", &at, Some(better)).await;
        self.call(who, "getSessionSummary", &at, None).await;
        self.call(who, "publishSessionSummary", &at, Some(json!({ "neutral": true }))).await;
        self.call("ida", "listOwnSummaries", &[], None).await;
        self.call(who, &format!("listSessionSummaries?session_id={held}"), &[], None).await;
        self.call(who, "withdrawSessionSummary", &at, None).await;
        let new = json!({ "client_id": ida, "text": "Her silence moves me. Why?" });
        let apart = self.call(who, "createPsychotherapyNote", &[], Some(new)).await.text("/id");
        let at = [("psychotherapy_note_id", apart.as_str())];
        let more = json!({ "text": "Her silence moves me. Ask myself why." });
        self.call(who, "updatePsychotherapyNote", &at, Some(more)).await;
        self.call(who, "getPsychotherapyNote", &at, None).await;
        self.call(who, "listPsychotherapyNotes", &[], None).await;
        self.call(who, &format!("listAuditEvents?client_id={ida}"), &[], None).await;
        self.call("ida", "listOwnAccesses", &[], None).await;
    }

    /// Whose notes need a second signature.
    async fn second_hands(&mut self) {
        let (rilan, ines) = ("associate", "supervisor");
        let new = json!({ "treatment_id": self.app.id("treatment_on_hold"), "format": "free",
            "sections": [{ "name": "text", "text": "They rest until the new year." }] });
        let note =
            self.app.caller(rilan).post("/v1/session-notes", new).await.expect(201).text("/id");
        let at = [("session_note_id", note.as_str())];
        let hand = json!({ "typed_name": "Rílan Placeholder" });
        let sign = format!("/v1/session-notes/{note}/sign");
        self.app.caller(rilan).post(&sign, hand.clone()).await.expect(200);
        let remark = json!({ "remark": "Say why they rest." });
        self.call(ines, "returnSessionNote", &at, Some(remark)).await;
        self.app.caller(rilan).post(&sign, hand).await.expect(200);
        let second = json!({ "typed_name": "Inês Fixture" });
        self.call(ines, "cosignSessionNote", &at, Some(second)).await;
    }
}
