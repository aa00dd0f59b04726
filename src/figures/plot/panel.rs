//! One value over the weeks. Panels stand below one another and share their weeks.

use std::ops::RangeInclusive;

use plotters::coord::types::RangedCoordf64;
use plotters::prelude::*;

use super::canvas::{Area, DEEP, Drawn, GRID, MUTED, PAPER, Side, WIDTH, Words};
use super::words;
use crate::figures::trend::WeekValue;

/// How high a panel is, heading included.
pub(super) const HEIGHT: i32 = 300;
/// What the dates below the last panel take.
pub(super) const DATES: i32 = 76;

const LEFT: i32 = 96;
const RIGHT: i32 = 108;
const HEADING: i32 = 84;

/// How values are drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    /// A line with full points.
    Line,
    /// A dashed line with open points.
    Dashes,
    /// Bars from zero.
    Bars,
}

/// A panel.
pub(super) struct Panel<'a> {
    pub(super) name: &'a str,
    pub(super) note: &'a str,
    pub(super) weeks: &'a [WeekValue],
    pub(super) scale: RangeInclusive<f64>,
    pub(super) ticks: Vec<f64>,
    pub(super) shape: Shape,
}

type Chart<'a, 'b> = ChartContext<'a, SVGBackend<'b>, Cartesian2d<RangedCoordf64, RangedCoordf64>>;

/// Weeks and their values, where there are any.
type Point = (f64, f64);

impl Panel<'_> {
    /// Draws it, its upper edge at this height.
    pub(super) fn draw(&self, on: &Area<'_>, top: i32) -> Drawn {
        Words { text: self.name, at: (40, top + 16), size: 26, bold: true, ..Words::default() }
            .draw(on)?;
        Words { text: self.note, at: (40, top + 48), size: 22, ink: MUTED, ..Words::default() }
            .draw(on)?;
        let size = ((WIDTH - LEFT - RIGHT).unsigned_abs(), (HEIGHT - HEADING - 40).unsigned_abs());
        let inner = on.clone().shrink((LEFT, top + HEADING), size);
        let wide = f64::from(u32::try_from(self.weeks.len()).unwrap_or(1).max(1));
        let mut chart = ChartBuilder::on(&inner)
            .build_cartesian_2d(-0.5..wide - 0.5, *self.scale.start()..*self.scale.end())?;
        for tick in self.ticks.iter().filter(|tick| **tick <= 0.0 || !self.says_values()) {
            let line =
                PathElement::new(vec![(-0.5, *tick), (wide - 0.5, *tick)], GRID.stroke_width(2));
            chart.draw_series([line])?;
            let (_, y) = chart.backend_coord(&(0.0, *tick));
            let text = words::number(*tick, 1);
            Words {
                text: &text,
                at: (LEFT - 16, y),
                size: 22,
                ink: MUTED,
                side: Side::Right,
                ..Words::default()
            }
            .draw(on)?;
        }
        if self.points().next().is_none() {
            // A frame without a line in it would read as nothing having happened.
            let at = (LEFT + (WIDTH - LEFT - RIGHT) / 2, top + (HEADING + HEIGHT - 40) / 2);
            let (text, side) = ("No data in these weeks", Side::Center);
            return Words { text, at, size: 22, ink: MUTED, side, ..Words::default() }.draw(on);
        }
        match self.shape {
            Shape::Bars => self.bars(on, &mut chart),
            Shape::Line | Shape::Dashes => self.line(on, &mut chart),
        }
    }

    /// Dates below, a few of them, so that they do not meet.
    pub(super) fn dates(&self, on: &Area<'_>, top: i32) -> Drawn {
        let count = i32::try_from(self.weeks.len()).unwrap_or(1).max(1);
        let column = (WIDTH - LEFT - RIGHT) / count;
        let every = usize::try_from(100_i32.div_euclid(column.max(1)) + 1).unwrap_or(1);
        for (week, at) in self.weeks.iter().zip(0..).step_by(every) {
            let x = LEFT + (WIDTH - LEFT - RIGHT) * (2 * at + 1) / (2 * count);
            let text = words::short_day(week.starts_on);
            Words {
                text: &text,
                at: (x, top),
                size: 22,
                ink: MUTED,
                side: Side::Center,
                ..Words::default()
            }
            .draw(on)?;
        }
        Ok(())
    }

    /// Bars that are few say what they are, and need no grid.
    fn says_values(&self) -> bool {
        self.shape == Shape::Bars && self.weeks.len() <= 14
    }

    fn bars(&self, on: &Area<'_>, chart: &mut Chart<'_, '_>) -> Drawn {
        for (x, value) in self.points() {
            chart
                .draw_series([Rectangle::new([(x - 0.3, 0.0), (x + 0.3, value)], DEEP.filled())])?;
            if self.says_values() {
                let (x, y) = chart.backend_coord(&(x, value));
                let text = words::number(value, 1);
                Words {
                    text: &text,
                    at: (x, y - 18),
                    size: 22,
                    side: Side::Center,
                    ..Words::default()
                }
                .draw(on)?;
            }
        }
        Ok(())
    }

    fn line(&self, on: &Area<'_>, chart: &mut Chart<'_, '_>) -> Drawn {
        for run in self.runs() {
            if self.shape == Shape::Dashes {
                let dashes = DashedLineSeries::new(run, 12_u32, 8_u32, DEEP.stroke_width(4));
                chart.draw_series(dashes)?;
            } else {
                chart.draw_series(LineSeries::new(run, DEEP.stroke_width(4)))?;
            }
        }
        let radius = if self.weeks.len() <= 20 { 8 } else { 5 };
        for point in self.points() {
            chart.draw_series([Circle::new(point, radius, DEEP.filled())])?;
            if self.shape == Shape::Dashes {
                chart.draw_series([Circle::new(point, radius - 3, PAPER.filled())])?;
            }
        }
        // The latest value stands beside the grid, at the height of its point.
        if let Some(point) = self.points().last() {
            let (_, y) = chart.backend_coord(&point);
            let text = words::number(point.1, 1);
            Words {
                text: &text,
                at: (WIDTH - RIGHT + 16, y),
                size: 26,
                bold: true,
                ..Words::default()
            }
            .draw(on)?;
        }
        Ok(())
    }

    fn points(&self) -> impl Iterator<Item = Point> {
        self.numbered().filter_map(|(x, value)| Some((x, value?)))
    }

    /// Weeks in a row that have values: a line does not run over a week without.
    fn runs(&self) -> Vec<Vec<Point>> {
        let mut runs: Vec<Vec<Point>> = vec![Vec::new()];
        for (x, value) in self.numbered() {
            match (value, runs.last_mut()) {
                (Some(value), Some(run)) => run.push((x, value)),
                _ => runs.push(Vec::new()),
            }
        }
        runs.retain(|run| run.len() > 1);
        runs
    }

    fn numbered(&self) -> impl Iterator<Item = (f64, Option<f64>)> {
        (0_u32..).map(f64::from).zip(self.weeks.iter().map(|week| week.value))
    }
}
