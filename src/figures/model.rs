//! Figures as they are shown.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::figure::{Figure, Figures, PersonFigure};
use super::trend::WeekValue;
use crate::db::Date;
use crate::db::id::{AssignmentId, ClientId, CoupleId};
use crate::db::types::words;

/// How homework went over a period.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct FiguresReport {
    /// The first day.
    pub from: Date,
    /// The last day.
    pub until: Date,
    /// Of all homework that is counted, together.
    pub total: Figure,
    /// The same of each who takes part, in the order of their ids.
    #[schema(max_items = 6)]
    pub people: Vec<PersonFigure>,
    /// Of each assignment that is counted, in the order in which they were assigned.
    #[schema(max_items = 100)]
    pub assignments: Vec<AssignmentFigures>,
    /// How moods, stress and kindnesses went, by the week; null for whoever does not treat those whose answers they
    /// are made of, and for one assignment alone.
    pub trends: Option<Trends>,
    /// Pictures of it, with what they show in words.
    #[schema(max_items = 20)]
    pub plots: Vec<PlotLink>,
}

/// The figures of one assignment.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct AssignmentFigures {
    /// The assignment.
    pub assignment_id: AssignmentId,
    /// Its exercise's name.
    #[schema(max_length = 64, example = "daily_check_in")]
    pub key: String,
    /// Its exercise's title.
    #[schema(max_length = 120, example = "Daily check-in")]
    pub title: String,
    /// Of all who take part, and of each.
    pub figures: Figures,
}

/// Values by the week, each from Monday.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Trends {
    /// Of each person, in the order of their ids.
    #[schema(max_items = 6)]
    pub people: Vec<PersonTrends>,
    /// How many small kindnesses were noted.
    #[schema(max_items = 61)]
    pub gestures: Vec<WeekValue>,
    /// How many bids for attention were noted.
    #[schema(max_items = 61)]
    pub bids: Vec<WeekValue>,
    /// How many repairs were noted.
    #[schema(max_items = 61)]
    pub repairs: Vec<WeekValue>,
    /// How many arguments got out of hand, the mean of what each reports.
    #[schema(max_items = 61)]
    pub reactivity: Vec<WeekValue>,
    /// How the last two weeks of it compare with the first two, in percent; null with less than three weeks.
    pub reactivity_change_pct: Option<f64>,
}

/// Mood and stress of one person.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct PersonTrends {
    /// Whose.
    pub client_id: ClientId,
    /// Mean mood, 1 to 5.
    #[schema(max_items = 61)]
    pub mood: Vec<WeekValue>,
    /// Mean stress, 0 to 10.
    #[schema(max_items = 61)]
    pub stress: Vec<WeekValue>,
}

words! {
    /// What a picture shows.
    PlotKind {
        /// The days of one assignment.
        Calendar = "calendar",
        /// Mood and stress of one person, by the week.
        Person = "person",
        /// Small kindnesses and heated arguments of a couple, by the week.
        Couple = "couple",
    }
}

/// Where a picture is.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct PlotLink {
    /// What it shows.
    pub kind: PlotKind,
    /// The request that answers it.
    #[schema(
        max_length = 400,
        example = "/v1/figures/plot?kind=couple&couple_id=cpl_01kk5q9zqfeyzt0m2cdp4d3a6g"
    )]
    pub path: String,
}

/// A picture of figures, and the same in words.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Plot {
    /// What it is about.
    #[schema(max_length = 120, example = "Home practice, day by day")]
    pub title: String,
    /// Every figure in it, in words.
    #[schema(max_length = 20_000)]
    pub text: String,
    /// The picture: one `svg` element that needs nothing from elsewhere, and can be told apart in grey.
    #[schema(max_length = 400_000)]
    pub svg: String,
}

/// Whose figures, over which days. Exactly one of the three ids is given.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct FiguresFilter {
    /// Of this assignment.
    pub assignment_id: Option<AssignmentId>,
    /// Of everything that this couple does together.
    pub couple_id: Option<CoupleId>,
    /// Of everything that this client does alone.
    pub client_id: Option<ClientId>,
    /// The first day; six days before the last when left out.
    pub from: Option<Date>,
    /// The last day; today when left out. Sixty weeks after the first at the most.
    pub until: Option<Date>,
}

/// Which picture, over which days.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct PlotFilter {
    /// What it shows; `calendar` when left out. `calendar` needs `assignment_id`; `person` needs `client_id`, and
    /// `couple_id` for what they told in a couple; `couple` needs `couple_id`.
    pub kind: Option<PlotKind>,
    /// The assignment.
    pub assignment_id: Option<AssignmentId>,
    /// The couple.
    pub couple_id: Option<CoupleId>,
    /// The person.
    pub client_id: Option<ClientId>,
    /// The first day; eleven weeks before the last when left out.
    pub from: Option<Date>,
    /// The last day; today when left out. Sixty weeks after the first at the most.
    pub until: Option<Date>,
}
