//! The words of definitions.

use crate::db::types::words;

words! {
    /// The part of the method that an exercise belongs to.
    Category {
        /// What comes first: goals, screens, what brings the couple here.
        Foundation = "foundation",
        /// How the couple talks: check-ins, time-outs.
        GroundRules = "ground_rules",
        /// Small friendly acts.
        Friendliness = "friendliness",
        /// What has not been said.
        Unspoken = "unspoken",
        /// The work of running a life together.
        SharedLabor = "shared_labor",
        /// Staged touch.
        Touch = "touch",
        /// Desire.
        Desire = "desire",
        /// Repair after a quarrel.
        Repair = "repair",
        /// Rituals and shared meaning.
        SharedMeaning = "shared_meaning",
        /// Promises kept.
        TrustMomentum = "trust_momentum",
        /// What gets in the way.
        Obstacles = "obstacles",
        /// Plans.
        Future = "future",
        /// Looking back.
        Review = "review",
        /// Whether somebody is safe.
        Safety = "safety",
        /// A questionnaire with a score.
        Measure = "measure",
    }
}

words! {
    /// The threads of intimacy that an exercise works on (`seed:1.17`).
    Thread {
        /// Emotional safety.
        EmotionalSafety = "emotional_safety",
        /// Physical affection.
        PhysicalAffection = "physical_affection",
        /// Sexual connection.
        SexualConnection = "sexual_connection",
        /// Shared meaning.
        SharedMeaning = "shared_meaning",
        /// Practical partnership.
        PracticalPartnership = "practical_partnership",
        /// Autonomy.
        Autonomy = "autonomy",
    }
}

words! {
    /// How carefully an exercise has to be handled.
    Sensitivity {
        /// Everyday matters.
        Routine = "routine",
        /// The relationship.
        Relational = "relational",
        /// Sexual health: adults, by their consent.
        SexualHealth = "sexual_health",
        /// Whether somebody is safe.
        Safety = "safety",
    }
}

words! {
    /// Whom an exercise is for.
    SubjectKind {
        /// A couple.
        Couple = "couple",
        /// One client.
        Client = "client",
        /// Either.
        Either = "either",
    }
}

words! {
    /// How answers come in.
    Capture {
        /// One submission of each participant for each occurrence.
        Form = "form",
        /// Many entries, each with its moment.
        Event = "event",
        /// One text that is agreed on and revised.
        Document = "document",
    }
}

words! {
    /// Who has to answer.
    ParticipationMode {
        /// Everybody, each their own form.
        Each = "each",
        /// One for all, which the others confirm.
        Joint = "joint",
        /// Whoever does.
        Any = "any",
        /// Each in a named role.
        Roles = "roles",
    }
}

words! {
    /// What changes from one time to the next.
    Rotation {
        /// Nothing.
        None = "none",
        /// Who begins.
        AlternateStarter = "alternate_starter",
        /// Roles are swapped within one time.
        SwapWithinOccurrence = "swap_within_occurrence",
        /// Who owns it.
        AlternateOwner = "alternate_owner",
    }
}

words! {
    /// When a gate is looked at.
    GateAt {
        /// When a clinician assigns.
        Assign = "assign",
        /// When an occurrence opens.
        Open = "open",
        /// When a participant begins.
        Start = "start",
        /// When a participant submits.
        Submit = "submit",
        /// When a staged plan goes on.
        Advance = "advance",
    }
}

words! {
    /// What a gate does when its condition does not hold.
    GateAction {
        /// Refuses, and says which gate it was.
        Block = "block",
        /// Refuses in the same words whatever the cause.
        BlockNeutral = "block_neutral",
        /// Lets pass, with a word of warning.
        Warn = "warn",
    }
}

words! {
    /// What a signal sets off.
    EffectType {
        /// A safety flag, for the clinicians alone.
        SafetyFlag = "safety_flag",
        /// A suggestion.
        Suggestion = "suggestion",
        /// A hint for the clinician.
        ClinicianPrompt = "clinician_prompt",
        /// A proposed hold.
        Hold = "hold",
        /// A promise is noted.
        CreateCommitment = "create_commitment",
        /// An issue is closed.
        ResolveIssue = "resolve_issue",
    }
}

words! {
    /// How urgent a signal is.
    Severity {
        /// Good to know.
        Info = "info",
        /// At the next session.
        Moderate = "moderate",
        /// Today.
        High = "high",
        /// Now.
        Critical = "critical",
    }
}

words! {
    /// Whom a signal reaches.
    Recipient {
        /// The treating clinicians.
        Clinician = "clinician",
        /// Everybody in the couple.
        Couple = "couple",
        /// Who gave the answer.
        Author = "author",
    }
}

words! {
    /// In what an exercise is counted.
    AdherenceUnit {
        /// Times.
        Occurrence = "occurrence",
        /// Days.
        Day = "day",
        /// Weeks.
        Week = "week",
        /// The document.
        Document = "document",
        /// It is not counted.
        None = "none",
    }
}

words! {
    /// When a time counts as done.
    CompletedWhen {
        /// Every required participant has submitted.
        AllSubmitted = "all_submitted",
        /// One has submitted for all.
        JointSubmitted = "joint_submitted",
        /// Anybody has submitted.
        AnySubmitted = "any_submitted",
        /// The exchange has come to its end.
        ExchangeClosed = "exchange_closed",
        /// The session was closed or stopped; stopping counts as practised.
        SessionClosedOrStopped = "session_closed_or_stopped",
        /// It was offered.
        Offered = "offered",
        /// So many entries were made.
        CountAtLeast = "count_at_least",
        /// The document was agreed on.
        Agreed = "agreed",
        /// The document was looked at again.
        Reviewed = "reviewed",
        /// It is not counted.
        Never = "never",
    }
}

words! {
    /// Whose figures partners see.
    FigureAudience {
        /// The couple's, as one figure.
        CoupleTotal = "couple_total",
        /// Each person's. Never for sexual health.
        PerPerson = "per_person",
        /// Nobody's.
        None = "none",
    }
}
