//! When an exercise is due.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::db::types::words;

words! {
    /// The unit of a period.
    PeriodUnit {
        /// Days.
        Day = "d",
        /// Weeks.
        Week = "wk",
        /// Months.
        Month = "mo",
    }
}

words! {
    /// Whether an occurrence has its day.
    Placement {
        /// It has.
        Fixed = "fixed",
        /// So many within the period, on whichever day.
        Flexible = "flexible",
    }
}

words! {
    /// A day of the week.
    Weekday {
        /// Monday.
        Mon = "mon",
        /// Tuesday.
        Tue = "tue",
        /// Wednesday.
        Wed = "wed",
        /// Thursday.
        Thu = "thu",
        /// Friday.
        Fri = "fri",
        /// Saturday.
        Sat = "sat",
        /// Sunday.
        Sun = "sun",
    }
}

/// When an exercise is due.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ActivityTiming)]
pub struct Timing {
    /// How often.
    pub repeat: Repeat,
    /// Whether each time has its day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub placement: Option<Placement>,
    /// True when the hour is the same every time.
    #[serde(default)]
    pub same_time_every_occurrence: bool,
    /// How long before it is due it opens, ISO 8601.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(pattern = "^PT[0-9]{1,4}[HM]$", example = "PT15M")]
    pub opens_before: Option<String>,
    /// How long after it was due it closes, ISO 8601.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(pattern = "^PT[0-9]{1,4}[HM]$", example = "PT4H")]
    pub closes_after: Option<String>,
    /// The least time between two, ISO 8601.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(pattern = "^P(T[0-9]{1,4}H|[0-9]{1,3}D)$", example = "PT12H")]
    pub min_spacing: Option<String>,
    /// How long it takes, in minutes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1, maximum = 600)]
    pub window_minutes: Option<u16>,
}

/// How often, after FHIR `Timing.repeat`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ActivityRepeat)]
pub struct Repeat {
    /// Times in a period.
    #[schema(minimum = 1, maximum = 24)]
    pub frequency: u8,
    /// Times in a period at the most.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1, maximum = 24)]
    pub frequency_max: Option<u8>,
    /// Length of the period.
    #[schema(minimum = 1, maximum = 52)]
    pub period: u8,
    /// Its unit.
    pub period_unit: PeriodUnit,
    /// On which days.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(max_items = 7)]
    pub day_of_week: Vec<Weekday>,
    /// At which hours on the wall, `HH:MM`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(max_items = 24)]
    pub time_of_day: Vec<String>,
    /// For how long, ISO 8601.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(pattern = "^P[0-9]{1,3}[MWD]$", example = "P30D")]
    pub bounds: Option<String>,
}
