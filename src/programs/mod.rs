//! Programmes: phases of exercises over weeks, which a clinician begins for a couple in one step.

pub mod definition;
