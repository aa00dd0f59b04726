//! A dashboard as it is shown.

use serde::Serialize;
use utoipa::ToSchema;

use crate::db::id::{AssignmentId, CoupleId};
use crate::db::{Date, Instant};
use crate::figures::Figure;
use crate::occurrences::model::OnTheWall;
use crate::submissions::model::SharedAnswer;

/// What a couple sees of its homework. Every member reads the same bytes, but for `viewer`.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Dashboard {
    /// Who reads it; null for clinicians.
    pub viewer: Option<DashboardViewer>,
    /// The couple.
    pub couple_id: CoupleId,
    /// Today, in the couple's zone.
    pub today: Date,
    /// What was done this week or the last, first of all. It counts, and compares with nobody.
    #[schema(max_items = 100)]
    pub wins: Vec<Win>,
    /// What may make it easier. It follows from the couple's own figures, and names no cause.
    #[schema(max_items = 100)]
    pub suggestions: Vec<Suggestion>,
    /// What can be done now or within a week, the earliest first.
    #[schema(max_items = 20)]
    pub next: Vec<NextStep>,
    /// What rests.
    #[schema(max_items = 100)]
    pub resting: Vec<Resting>,
    /// How it went, of all together, in the order in which it was assigned.
    #[schema(max_items = 100)]
    pub totals: Vec<CoupleTotal>,
    /// What they have shared with each other in the last fourteen days, newest first.
    #[schema(max_items = 50)]
    pub shared: Vec<SharedAnswer>,
}

/// Who reads a dashboard.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct DashboardViewer {
    /// The name that the couple knows them by.
    #[schema(max_length = 80, example = "Robin")]
    pub display_name: Option<String>,
}

/// Something that went well.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = DashboardWin)]
pub struct Win {
    /// The assignment.
    pub assignment_id: AssignmentId,
    /// Its exercise's title.
    #[schema(max_length = 120, example = "Daily check-in")]
    pub title: String,
    /// The first day of the week in which it went well.
    pub from: Date,
    /// What was done, in words.
    #[schema(max_length = 120, example = "5 of 7")]
    pub label: String,
}

/// Something that may make it easier.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = DashboardSuggestion)]
pub struct Suggestion {
    /// The assignment.
    pub assignment_id: AssignmentId,
    /// Its exercise's title.
    #[schema(max_length = 120, example = "Daily check-in")]
    pub title: String,
    /// Which one it is, the same in every version of an exercise.
    #[schema(max_length = 64, example = "try_another_time")]
    pub code: String,
    /// The words for the couple.
    #[schema(max_length = 400)]
    pub text: String,
}

/// Something that can be done, or soon can.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = DashboardStep)]
pub struct NextStep {
    /// The assignment.
    pub assignment_id: AssignmentId,
    /// Its exercise's title.
    #[schema(max_length = 120, example = "Daily check-in")]
    pub title: String,
    /// Its day, in the assignment's zone.
    pub local_date: Date,
    /// Which of several on that day.
    #[schema(minimum = 1, maximum = 24)]
    pub slot_no: i32,
    /// From when it can be done.
    pub opens_at: Instant,
    /// By when it is due; null for what has no date.
    pub due_at: Option<Instant>,
    /// When that is on the wall of the assignment's zone.
    pub due_there: Option<OnTheWall>,
    /// Until when it can be done; null for what has no end.
    pub closes_at: Option<Instant>,
}

/// An exercise that rests.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = DashboardResting)]
pub struct Resting {
    /// The assignment.
    pub assignment_id: AssignmentId,
    /// Its exercise's title.
    #[schema(max_length = 120, example = "Daily check-in")]
    pub title: String,
    /// The day on which it goes on, if one was set.
    pub resume_on: Option<Date>,
}

/// How one exercise went, of all who take part together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct CoupleTotal {
    /// The assignment.
    pub assignment_id: AssignmentId,
    /// Its exercise's name.
    #[schema(max_length = 64, example = "daily_check_in")]
    pub key: String,
    /// Its exercise's title.
    #[schema(max_length = 120, example = "Daily check-in")]
    pub title: String,
    /// Its weeks, counted from its first day: this one and the two before, the latest first.
    #[schema(min_items = 1, max_items = 3)]
    pub weeks: Vec<WeekTotal>,
}

/// One week of an exercise.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = CoupleTotalWeek)]
pub struct WeekTotal {
    /// Its first day.
    pub from: Date,
    /// Its last day.
    pub until: Date,
    /// How it went. What one left out and what both did are told apart for nobody.
    pub figure: Figure,
}
