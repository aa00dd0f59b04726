//! The closed sets of words of programmes.

use crate::db::types::words;

words! {
    /// Where a programme stands.
    ProgramStatus {
        /// Under way.
        Active = "active",
        /// It rests, with all of its homework.
        Paused = "paused",
        /// It has come to its end.
        Completed = "completed",
        /// It was taken back.
        Withdrawn = "withdrawn",
    }
}

words! {
    /// Where a phase of a programme stands.
    PhaseState {
        /// It has not begun.
        Upcoming = "upcoming",
        /// Under way.
        Active = "active",
        /// Under way, and longer than it was planned.
        Extended = "extended",
        /// Over.
        Done = "done",
        /// The programme has ended before it.
        Skipped = "skipped",
    }
}

words! {
    /// Where an action of a programme stands.
    ActionState {
        /// It happens in its phase.
        Planned = "planned",
        /// It happens only if a clinician takes it up.
        Offered = "offered",
        /// Its exercise is assigned.
        Assigned = "assigned",
        /// It is done.
        Done = "done",
        /// It waits for a feature that is not there yet.
        Waits = "waits",
        /// It is left out.
        Skipped = "skipped",
    }
}

words! {
    /// How a programme departs from what it would have been.
    DeviationKind {
        /// It began although a precondition is not known to hold.
        Precondition = "precondition",
        /// It works on too few threads of intimacy, from the beginning or after what was left out.
        Threads = "threads",
        /// An exercise was assigned although a gate asks for what is not known yet.
        Gate = "gate",
        /// An action waits for a feature that is not there yet.
        Awaits = "awaits",
        /// The next phase began although its criteria are not known to be met.
        Criteria = "criteria",
        /// The programme was completed before its last phase.
        EarlyEnd = "early_end",
        /// A phase takes longer.
        Extend = "extend",
        /// An action is left out.
        Skip = "skip",
        /// An exercise has other parameters.
        SetParameters = "set_parameters",
        /// An action happens in another phase.
        Move = "move",
        /// An action that was offered happens.
        TakeUp = "take_up",
        /// An exercise goes on in the phases that follow.
        CarryForward = "carry_forward",
    }
}

words! {
    /// What a clinician changes of a programme.
    ProgramChange {
        /// An action is left out; homework that came of it is withdrawn.
        Skip = "skip",
        /// An exercise that is not assigned yet gets other parameters.
        SetParameters = "set_parameters",
        /// An action that has not happened yet happens in another phase.
        Move = "move",
        /// An action that was offered happens.
        TakeUp = "take_up",
    }
}
