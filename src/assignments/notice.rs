//! Who will read an answer, in plain words: the notice that stands beside every question (`domain` 2.7.2).

use diesel::prelude::*;
use serde::Serialize;
use utoipa::ToSchema;

use super::store::Row;
use crate::activities::definition::audience::{Shown, Stage, Viewer, decide};
use crate::activities::definition::{Definition, Item, Sensitivity};
use crate::auth::Tx;
use crate::couples;
use crate::couples::model::InvitationState;
use crate::couples::secrets_policy::{self, Policy};
use crate::db::id::CoupleId;
use crate::db::schema::couple_members;
use crate::error::Result;

/// Who will read the answer to a question.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Notice {
    /// The question.
    #[schema(max_length = 64, example = "mood")]
    pub link_id: String,
    /// The sentence to show.
    #[schema(
        max_length = 600,
        example = "Your partner does not see this. Your therapist reads this once you submit it."
    )]
    pub text: String,
    /// True when the author may share it later.
    pub may_be_widened: bool,
}

/// The notices of all questions of an exercise, for a couple or for one client alone.
#[must_use]
pub(crate) fn of_questions(
    couple: bool,
    definition: &Definition,
    policies: &[Policy],
) -> Vec<Notice> {
    // What concerns somebody's safety is exempt from every policy, and stays private.
    let policies = if definition.sensitivity == Sensitivity::Safety { &[] } else { policies };
    definition
        .questions()
        .into_iter()
        .filter(|(_, item)| !item.read_only)
        .map(|(_, item)| Notice {
            link_id: item.link_id.clone(),
            text: text(item, couple, policies),
            may_be_widened: item.author_may_widen && couple,
        })
        .collect()
}

/// The policies under which private answers are given: the couple's, or for one client's homework those
/// of the couples that the client is in, as far as the caller sees them.
pub(super) fn policies(tx: &mut Tx<'_>, row: &Row) -> Result<Vec<Policy>> {
    let couples: Vec<CoupleId> = match (row.couple_id, row.client_id) {
        (Some(couple), _) => vec![couple],
        (None, Some(client)) => {
            let theirs: Vec<CoupleId> = couple_members::table
                .filter(couple_members::practice_id.eq(tx.practice()))
                .filter(couple_members::client_id.eq(client))
                .filter(couple_members::left_on.is_null())
                .filter(couple_members::invitation_state.eq(InvitationState::Accepted))
                .select(couple_members::couple_id)
                .load(tx.conn)?;
            couples::store::visible_among(tx, theirs)?
        }
        (None, None) => Vec::new(),
    };
    let mut policies = Vec::new();
    for couple in couples {
        policies.extend(secrets_policy::in_force(tx, couple)?);
    }
    Ok(policies)
}

/// Two sentences, one of the others and one of the therapist, both taken from what [`decide`] says of each,
/// and a third where the couple's policy asks for it.
fn text(item: &Item, shared: bool, policies: &[Policy]) -> String {
    let sees =
        |viewer, stage| decide(item.audience(), item.clinician_audience(), false, viewer, stage);
    let partner = (sees(Viewer::Partner, Stage::Submitted), sees(Viewer::Partner, Stage::Revealed));
    let therapist =
        (sees(Viewer::Clinician, Stage::Submitted), sees(Viewer::Clinician, Stage::Revealed));
    let mut sentences = Vec::new();
    if shared {
        sentences.push(of_partner(partner));
    }
    sentences.push(of_therapist(therapist));
    let private = !shared || partner.1 == Shown::Nothing;
    let may_be_brought =
        |policy: &Policy| matches!(policy, Policy::NoSecrets | Policy::LimitedSecrets);
    if private && therapist.0 == Shown::Full && policies.iter().any(may_be_brought) {
        sentences.push(
            "Your therapist may bring what matters of it into your joint work; what concerns your \
             safety is handled apart.",
        );
    }
    sentences.join(" ")
}

fn of_partner(seen: (Shown, Shown)) -> &'static str {
    match seen {
        (Shown::Full, _) => "Your partner reads this once you submit it.",
        (_, Shown::Full) => "Your partner reads this once everybody has submitted.",
        (_, Shown::Outcome) => {
            "Your partner does not read this, only what comes of everybody's answers together."
        }
        (_, Shown::Overlap) => "Your partner sees only what everybody marked alike.",
        _ => "Your partner does not see this.",
    }
}

fn of_therapist(seen: (Shown, Shown)) -> &'static str {
    match seen {
        (Shown::Full, _) => "Your therapist reads this once you submit it.",
        (_, Shown::Outcome) => {
            "Your therapist learns only what comes of everybody's answers together."
        }
        (_, Shown::Overlap) => "Your therapist sees only what everybody marked alike.",
        _ => "Your therapist does not see this.",
    }
}
