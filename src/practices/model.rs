//! What a practice is, as sent and as shown.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::auth::Tx;
use crate::db::id::{OfficeId, PracticeId};
use crate::db::{Instant, WallTime};
use crate::error::Result;
use crate::http::page::Position;
use crate::http::patch::set;
use crate::http::{Patch, Resource};

/// A practice, as its staff and services see it.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Practice {
    /// Id.
    pub id: PracticeId,
    /// The name it goes by.
    #[schema(max_length = 120, example = "Tidewater Couples Practice (fictitious)")]
    pub name: String,
    /// Its legal name.
    #[schema(max_length = 120)]
    pub legal_name: Option<String>,
    /// IANA zone of its posted hours.
    #[schema(format = "iana-timezone", example = "America/Los_Angeles")]
    pub timezone: String,
    /// Telephone, E.164.
    #[schema(pattern = r"^\+[1-9][0-9]{6,14}$", example = "+12065550100")]
    pub phone: Option<String>,
    /// E-mail.
    #[schema(max_length = 254, format = "email", example = "hello@tidewater.example")]
    pub email: Option<String>,
    /// Website.
    #[schema(max_length = 300, format = "uri", example = "https://tidewater.example")]
    pub website: Option<String>,
    /// True when it bills clients directly and no insurer (`seed:1.145`).
    pub out_of_network: bool,
    /// What it says of insurance.
    #[schema(max_length = 600)]
    pub insurance_text: Option<String>,
    /// What it says of reduced fees (`seed:1.146`).
    #[schema(max_length = 300)]
    pub sliding_scale_text: Option<String>,
    /// What it says of the relationships it works with (`seed:1.140`).
    #[schema(max_length = 300)]
    pub structures_text: Option<String>,
    /// Its offices in use, with posted hours.
    #[schema(max_items = 50)]
    pub offices: Vec<Office>,
    /// How it works.
    pub settings: PracticeSettings,
    /// When the record was made.
    pub created_at: Instant,
    /// When it last changed, its offices aside.
    pub updated_at: Instant,
}

impl Resource for Practice {
    fn id(&self) -> Uuid {
        self.id.uuid()
    }

    fn path(&self) -> String {
        "/v1/practice".to_owned()
    }

    fn check_visible(_: &mut Tx<'_>, _: Uuid) -> Result<()> {
        Ok(())
    }
}

macro_rules! settings {
    ($($(#[$doc:meta])* $name:ident : $type:ty = $default:expr, ($($bound:tt)*);)*) => {
        /// How a practice works. Every setting has a default.
        #[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
        #[serde(default)]
        pub struct PracticeSettings {
            $($(#[$doc])* #[schema($($bound)*)] pub $name: $type,)*
        }

        impl Default for PracticeSettings {
            fn default() -> Self {
                Self { $($name: $default,)* }
            }
        }

        /// The settings to change. Absent members stay as they are.
        #[derive(Debug, Clone, Default, Deserialize, ToSchema)]
        #[serde(deny_unknown_fields)]
        pub struct PracticeSettingsPatch {
            $($(#[$doc])* #[schema(nullable = false, $($bound)*)] pub $name: Option<$type>,)*
        }

        impl PracticeSettings {
            /// Applies a patch; true when something is now another.
            pub fn apply(&mut self, patch: PracticeSettingsPatch) -> bool {
                let mut changed = false;
                $(changed |= set(&mut self.$name, patch.$name);)*
                changed
            }
        }
    };
}

settings! {
    /// Ongoing sessions need a consultation first, held or waived (`seed:1.143`).
    consult_required: bool = true, ();
    /// Members of a couple at the most, for couples made from now on.
    max_members: u8 = 2, (minimum = 2, maximum = 6);
    /// States in which telehealth is offered (`seed:1.138`).
    telehealth_states: Vec<StateCode> = Vec::new(), (max_items = 60);
    /// A session cancelled later than this before its start counts as cancelled late.
    late_cancel_hours: u16 = 24, (minimum = 0, maximum = 168);
    /// Free consultations per client and couple in twelve months.
    free_consults_per_client_12m: u8 = 1, (minimum = 0, maximum = 12);
    /// Assignments that a couple may have open at a time.
    max_active_couple_assignments: u8 = 6, (minimum = 1, maximum = 50);
    /// Issues of weight that a couple may have open at a time.
    max_open_rocks: u8 = 3, (minimum = 1, maximum = 20);
    /// A critical alert goes to the covering clinician after so many minutes.
    flag_ack_minutes: u16 = 30, (minimum = 5, maximum = 1440);
    /// A stage of touch is entered only after a clinician's confirmation.
    touch_advance_needs_clinician: bool = true, ();
    /// A second body alarm within fourteen days places a hold by itself.
    auto_touch_hold_on_second_alarm: bool = false, ();
    /// A shared inventory with a smaller part in common is a hint for the clinician.
    overlap_thin_below: f64 = 0.15, (minimum = 0, maximum = 1);
    /// Check-ins of a week, of seven, with which a busy week counts as held (`seed:1.121`).
    system_held_check_ins: u8 = 5, (minimum = 0, maximum = 7);
    /// Touch practices of a week, of three, with which a busy week counts as held (`seed:1.121`).
    system_held_touch: u8 = 2, (minimum = 0, maximum = 3);
    /// Supervisors read session ratings.
    supervisor_sees_session_fit: bool = false, ();
    /// Days after dissolution in which members still read what was shared with them.
    data_access_after_dissolution_days: u16 = 30, (minimum = 0, maximum = 365);
    /// Years that a clinical record is kept after the end of treatment.
    retention_years: u8 = 7, (minimum = 5, maximum = 50);
    /// Days that a comparison stays open once every member has opened it.
    comparison_view_days: u8 = 7, (minimum = 1, maximum = 7);
    /// The hour from which quiet is suggested to couples.
    quiet_hours_suggestion: WallTime = default_quiet_hours(), ();
    /// When a day begins for what is noted as it happens, in homework assigned from now on. What is later than
    /// 04:00 counts as 04:00.
    day_starts_at: WallTime = WallTime::default(), ();
}

fn default_quiet_hours() -> WallTime {
    "21:00".parse().unwrap_or_default()
}

/// A state of the United States by its two letters.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(transparent)]
#[schema(pattern = "^[A-Z]{2}$", example = "WA")]
pub struct StateCode(pub String);

/// What may be changed of a practice. Absent members stay as they are.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PracticePatch {
    /// The name it goes by.
    #[schema(nullable = false, min_length = 1, max_length = 120)]
    pub name: Option<String>,
    /// Its legal name.
    #[serde(default)]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 120)]
    pub legal_name: Patch<String>,
    /// IANA zone of its posted hours.
    #[schema(nullable = false, format = "iana-timezone", max_length = 64)]
    pub timezone: Option<String>,
    /// Telephone, E.164.
    #[serde(default)]
    #[schema(value_type = Option<String>, pattern = r"^\+[1-9][0-9]{6,14}$")]
    pub phone: Patch<String>,
    /// E-mail.
    #[serde(default)]
    #[schema(value_type = Option<String>, max_length = 254, format = "email")]
    pub email: Patch<String>,
    /// Website.
    #[serde(default)]
    #[schema(value_type = Option<String>, max_length = 300, format = "uri")]
    pub website: Patch<String>,
    /// True when it bills clients directly and no insurer.
    #[schema(nullable = false)]
    pub out_of_network: Option<bool>,
    /// What it says of insurance.
    #[serde(default)]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 600)]
    pub insurance_text: Patch<String>,
    /// What it says of reduced fees.
    #[serde(default)]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 300)]
    pub sliding_scale_text: Patch<String>,
    /// What it says of the relationships it works with.
    #[serde(default)]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 300)]
    pub structures_text: Patch<String>,
    /// The settings to change.
    #[schema(nullable = false)]
    pub settings: Option<PracticeSettingsPatch>,
}

/// An office.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Office {
    /// Id.
    pub id: OfficeId,
    /// The name it goes by.
    #[schema(max_length = 120, example = "Harbor Street")]
    pub name: String,
    /// First line of the address.
    #[schema(max_length = 120, example = "1 Fictitious Wharf")]
    pub line1: String,
    /// Second line.
    #[schema(max_length = 120)]
    pub line2: Option<String>,
    /// City.
    #[schema(max_length = 80, example = "Seattle")]
    pub city: String,
    /// Two-letter state.
    #[schema(pattern = "^[A-Z]{2}$", example = "WA")]
    pub region: String,
    /// Postal code.
    #[schema(max_length = 12, example = "98100")]
    pub postal_code: String,
    /// Two-letter country.
    #[schema(pattern = "^[A-Z]{2}$", example = "US")]
    pub country: String,
    /// Neighbourhoods close by (`seed:1.147`).
    #[schema(max_items = 20)]
    pub nearby: Vec<String>,
    /// False when it is no longer in use.
    pub active: bool,
    /// When it is open; no entry for a weekday means closed (`seed:1.135`).
    #[schema(max_items = 28)]
    pub posted_hours: Vec<PostedHours>,
    /// When the record was made.
    pub created_at: Instant,
    /// When it last changed.
    pub updated_at: Instant,
}

impl Resource for Office {
    fn id(&self) -> Uuid {
        self.id.uuid()
    }

    fn path(&self) -> String {
        format!("/v1/offices/{}", self.id)
    }

    fn check_visible(tx: &mut Tx<'_>, id: Uuid) -> Result<()> {
        super::offices::find(tx, OfficeId::from_uuid(id)).map(drop)
    }
}

impl Office {
    /// Where this office stands in a list.
    #[must_use]
    pub fn position(&self) -> Position {
        Position { at: self.updated_at, id: self.id.uuid() }
    }
}

/// A time of opening on one weekday, in the practice's zone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PostedHours {
    /// ISO weekday, Monday is 1.
    #[schema(minimum = 1, maximum = 7)]
    pub weekday: i32,
    /// Opens at.
    pub opens: WallTime,
    /// Closes at, later on the same day.
    pub closes: WallTime,
    /// A remark, as "by appointment".
    #[schema(min_length = 1, max_length = 120)]
    pub note: Option<String>,
}

/// A new office.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewOffice {
    /// The name it goes by.
    #[schema(min_length = 1, max_length = 120)]
    pub name: String,
    /// First line of the address.
    #[schema(min_length = 1, max_length = 120)]
    pub line1: String,
    /// Second line.
    #[schema(min_length = 1, max_length = 120)]
    pub line2: Option<String>,
    /// City.
    #[schema(min_length = 1, max_length = 80)]
    pub city: String,
    /// Two-letter state.
    #[schema(pattern = "^[A-Z]{2}$")]
    pub region: String,
    /// Postal code.
    #[schema(min_length = 3, max_length = 12)]
    pub postal_code: String,
    /// Two-letter country; `US` when left out.
    #[schema(nullable = false, pattern = "^[A-Z]{2}$", default = "US")]
    pub country: Option<String>,
    /// Neighbourhoods close by.
    #[schema(nullable = false, max_items = 20)]
    pub nearby: Option<Vec<String>>,
    /// When it is open.
    #[schema(nullable = false, max_items = 28)]
    pub posted_hours: Option<Vec<PostedHours>>,
}

/// What may be changed of an office. Absent members stay as they are; lists are replaced.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OfficePatch {
    /// The name it goes by.
    #[schema(nullable = false, min_length = 1, max_length = 120)]
    pub name: Option<String>,
    /// First line of the address.
    #[schema(nullable = false, min_length = 1, max_length = 120)]
    pub line1: Option<String>,
    /// Second line.
    #[serde(default)]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 120)]
    pub line2: Patch<String>,
    /// City.
    #[schema(nullable = false, min_length = 1, max_length = 80)]
    pub city: Option<String>,
    /// Two-letter state.
    #[schema(nullable = false, pattern = "^[A-Z]{2}$")]
    pub region: Option<String>,
    /// Postal code.
    #[schema(nullable = false, min_length = 3, max_length = 12)]
    pub postal_code: Option<String>,
    /// Two-letter country.
    #[schema(nullable = false, pattern = "^[A-Z]{2}$")]
    pub country: Option<String>,
    /// Neighbourhoods close by.
    #[schema(nullable = false, max_items = 20)]
    pub nearby: Option<Vec<String>>,
    /// False when it is no longer in use.
    #[schema(nullable = false)]
    pub active: Option<bool>,
    /// When it is open.
    #[schema(nullable = false, max_items = 28)]
    pub posted_hours: Option<Vec<PostedHours>>,
}
