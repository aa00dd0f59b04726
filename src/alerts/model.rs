//! What an alert is, as sent and as shown.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::activities::definition::Severity;
use crate::auth::Tx;
use crate::db::Instant;
use crate::db::id::{AlertId, ClientId, ClinicianId, CoupleId, SubmissionId};
use crate::db::types::words;
use crate::error::Result;
use crate::holds::model::HoldKind;
use crate::http::page::Position;
use crate::http::{Patch, Resource};

words! {
    /// Where an alert came from.
    AlertKind {
        /// Something was said or found that bears on somebody's safety.
        SafetyFlag = "safety_flag",
        /// A client has asked for help.
        HelpRequest = "help_request",
        /// An exercise suggests that the clinician look at something.
        ClinicianPrompt = "clinician_prompt",
    }
}

words! {
    /// Where an alert stands (`domain` 2.8.1).
    AlertStatus {
        /// Nobody has taken it up.
        Raised = "raised",
        /// A clinician has it.
        Acknowledged = "acknowledged",
        /// It is dealt with.
        Resolved = "resolved",
        /// There was nothing to deal with.
        Dismissed = "dismissed",
    }
}

words! {
    /// What a safety flag says (`domain` 2.8.1).
    Flag {
        /// Somebody is afraid of their partner.
        FearOfPartner = "fear_of_partner",
        /// Violence between partners was disclosed.
        IpvDisclosed = "ipv_disclosed",
        /// One partner may be controlling the other.
        CoerciveControlConcern = "coercive_control_concern",
        /// Somebody may be pressed into what they do not want.
        SexualCoercionConcern = "sexual_coercion_concern",
        /// Somebody may want to end their life.
        SuicideRisk = "suicide_risk",
        /// Somebody may harm others.
        HarmToOthers = "harm_to_others",
        /// A child or an adult in need of protection may be abused.
        ChildOrVulnerableAdultAbuse = "child_or_vulnerable_adult_abuse",
        /// A body that remembers.
        TraumaResponse = "trauma_response",
        /// Alcohol or drugs.
        SubstanceRisk = "substance_risk",
        /// Symptoms that need care of their own.
        MajorSymptoms = "major_symptoms",
    }
}

impl Flag {
    /// How urgent it is unless a clinician says otherwise.
    #[must_use]
    pub fn severity(self) -> Severity {
        match self {
            Self::FearOfPartner
            | Self::IpvDisclosed
            | Self::SuicideRisk
            | Self::HarmToOthers
            | Self::ChildOrVulnerableAdultAbuse => Severity::Critical,
            Self::CoerciveControlConcern | Self::SexualCoercionConcern => Severity::High,
            Self::TraumaResponse | Self::SubstanceRisk | Self::MajorSymptoms => Severity::Moderate,
        }
    }

    /// The hold that it proposes (`domain` 2.8.1), if it has come up before within the last fourteen days or not.
    #[must_use]
    pub fn proposed_hold(self, again: bool) -> Option<HoldKind> {
        match self {
            Self::FearOfPartner | Self::IpvDisclosed | Self::CoerciveControlConcern => {
                Some(HoldKind::Conjoint)
            }
            Self::SexualCoercionConcern => Some(HoldKind::Touch),
            Self::TraumaResponse if again => Some(HoldKind::Touch),
            Self::TraumaResponse
            | Self::SuicideRisk
            | Self::HarmToOthers
            | Self::ChildOrVulnerableAdultAbuse
            | Self::SubstanceRisk
            | Self::MajorSymptoms => None,
        }
    }
}

/// An alert, with what was said and what is planned.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Alert {
    /// Id.
    pub id: AlertId,
    /// Whose safety it is about.
    pub client_id: ClientId,
    /// The couple it concerns, when the caller treats it.
    pub couple_id: Option<CoupleId>,
    /// The submission that raised it.
    pub submission_id: Option<SubmissionId>,
    /// Where it came from.
    pub kind: AlertKind,
    /// What it is about: a flag, `help_request`, or the code of a prompt.
    #[schema(max_length = 64, example = "fear_of_partner")]
    pub code: String,
    /// How urgent it is.
    pub severity: Severity,
    /// Where it stands.
    pub status: AlertStatus,
    /// The hold that it proposes while it is open. Nothing is held before a clinician places it (`POST /v1/holds`).
    pub proposed_hold: Option<HoldKind>,
    /// What was said, in the words of whoever raised it.
    #[schema(max_length = 4000)]
    pub detail: Option<String>,
    /// What the clinicians plan.
    #[schema(max_length = 4000)]
    pub plan: Option<String>,
    /// Why it was resolved or dismissed.
    #[schema(max_length = 2000)]
    pub closing: Option<String>,
    /// The clinician who raised it; null for what a client said.
    pub raised_by: Option<ClinicianId>,
    /// How many calls have gone out for it.
    #[schema(minimum = 0, maximum = 3)]
    pub pages: i32,
    /// When the next call goes out, unless somebody acknowledges it.
    pub next_page_at: Option<Instant>,
    /// Who has acknowledged it.
    pub acknowledged_by: Option<ClinicianId>,
    /// When.
    pub acknowledged_at: Option<Instant>,
    /// When it was resolved or dismissed.
    pub closed_at: Option<Instant>,
    /// When it was raised.
    pub created_at: Instant,
    /// When it last changed.
    pub updated_at: Instant,
}

impl Resource for Alert {
    fn id(&self) -> Uuid {
        self.id.uuid()
    }

    fn path(&self) -> String {
        format!("/v1/alerts/{}", self.id)
    }

    fn check_visible(tx: &mut Tx<'_>, id: Uuid) -> Result<()> {
        super::store::find_row(tx, AlertId::from_uuid(id)).map(drop)
    }
}

/// An alert in a list: without what was said and planned.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct AlertSummary {
    /// Id.
    pub id: AlertId,
    /// Whose safety it is about.
    pub client_id: ClientId,
    /// The couple it concerns, when the caller treats it.
    pub couple_id: Option<CoupleId>,
    /// The submission that raised it.
    pub submission_id: Option<SubmissionId>,
    /// Where it came from.
    pub kind: AlertKind,
    /// What it is about: a flag, `help_request`, or the code of a prompt.
    #[schema(max_length = 64, example = "fear_of_partner")]
    pub code: String,
    /// How urgent it is.
    pub severity: Severity,
    /// Where it stands.
    pub status: AlertStatus,
    /// Who has acknowledged it.
    pub acknowledged_by: Option<ClinicianId>,
    /// When it was raised.
    pub created_at: Instant,
    /// When it last changed.
    pub updated_at: Instant,
}

impl AlertSummary {
    /// Where this alert stands in a list.
    #[must_use]
    pub fn position(&self) -> Position {
        Position { at: self.updated_at, id: self.id.uuid() }
    }
}

/// A flag that a clinician raises.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RaiseAlert {
    /// Whose safety it is about. The caller treats them.
    pub client_id: ClientId,
    /// The couple it concerns, of which the client is a member.
    pub couple_id: Option<CoupleId>,
    /// What it says.
    pub code: Flag,
    /// How urgent it is; by the flag when left out.
    pub severity: Option<Severity>,
    /// What there is to say of it.
    #[schema(min_length = 1, max_length = 4000)]
    pub detail: Option<String>,
}

/// What may be changed of an alert. Absent members stay as they are.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AlertPatch {
    /// What the clinicians plan.
    #[serde(default)]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 4000)]
    pub plan: Patch<String>,
}

/// Why an alert is closed.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CloseAlert {
    /// In the clinician's words, for the record.
    #[schema(min_length = 1, max_length = 2000)]
    pub reason: String,
}

/// Which alerts to list.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct AlertFilter {
    /// Those about this client.
    pub client_id: Option<ClientId>,
    /// Those that concern this couple.
    pub couple_id: Option<CoupleId>,
    /// Any of these.
    #[param(style = Form, explode = false, max_items = 4)]
    pub status: Option<Vec<AlertStatus>>,
    /// Any of these.
    #[param(style = Form, explode = false, max_items = 3)]
    pub kind: Option<Vec<AlertKind>>,
    /// Any of these.
    #[param(style = Form, explode = false, max_items = 4)]
    pub severity: Option<Vec<Severity>>,
    /// Changed at this instant or later.
    pub updated_since: Option<Instant>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::activities::definition::registry::{FLAGS, can_be_raised};

    #[test]
    fn clinicians_raise_the_flags_that_exercises_may_raise() {
        let flags: Vec<&str> = Flag::ALL.iter().map(|flag| flag.as_str()).collect();
        let raised: Vec<&str> = FLAGS.iter().copied().filter(|flag| can_be_raised(flag)).collect();
        assert_eq!(flags, raised);
    }
}
