//! What the two agree on between themselves, and the calendar in which each of them finds it.

use serde_json::json;

use super::recorder::Story;

impl Story {
    /// Mornings instead of whole days, a time that the other does not like, and one that is taken back.
    pub(super) async fn another_time(&mut self, homework: &str) {
        let at = [("assignment_id", homework)];
        for (time, word) in [
            ("07:15", Some("acceptTimeProposal")),
            ("06:00", Some("declineTimeProposal")),
            ("08:30", None),
        ] {
            let wish = json!({ "time_of_day": time });
            let made = self.call("jon", "createTimeProposal", &at, Some(wish)).await.text("/id");
            let proposal = [("time_proposal_id", made.as_str())];
            self.call("ida", "getTimeProposal", &proposal, None).await;
            match word {
                Some(word) => self.call("ida", word, &proposal, None).await,
                None => self.call("jon", "withdrawTimeProposal", &proposal, None).await,
            };
        }
        self.call("clinician", "listTimeProposals", &at, None).await;
    }

    /// Ida writes for both, twice; Jón agrees with the one and not with the other.
    pub(super) async fn for_both(&mut self, couple: &str) {
        for (number, word) in [(911, "confirmOccurrence"), (912, "contestOccurrence")] {
            let homework = self.assigned("celebrate_change", "couple_id", couple).await;
            let changes =
                json!({ "changes": [{ "row_id": "1", "change": "We ring in the evening." }] });
            let place = crate::submissions::place(&homework, number);
            let sent = crate::submissions::submitted(changes);
            self.app.caller("ida").put(&place, sent).await.expect(201);
            let path = format!("/v1/assignments/{homework}");
            let day = self.app.caller("jon").get(&path).await.expect(200).text("/starts_on");
            let day = json!({ "local_date": day });
            self.call("jon", word, &[("assignment_id", homework.as_str())], Some(day)).await;
            self.app.caller("clinician").act(&format!("{path}/complete")).await.expect(200);
        }
    }

    /// A feed from its making to its end.
    pub(super) async fn calendar(&mut self) {
        let made = self.call("ida", "createCalendarFeed", &[], None).await;
        let url = made.text("/url");
        let secret = url.rsplit('/').next().unwrap().strip_suffix(".ics").unwrap();
        self.call("anybody", "getCalendarFeed", &[("secret", secret)], None).await;
        let id = made.text("/id");
        let feed = [("calendar_feed_id", id.as_str())];
        self.call("ida", "listCalendarFeeds", &[], None).await;
        self.call("ida", "findCalendarFeed", &feed, None).await;
        self.call("ida", "revokeCalendarFeed", &feed, None).await;
    }
}
