//! Declared outcomes: what one partner can learn through the API from what the other does, and from what the
//! practice does to both. Nothing else that a partner observes depends on the other.
//!
//! `docs/reference/declared-outcomes.md` is this table for readers, and a test holds the two against each
//! other; the pairs of worlds (`tests/suite/interference`) treat as private what is not in it. Adding a row is a
//! decision that is reviewed.

/// One thing that a partner may learn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DeclaredOutcome {
    /// The requests whose answers may differ.
    pub path: &'static str,
    /// What brings it about.
    pub cause: &'static str,
    /// What of the answers may differ.
    pub differs: &'static str,
}

const fn declared(
    path: &'static str,
    cause: &'static str,
    differs: &'static str,
) -> DeclaredOutcome {
    DeclaredOutcome { path, cause, differs }
}

/// What may differ by an act of the other partner.
pub const FROM_THE_OTHER_PARTNER: &[DeclaredOutcome] = &[
    declared(
        "`GET /v1/couples`, `GET /v1/couples/{couple_id}`",
        "the other accepts the invitation to the couple",
        "their `display_name` appears in `members`, with `client_id` null and `invitation_state` `accepted`",
    ),
    declared(
        "`GET /v1/couples/{couple_id}/secrets-policy` and the answer of `…/accept`",
        "the last of the present members accepts the policy in force",
        "`accepted_by_all` becomes true",
    ),
    declared(
        "the same, in a couple of three or more",
        "an invited member declines, and the remaining members have all accepted the policy",
        "`accepted_by_all` becomes true",
    ),
    declared(
        "`GET /v1/assignments`, `GET /v1/assignments/{assignment_id}`",
        "the other pauses or resumes homework of the couple",
        "`status`, `resume_on`, `updated_at`, and with it the place in an order by change",
    ),
    declared(
        "`GET /v1/me/inbox`, and the answer of a `PUT` of a submission",
        "the same",
        "it is in `items`, or it is not; the `PUT` is refused with `not_now`, or it is not",
    ),
    declared(
        "`GET /v1/assignments`, `GET /v1/assignments/{assignment_id}`, `GET /v1/assignments/{assignment_id}/occurrences`, `GET /v1/me/inbox`, `GET /v1/calendar-feeds/{secret}.ics` of the own feed, `GET /v1/time-proposals/{time_proposal_id}`, a `PUT` of a submission",
        "the other withdraws sexual homework of the couple",
        "as when the practice withdraws it: `status`, `updated_at`, and with it the place in an order by change; it is neither in `items` nor in the feed, what was to come is cancelled, another time that was proposed has lapsed, a `PUT` is refused with `invalid_transition`",
    ),
    declared(
        "`GET /v1/shared-answers`; `shared` in `GET /v1/me/inbox` while homework of the couple is open",
        "the other sends answers whose audience is `shared`",
        "an entry with those answers, the day that they are about, and `shared_at`",
    ),
    declared(
        "the same",
        "the other changes answers that could be read",
        "the old entry has `superseded_at` and is no longer in the inbox; a new one stands beside it",
    ),
    declared(
        "the same",
        "the other shares an answer that was private (`widen`)",
        "an entry with that answer; when more is shared of the same submission or event, also the old entry marked as above",
    ),
    declared(
        "the same",
        "the other's submission is the last that was missing, or of what is sexual their consent (the reveal)",
        "the entries that waited, all with the same `shared_at`",
    ),
    declared(
        "`GET /v1/submissions`, `GET /v1/submissions/{submission_id}` of the own submission",
        "the same",
        "`outcomes`, `updated_at`, and with it the place in an order by change",
    ),
    declared(
        "`GET /v1/assignments`, `GET /v1/assignments/{assignment_id}` and the assignment in the inbox",
        "the first of these: a shared answer, a widened one, a reveal",
        "`status` becomes `in_progress`, and `updated_at`",
    ),
    declared(
        "`POST /v1/submissions/{submission_id}/retract` of the own submission",
        "the reveal",
        "refused with `already_revealed`",
    ),
    declared(
        "`PUT` of the own submission, to this homework and to later homework of the same exercise",
        "the reveal of an inventory",
        "entries that differ from what was revealed are refused with `locked_for_days`, for as many days as the exercise names",
    ),
    declared(
        "`PUT` that changes the own submission",
        "the reveal",
        "its status is `amended` where it would have been `submitted`, for answers that nobody could read before",
    ),
    declared(
        "`GET /v1/assignments/{assignment_id}/occurrences`, `GET /v1/me/inbox`",
        "the other excuses a time of homework of the couple, pauses or resumes it",
        "`status` of the occurrences that no longer count, or count again; what was excused is not in `items`",
    ),
    declared(
        "`GET /v1/assignments/{assignment_id}/time-proposals`, `GET /v1/time-proposals/{time_proposal_id}`; `time_proposals` in `GET /v1/me/inbox`",
        "the other proposes another time for what both do, takes it back, accepts or declines",
        "the proposal: who it is from, the time, `status`, `accepted_by`; a second one meanwhile is refused with `already_exists`",
    ),
    declared(
        "`GET /v1/assignments/{assignment_id}`, `GET /v1/assignments/{assignment_id}/occurrences`, `GET /v1/me/inbox`, a `PUT` of a submission",
        "the last of the others accepts another time",
        "`schedule` of the assignment, the occurrences from the next day on which nothing had begun, what is in `items`",
    ),
    declared(
        "`GET /v1/assignments/{assignment_id}/occurrences`, `GET /v1/me/inbox`",
        "the other writes for all what one writes for all, or sends it again",
        "the occurrence, its `status` and `confirmation`; it is not in `items`, and it is in `to_confirm`",
    ),
    declared(
        "the same",
        "the other confirms or contests what was written for all",
        "`confirmation` and `status`; what is contested is in its author's `items` again, and does not count as done",
    ),
    declared(
        "`GET /v1/calendar-feeds/{secret}.ics` of the own feed",
        "the other excuses a time of homework of the couple, pauses or resumes it, or accepts another time",
        "the entries of that homework",
    ),
    declared(
        "`GET /v1/couples/{couple_id}/dashboard`",
        "the other sends or changes answers that are `shared`, shares one that was private, or brings a reveal about",
        "`shared`; what all have done counts in `totals`, `wins` and `suggestions`, and is no longer in `next`, where each of them had to answer something that the others read by then",
    ),
    declared(
        "the same",
        "the other pauses, resumes or withdraws homework of the couple, excuses a time of it, accepts another time, or confirms or contests what was written for all",
        "`resting`, `next`, `totals`, `wins` and `suggestions`",
    ),
];

/// What may differ, for both alike, by an act of the practice.
pub const FROM_THE_PRACTICE: &[DeclaredOutcome] = &[
    declared(
        "`GET /v1/couples`, `GET /v1/couples/{couple_id}`",
        "a transition of the couple",
        "`status`, and with `dissolve` also `dissolved_on`",
    ),
    declared(
        "the same",
        "a change of its label, zone or a display name",
        "`label`, `timezone`, `display_name`",
    ),
    declared(
        "the same",
        "a member is added with an acceptance on paper, or a membership is ended",
        "an entry of `members`",
    ),
    declared(
        "`GET /v1/shared-answers`, `GET /v1/submissions`, `GET /v1/submissions/{submission_id}` of the own submission",
        "a membership is ended in a couple of three or more",
        "what waited for that member alone opens, as at a reveal",
    ),
    declared(
        "`GET /v1/couples/{couple_id}/secrets-policy`",
        "a policy is set",
        "`version_no`, `policy`, `text`, `set_at`; `accepted_by_all` is false again and the own `accepted_at` null",
    ),
    declared(
        "the same",
        "a member is added or removed",
        "`accepted_by_all`, which is about the present members",
    ),
    declared(
        "`GET /v1/assignments/{assignment_id}/form`, `GET /v1/me/inbox`",
        "a policy is set",
        "the notices of private answers",
    ),
    declared(
        "`GET /v1/assignments`, `GET /v1/assignments/{assignment_id}`",
        "homework of the couple is assigned, changed, paused, resumed, completed, withdrawn or entered in error",
        "the assignment",
    ),
    declared(
        "`GET /v1/me/inbox`, and a `PUT` of a submission",
        "the same",
        "what is in `items`; whether it is taken",
    ),
    declared(
        "`GET /v1/programs`, `GET /v1/programs/{program_id}`",
        "a programme of the couple is begun or led on, or homework that came of it is assigned or ends",
        "the programme with its phases, their days, and where that homework stands; nothing of what was only decided",
    ),
    declared(
        "`GET /v1/shared-answers`, a `PUT` of a submission",
        "the couple is recorded as separating, or dissolved",
        "what waits no longer opens; once dissolved, nothing more is taken",
    ),
    declared(
        "`GET /v1/reviews`, `GET /v1/reviews/{review_id}`",
        "a clinician reviews homework of the couple as a whole",
        "the review, with its comment",
    ),
    declared(
        "`GET /v1/assignments`, `GET /v1/assignments/{assignment_id}`, `GET /v1/me/inbox`, a `PUT` of a submission",
        "a clinician's hold takes effect or is lifted",
        "the same as when a clinician pauses or resumes it; nothing before it takes effect",
    ),
    declared(
        "`GET /v1/assignments/{assignment_id}/occurrences`, `GET /v1/me/inbox`, a `PUT` of a submission",
        "homework of the couple is given another schedule, the couple another zone, its term ends, or a time is excused or reinstated",
        "the occurrences from the next day on which nothing had begun; `schedule`, `timezone` and `status` of the assignment; what is in `items`",
    ),
    declared(
        "`GET /v1/me/sessions`",
        "a session in which both take part is requested, booked, confirmed, held, cancelled, moved or missed, or its place changes",
        "that session: `status`, `modality`, `office`, and another one for the time to which it is moved",
    ),
    declared(
        "`GET /v1/me/summaries`",
        "a clinician publishes or withdraws a summary for all members",
        "that summary",
    ),
    declared(
        "`GET /v1/calendar-feeds/{secret}.ics` of the own feed",
        "homework of the couple is assigned, given another schedule, paused, resumed, ended or excused, a session in which both take part is booked, moved, cancelled or missed, or the couple is dissolved",
        "the entries of that homework or session",
    ),
    declared(
        "`GET /v1/time-proposals/{time_proposal_id}`, `GET /v1/me/inbox`",
        "homework of the couple is given another schedule, or ends",
        "`status` of a pending proposal becomes `lapsed`; it is not in `time_proposals`",
    ),
    declared(
        "`GET /v1/couples/{couple_id}/dashboard`",
        "homework of the couple is assigned, given another schedule, paused, resumed, excused, reinstated or ended, a hold takes effect or is lifted, or the couple is given another zone",
        "`today`, `totals`, `wins`, `suggestions`, `next` and `resting`",
    ),
    declared(
        "everything of the couple",
        "the practice's `data_access_after_dissolution_days` have passed since `dissolved_on`",
        "404, and gone from the list",
    ),
];
