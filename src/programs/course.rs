//! A programme under way, as its transitions change it: loaded whole, and written where it has changed.

use diesel::prelude::*;

use super::definition::{Action, ActionKind, Phase, Requirement};
use super::deviations::{self, Deviation};
use super::homework::{self, Assigned};
use super::model::Program;
use super::readiness::{Facts, Whom};
use super::show;
use super::store::{self, ActionRow, PhaseRow, Row};
use super::transitions::MACHINE;
use super::words::{ActionState, DeviationKind, PhaseState};
use crate::assignments::assign::Lasts;
use crate::audit::{Change, Subject, record};
use crate::auth::Tx;
use crate::db::Date;
use crate::db::id::{ClinicianId, ProgramId};
use crate::db::schema::{program_actions, program_phases, programs};
use crate::error::{Error, Result};
use crate::practices;

pub(super) struct Course {
    pub(super) row: Row,
    pub(super) phases: Vec<PhaseRow>,
    pub(super) actions: Vec<ActionRow>,
    before: (Vec<PhaseRow>, Vec<ActionRow>),
    pub(super) clinician: ClinicianId,
    pub(super) today: Date,
    /// What is written down with the change.
    pub(super) deviations: Vec<Deviation>,
}

impl Course {
    /// Loads a programme for a transition, with its next status.
    ///
    /// # Errors
    /// 404, 403 for whoever does not treat, 409 when its status does not allow it.
    pub(super) fn open(tx: &mut Tx<'_>, id: ProgramId, name: &'static str) -> Result<Self> {
        let mut row = store::find_row(tx, id)?;
        let clinician = store::must_treat(tx, row.couple_id, row.client_id)?;
        row.status = MACHINE.step(row.status, name)?;
        let (phases, actions) = (store::phases_of(tx, id)?, store::actions_of(tx, id)?);
        let before = (phases.clone(), actions.clone());
        let today = practices::store::today(tx)?;
        Ok(Self { row, phases, actions, before, clinician, today, deviations: Vec::new() })
    }

    pub(super) fn whom(&self) -> Whom {
        Whom { couple: self.row.couple_id, client: self.row.client_id }
    }

    /// The phase that is under way, as planned.
    pub(super) fn planned(&self) -> Result<&Phase> {
        self.planned_at(self.row.phase)
    }

    fn planned_at(&self, place: i32) -> Result<&Phase> {
        let place = usize::try_from(place).unwrap_or(usize::MAX);
        let found = self.row.plan.0.definition.phases.get(place);
        found.ok_or_else(|| Error::internal("a programme without its phase"))
    }

    /// The row of the phase that is under way.
    pub(super) fn current(&mut self) -> Result<&mut PhaseRow> {
        let place = self.row.phase;
        let found = self.phases.iter_mut().find(|phase| phase.position == place);
        found.ok_or_else(|| Error::internal("a programme without its phase"))
    }

    pub(super) fn is_last(&self) -> bool {
        self.phases.iter().all(|phase| phase.position <= self.row.phase)
    }

    /// The action of this name, as planned.
    pub(super) fn action(&self, key: &str) -> Option<&Action> {
        self.row.plan.0.definition.action(key)
    }

    /// Whether what is not left out works on the threads that its definition asks for.
    pub(super) fn covers_threads(&self) -> bool {
        let skipped = |key: &str| {
            self.actions.iter().any(|row| row.key == key && row.state == ActionState::Skipped)
        };
        self.row.plan.0.covers_threads_without(skipped)
    }

    /// Moves what has not begun by so many days.
    pub(super) fn shift_upcoming(&mut self, days: i32) {
        for phase in self.phases.iter_mut().filter(|one| one.state == PhaseState::Upcoming) {
            phase.planned_from = phase.planned_from.plus_days(days);
            phase.planned_to = phase.planned_to.plus_days(days);
        }
    }

    /// Begins the phase in this place: what can be assigned is, and what awaits a feature says so. What could be left
    /// out does not keep a phase from beginning where the couple has enough to do: it is offered.
    pub(super) fn begin_phase(
        &mut self,
        tx: &mut Tx<'_>,
        place: i32,
        first_day: Date,
        reason: Option<&String>,
    ) -> Result<Assigned> {
        self.row.phase = place;
        let phase = self.current()?;
        phase.actual_from = Some(first_day);
        phase.state = PhaseState::Active;
        let facts = Facts::of(tx, self.whom())?;
        let mut assigned = Assigned::default();
        let keys: Vec<String> = self.actions_in(place).map(|row| row.key.clone()).collect();
        for key in keys {
            let mut own = Assigned::default();
            self.begin_action(tx, &key, &facts, reason, &mut own)?;
            if self.could_be_left_out(&key) && own.lacks_room() {
                self.offer(&key);
            } else {
                assigned.join(own);
            }
        }
        Ok(assigned)
    }

    fn could_be_left_out(&self, key: &str) -> bool {
        self.action(key).is_some_and(|action| action.required == Requirement::Could)
    }

    /// Leaves it to the clinician to take an action up.
    fn offer(&mut self, key: &str) {
        if let Some(row) = self.actions.iter_mut().find(|row| row.key == key) {
            row.state = ActionState::Offered;
        }
    }

    /// Begins one action of the phase that is under way, unless it is only offered.
    pub(super) fn begin_action(
        &mut self,
        tx: &mut Tx<'_>,
        key: &str,
        facts: &Facts,
        reason: Option<&String>,
        assigned: &mut Assigned,
    ) -> Result<()> {
        let Some(action) = self.action(key).cloned() else { return Ok(()) };
        let (whom, length) = (self.whom(), self.planned()?.length_days);
        let first_day = self.current()?.actual_from.unwrap_or(self.today);
        let offset = action.timing.map(|timing| timing.offset_days).unwrap_or_default();
        let due_on = first_day.plus_days(i32::from(offset));
        let Some(row) = self.actions.iter_mut().find(|row| row.key == key) else { return Ok(()) };
        if !matches!(row.state, ActionState::Planned | ActionState::Waits) {
            return Ok(());
        }
        row.due_on = Some(due_on);
        if action.awaits.is_some() {
            row.state = ActionState::Waits;
            self.deviations.push(Deviation::of(DeviationKind::Awaits, key));
            return Ok(());
        }
        // What is due after the phase is booked when the programme ends.
        let comes_later = offset >= length;
        let holds = action.when.as_ref().is_none_or(|when| facts.says(when) == Some(true));
        if action.kind == ActionKind::Assign && holds && !comes_later {
            let lasts = self.lasts(&action);
            assigned.assign(tx, whom, &action, (due_on, lasts), reason)?;
            self.mark_assigned(key, assigned);
        }
        Ok(())
    }

    /// What goes on in later phases, or after the programme, goes on until the programme or somebody else ends it: a
    /// term of its exercise's own, of thirty days, would leave most of the programme without it.
    pub(super) fn lasts(&self, action: &Action) -> Lasts {
        let carried = self.actions.iter().any(|row| row.key == action.key && row.carry_forward);
        let kept = &self.row.plan.0.definition.completion.keep_running;
        let stays = action.activity.as_ref().is_some_and(|activity| kept.contains(activity));
        if carried || stays { Lasts::UntilEnded } else { Lasts::ItsTerm }
    }

    pub(super) fn mark_assigned(&mut self, key: &str, assigned: &Assigned) {
        let made = assigned.of(key);
        if let Some(row) = self.actions.iter_mut().find(|row| row.key == key && made.is_some()) {
            row.assignment_id = made;
            row.state = ActionState::Assigned;
        }
    }

    /// Leaves an action out.
    pub(super) fn skip(&mut self, key: &str) {
        if let Some(row) = self.actions.iter_mut().find(|row| row.key == key) {
            row.state = ActionState::Skipped;
            row.due_on = None;
        }
    }

    /// Ends the phase that is under way. What is not carried forward ends with it.
    pub(super) fn end_phase(&mut self, tx: &mut Tx<'_>, last_day: Date) -> Result<()> {
        let (today, place) = (self.today, self.row.phase);
        let phase = self.current()?;
        phase.actual_to = Some(last_day.max(phase.actual_from.unwrap_or(last_day)));
        phase.state = PhaseState::Done;
        let last =
            phase.actual_from.unwrap_or(today).plus_days(i32::from(self.planned()?.length_days));
        let plan = self.row.plan.0.clone();
        for row in self.actions.iter_mut().filter(|row| row.phase == place) {
            let Some(action) = plan.definition.action(&row.key) else { continue };
            let booked_later = row.due_on.is_some_and(|due| due >= last);
            match row.state {
                ActionState::Assigned if !row.carry_forward && !booked_later => {
                    if let Some(id) = row.assignment_id {
                        homework::end(tx, id)?;
                    }
                }
                ActionState::Planned if action.kind == ActionKind::Assign && booked_later => {}
                // Who begins the next phase has looked at what was to be looked at.
                ActionState::Planned if action.when.is_none() => row.state = ActionState::Done,
                ActionState::Planned | ActionState::Offered => row.state = ActionState::Skipped,
                _ => {}
            }
        }
        Ok(())
    }

    fn actions_in(&self, place: i32) -> impl Iterator<Item = &ActionRow> {
        self.actions.iter().filter(move |row| row.phase == place)
    }

    /// Writes what has changed, with its record and its deviations.
    ///
    /// # Errors
    /// Those of the database.
    pub(super) fn save(
        mut self,
        tx: &mut Tx<'_>,
        verb: &'static str,
        fields: &[&'static str],
        reason: Option<&String>,
    ) -> Result<Program> {
        let (id, practice) = (self.row.id, tx.practice());
        self.row.version += 1;
        self.row.updated_at = tx.now;
        diesel::update(programs::table.find((practice, id))).set(&self.row).execute(tx.conn)?;
        for row in self.phases.iter().filter(|row| !self.before.0.contains(row)) {
            diesel::update(program_phases::table.find((practice, id, row.position)))
                .set(row)
                .execute(tx.conn)?;
        }
        for row in self.actions.iter().filter(|row| !self.before.1.contains(row)) {
            diesel::update(program_actions::table.find((practice, id, row.key.clone())))
                .set(row)
                .execute(tx.conn)?;
        }
        deviations::record(tx, id, self.clinician, self.deviations, reason)?;
        record(tx, &Change { subject: Subject::Program(id), verb, fields })?;
        show::find(tx, id)
    }

    /// A programme that is about to be written for the first time.
    pub(super) fn new(row: Row, clinician: ClinicianId, today: Date) -> Self {
        let (phases, actions) = (phase_rows(&row), action_rows(&row));
        let before = (Vec::new(), Vec::new());
        Self { row, phases, actions, before, clinician, today, deviations: Vec::new() }
    }

    /// Writes a programme for the first time.
    ///
    /// # Errors
    /// Those of the database.
    pub(super) fn insert(self, tx: &mut Tx<'_>, reason: Option<&String>) -> Result<Program> {
        let id = self.row.id;
        diesel::insert_into(programs::table).values(self.row).execute(tx.conn)?;
        for row in self.phases {
            diesel::insert_into(program_phases::table).values(row).execute(tx.conn)?;
        }
        for row in self.actions {
            diesel::insert_into(program_actions::table).values(row).execute(tx.conn)?;
        }
        deviations::record(tx, id, self.clinician, self.deviations, reason)?;
        record(tx, &Change::of(Subject::Program(id), "begun"))?;
        show::find(tx, id)
    }
}

fn place(at: usize) -> i32 {
    i32::try_from(at).unwrap_or(i32::MAX)
}

fn phase_rows(program: &Row) -> Vec<PhaseRow> {
    let plan = &program.plan.0;
    let days = plan.days_from(program.starts_on);
    let phases = plan.definition.phases.iter().zip(days).enumerate();
    phases
        .map(|(at, (phase, (planned_from, planned_to)))| PhaseRow {
            practice_id: program.practice_id,
            program_id: program.id,
            position: place(at),
            key: phase.key.clone(),
            planned_from,
            planned_to,
            actual_from: None,
            actual_to: None,
            state: PhaseState::Upcoming,
        })
        .collect()
}

fn action_rows(program: &Row) -> Vec<ActionRow> {
    let plan = &program.plan.0;
    let offered = |action: &Action| plan.offered.contains(&action.key);
    plan.actions()
        .enumerate()
        .map(|(at, (phase, action))| ActionRow {
            practice_id: program.practice_id,
            program_id: program.id,
            key: action.key.clone(),
            position: place(at),
            phase: place(phase),
            state: if offered(action) { ActionState::Offered } else { ActionState::Planned },
            assignment_id: None,
            due_on: None,
            carry_forward: action.carry_forward,
            rests: false,
        })
        .collect()
}
