//! Pictures: requests a second against connections, and the middle answer time against the size of the database.

use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

use crate::Outcome;
use crate::place::Kind;
use crate::row::Row;
use crate::server::Which;

const SIZE: (i32, i32) = (960, 560);
/// Left, right, top and bottom of the field; the names of the lines stand to its right.
const FIELD: (i32, i32, i32, i32) = (90, 660, 60, 490);
const INK: RGBColor = RGBColor(0x26, 0x26, 0x26);
const GRID: RGBColor = RGBColor(0xDE, 0xDE, 0xDE);
/// One for each scenario of a picture.
static COLOURS: [RGBColor; 12] = [
    RGBColor(0x1D, 0x4E, 0x63),
    RGBColor(0xB5, 0x4A, 0x2E),
    RGBColor(0x3B, 0x7A, 0x3B),
    RGBColor(0x7A, 0x4F, 0x9A),
    RGBColor(0x9A, 0x7B, 0x1E),
    RGBColor(0x2E, 0x7F, 0xB5),
    RGBColor(0xA0, 0x3A, 0x6A),
    RGBColor(0x55, 0x6B, 0x2F),
    RGBColor(0x5A, 0x5A, 0x5A),
    RGBColor(0x00, 0x80, 0x80),
    RGBColor(0x6E, 0x3B, 0x1F),
    RGBColor(0x1F, 0x3A, 0x93),
];

/// A line: its name, and its points in the units of both axes.
type Line = (&'static str, Vec<(f64, f64)>);

/// Every picture with its file name.
pub fn all(rows: &[Row]) -> Outcome<Vec<(String, String)>> {
    let mut made = Vec::new();
    for kind in [Kind::Sqlite, Kind::Postgres] {
        let mine: Vec<&Row> = rows.iter().filter(|row| row.database == kind).collect();
        let Some(most) = mine.iter().map(|row| row.scale).max() else { continue };
        let middle = mine.iter().map(|row| row.connections).find(|count| *count > 1).unwrap_or(1);
        let word = format!("{kind}").to_lowercase();
        let of_largest = lines(&mine, |row| {
            let wanted = row.scale == most && row.server == Which::Service;
            wanted.then(|| (real(row.connections), row.median(|round| round.per_second)))
        });
        made.push((
            format!("throughput-{word}.svg"),
            picture(
                &format!("Requests a second by connections, {kind} with {most} submissions"),
                &of_largest,
            )?,
        ));
        let by_size = lines(&mine, |row| {
            let wanted = row.connections == middle && row.held_to_growth;
            wanted.then(|| (real(row.scale), row.median(|round| round.p50)))
        });
        made.push((
            format!("growth-{word}.svg"),
            picture(
                &format!("p50 of reads in ms by submissions, {kind}, {middle} connections"),
                &by_size,
            )?,
        ));
    }
    Ok(made)
}

fn lines(rows: &[&Row], point: impl Fn(&Row) -> Option<(f64, f64)>) -> Vec<Line> {
    let mut lines: Vec<Line> = Vec::new();
    for row in rows {
        let Some(point) = point(row) else { continue };
        match lines.iter_mut().find(|(name, _)| *name == row.name) {
            Some((_, points)) => points.push(point),
            None => lines.push((row.name, vec![point])),
        }
    }
    lines
}

/// Lines in a field whose axes are both logarithmic.
fn picture(title: &str, lines: &[Line]) -> Outcome<String> {
    let mut drawn = String::new();
    let size = (SIZE.0.unsigned_abs(), SIZE.1.unsigned_abs());
    {
        let area = SVGBackend::with_string(&mut drawn, size).into_drawing_area();
        area.fill(&WHITE)?;
        area.draw_text(title, &words(26, HPos::Left, &INK), (FIELD.0, 30))?;
        let points = || lines.iter().flat_map(|(_, points)| points);
        let (across, up) = (Axis::of(points().map(|at| at.0)), Axis::of(points().map(|at| at.1)));
        let place = |at: (f64, f64)| {
            (between(FIELD.0, FIELD.1, across.part(at.0)), between(FIELD.3, FIELD.2, up.part(at.1)))
        };
        for tick in across.ticks() {
            let (x, _) = place((tick, up.from));
            area.draw(&PathElement::new(vec![(x, FIELD.2), (x, FIELD.3)], GRID.stroke_width(1)))?;
            area.draw_text(&told(tick), &words(18, HPos::Center, &INK), (x, FIELD.3 + 20))?;
        }
        for tick in up.ticks() {
            let (_, y) = place((across.from, tick));
            area.draw(&PathElement::new(vec![(FIELD.0, y), (FIELD.1, y)], GRID.stroke_width(1)))?;
            area.draw_text(&told(tick), &words(18, HPos::Right, &INK), (FIELD.0 - 8, y))?;
        }
        for (index, ((name, points), colour)) in (0..).zip(lines.iter().zip(COLOURS.iter().cycle()))
        {
            let places: Vec<_> = points.iter().map(|at| place(*at)).collect();
            for at in &places {
                area.draw(&Circle::new(*at, 4, colour.filled()))?;
            }
            area.draw(&PathElement::new(places, colour.stroke_width(2)))?;
            let beside = (FIELD.1 + 24, FIELD.2 + 10 + 26 * index);
            area.draw_text(name, &words(19, HPos::Left, colour), beside)?;
        }
        area.present()?;
    }
    Ok(drawn)
}

fn words(size: u32, side: HPos, ink: &RGBColor) -> TextStyle<'_> {
    TextStyle::from((FontFamily::SansSerif, f64::from(size)))
        .color(ink)
        .pos(Pos::new(side, VPos::Center))
}

/// A logarithmic axis over whole powers of ten.
struct Axis {
    from: f64,
    to: f64,
}

impl Axis {
    fn of(figures: impl Iterator<Item = f64>) -> Self {
        let figures: Vec<f64> = figures.filter(|figure| *figure > 0.0).collect();
        let least = figures.iter().copied().fold(f64::INFINITY, f64::min);
        let most = figures.iter().copied().fold(0.0, f64::max);
        if most <= 0.0 {
            return Self { from: 1.0, to: 10.0 };
        }
        let from = 10f64.powf(least.log10().floor());
        Self { from, to: 10f64.powf(most.log10().ceil()).max(from * 10.0) }
    }

    /// How far along the axis a figure lies, from 0 to 1.
    fn part(&self, figure: f64) -> f64 {
        (figure.max(self.from) / self.from).log10() / (self.to / self.from).log10()
    }

    fn ticks(&self) -> Vec<f64> {
        std::iter::successors(Some(self.from), |tick| Some(tick * 10.0))
            .take_while(|tick| *tick <= self.to * 1.01)
            .collect()
    }
}

fn between(from: i32, to: i32, part: f64) -> i32 {
    let place = f64::from(from) + f64::from(to - from) * part;
    // A picture is some hundred points wide.
    (0..=SIZE.0)
        .min_by(|a, b| (f64::from(*a) - place).abs().total_cmp(&(f64::from(*b) - place).abs()))
        .unwrap_or(from)
}

fn told(figure: f64) -> String {
    if figure >= 1.0 { format!("{figure:.0}") } else { format!("{figure}") }
}

fn real<T: TryInto<u32>>(count: T) -> f64 {
    f64::from(count.try_into().unwrap_or(u32::MAX))
}
