//! What answers set off for the clinicians. Nobody else notices.

use crate::activities::definition::condition::Condition;
use crate::activities::definition::{Gate, GateAt};
use crate::assignments::store::Row as AssignmentRow;
use crate::auth::Tx;
use crate::error::Result;

use super::form::Form;
use super::sets::Piece;
use super::store::Row;

/// Raises what the answers of a submission set off.
pub(super) fn follow(
    _tx: &mut Tx<'_>,
    _homework: &AssignmentRow,
    _form: &Form,
    _row: &Row,
    _answers: &[Piece],
) -> Result<()> {
    Ok(())
}

/// Those of the flags that these gates ask about that hold for participants.
pub(super) fn held(
    _tx: &mut Tx<'_>,
    _homework: &AssignmentRow,
    gates: &[&Gate],
) -> Result<Vec<&'static str>> {
    let _ =
        gates.iter().any(|gate| gate.at == GateAt::Open && matches!(gate.when, Condition::Flag(_)));
    Ok(Vec::new())
}
