//! The pictures as they look in grey: on paper, on a screen without colours, and to whoever tells few of them apart.

use super::plots::{STORY, calendar, couple_trend, person_trend};
use super::*;
use crate::figures::Reader;

/// Two greys are two to the eye from so much lightness on, of a hundred.
const APART: f64 = 10.0;

/// An element of a picture with its attributes.
struct Shape<'a> {
    name: &'a str,
    attributes: BTreeMap<&'a str, &'a str>,
}

/// Everything that is drawn, in its order.
fn shapes(svg: &str) -> Vec<Shape<'_>> {
    let tags = svg.split('<').skip(1).filter_map(|rest| rest.split('>').next());
    tags.filter(|tag| !tag.starts_with('/'))
        .map(|tag| {
            let (name, rest) = tag.trim_end_matches('/').split_once(' ').unwrap_or((tag, ""));
            let mut parts = rest.split('"');
            let mut attributes = BTreeMap::new();
            while let (Some(key), Some(value)) = (parts.next(), parts.next()) {
                attributes.insert(key.trim().trim_end_matches('='), value);
            }
            Shape { name, attributes }
        })
        .filter(|shape| !["svg", "title", "desc"].contains(&shape.name))
        .collect()
}

/// CIE lightness of a colour: 0 is black, 100 is white.
fn lightness(colour: &str) -> f64 {
    let luminance = luminance(colour);
    if luminance > 0.008_856 { 116.0 * luminance.cbrt() - 16.0 } else { 903.3 * luminance }
}

/// Relative luminance, as WCAG reckons it.
fn luminance(colour: &str) -> f64 {
    let part = |at: usize| {
        let share = f64::from(u8::from_str_radix(&colour[at..at + 2], 16).unwrap()) / 255.0;
        if share <= 0.04045 { share / 12.92 } else { ((share + 0.055) / 1.055).powf(2.4) }
    };
    0.2126 * part(1) + 0.7152 * part(3) + 0.0722 * part(5)
}

/// How far a colour stands out from white paper, from 1 to 21.
fn contrast(colour: &str) -> f64 {
    1.05 / (luminance(colour) + 0.05)
}

impl Shape<'_> {
    fn number(&self, name: &str) -> f64 {
        self.attributes.get(name).and_then(|value| value.parse().ok()).unwrap_or_default()
    }

    fn colour(&self, name: &str) -> Option<&str> {
        self.attributes.get(name).copied().filter(|value| value.starts_with('#'))
    }

    fn points(&self) -> Vec<(f64, f64)> {
        let all = self.attributes.get("points").copied().unwrap_or_default().split_whitespace();
        all.filter_map(|pair| {
            let (x, y) = pair.split_once(',')?;
            Some((x.parse().ok()?, y.parse().ok()?))
        })
        .collect()
    }

    fn is_background(&self) -> bool {
        self.name == "rect" && self.number("width") >= 900.0
    }

    /// The middle of what it fills.
    fn middle(&self) -> (f64, f64) {
        match self.name {
            "circle" => (self.number("cx"), self.number("cy")),
            "rect" => (
                self.number("x") + self.number("width") / 2.0,
                self.number("y") + self.number("height") / 2.0,
            ),
            _ => {
                let points = self.points();
                let middle = |of: fn(&(f64, f64)) -> f64| {
                    let all = || points.iter().map(of);
                    f64::midpoint(
                        all().fold(f64::INFINITY, f64::min),
                        all().fold(f64::NEG_INFINITY, f64::max),
                    )
                };
                (middle(|point| point.0), middle(|point| point.1))
            }
        }
    }

    /// The colour that it gives a point, if it lies there.
    fn paints(&self, point: (f64, f64)) -> Option<&str> {
        let half = self.number("stroke-width").max(1.0) / 2.0;
        let (fill, stroke) = (self.colour("fill"), self.colour("stroke"));
        match self.name {
            "rect" => {
                let (right, down) = (point.0 - self.number("x"), point.1 - self.number("y"));
                let inside = (0.0..=self.number("width")).contains(&right)
                    && (0.0..=self.number("height")).contains(&down);
                fill.filter(|_| inside)
            }
            "circle" => {
                let away = (point.0 - self.number("cx")).hypot(point.1 - self.number("cy"));
                let radius = self.number("r");
                let on_its_line = stroke.filter(|_| (away - radius).abs() <= half);
                on_its_line.or(fill.filter(|_| away <= radius))
            }
            "polyline" => {
                let points = self.points();
                let near = points.windows(2).any(|ends| distance(point, ends[0], ends[1]) <= half);
                stroke.filter(|_| near)
            }
            "polygon" => fill.filter(|_| is_inside(point, &self.points())),
            _ => None,
        }
    }
}

/// From a point to a stretch between two others.
fn distance(point: (f64, f64), from: (f64, f64), to: (f64, f64)) -> f64 {
    let (along, up) = (to.0 - from.0, to.1 - from.1);
    let length = (along * along + up * up).max(f64::EPSILON);
    let share = ((point.0 - from.0) * along + (point.1 - from.1) * up) / length;
    let share = share.clamp(0.0, 1.0);
    (point.0 - from.0 - share * along).hypot(point.1 - from.1 - share * up)
}

fn is_inside(point: (f64, f64), corners: &[(f64, f64)]) -> bool {
    let sides = corners.iter().zip(corners.iter().cycle().skip(1));
    let crossed = sides.filter(|(from, to)| {
        let across = (from.1 > point.1) != (to.1 > point.1);
        let at = from.0 + (point.1 - from.1) / (to.1 - from.1) * (to.0 - from.0);
        across && point.0 < at
    });
    crossed.count() % 2 == 1
}

/// The first day of a week of such days, as so many greys around its mark.
fn seen(letter: char) -> Vec<f64> {
    let svg = calendar(&letter.to_string().repeat(7), 1, Reader::Clinicians).svg().unwrap();
    let shapes = shapes(&svg);
    let mark = shapes.iter().find(|one| one.name != "text" && !one.is_background()).unwrap();
    let (x, y) = mark.middle();
    let around = || (-26..=26).map(f64::from);
    let at = |point| shapes.iter().rev().find_map(|shape| shape.paints(point)).map(lightness);
    around()
        .flat_map(|down| around().map(move |right| (x + right, y + down)))
        .map(|point| at(point).expect("the paper lies everywhere"))
        .collect()
}

/// Done, partly done, not done, excused, still open and nothing due: of each two a tenth of the square differs.
#[test]
fn each_two_marks_of_a_day_can_be_told_apart_in_grey() {
    let marks = ['D', 'A', 'M', 'X', 'O', '.'].map(|letter| (letter, seen(letter)));
    let mut least: f64 = 1.0;
    for (number, (one, left)) in marks.iter().enumerate() {
        for (other, right) in &marks[number + 1..] {
            let differ = left.iter().zip(right).filter(|(a, b)| (*a - *b).abs() >= APART).count();
            let share = f64::from(u32::try_from(differ).unwrap())
                / f64::from(u32::try_from(left.len()).unwrap());
            assert!(share >= 0.1, "{one} and {other} differ in {share:.3} of a square");
            least = least.min(share);
        }
    }
    println!("15 pairs, the most alike differ in {least:.3} of their square");
}

/// Words stand out from the paper as text has to, what carries a figure as graphics have to, and no two colours of one
/// picture are the same grey.
#[test]
fn every_picture_is_readable_in_grey() {
    let calendar = calendar("DSAMXO.", 1, Reader::Clinicians).svg().unwrap();
    let pictures = [calendar, person_trend().svg().unwrap(), couple_trend().svg().unwrap()];
    for svg in &pictures {
        let mut colours = std::collections::BTreeSet::new();
        let mut marks = 0;
        for shape in shapes(svg) {
            let painted = [shape.colour("fill"), shape.colour("stroke")].into_iter().flatten();
            for colour in painted {
                colours.insert(colour.to_owned());
                if shape.name == "text" {
                    assert!(contrast(colour) >= 4.5, "text in {colour}");
                }
                marks += u32::from(shape.name != "text" && contrast(colour) >= 3.0);
            }
        }
        assert!(marks >= 7, "{marks} shapes stand out");
        let greys: Vec<f64> = colours.iter().map(|colour| lightness(colour)).collect();
        for (number, one) in greys.iter().enumerate() {
            for other in &greys[number + 1..] {
                assert!((one - other).abs() >= APART, "{colours:?} are {greys:?}");
            }
        }
    }
}

/// How many shapes of a kind and paint lie above and below the middle of a picture of two panels.
fn above_and_below(svg: &str, is: impl Fn(&Shape<'_>) -> bool) -> (usize, usize) {
    let shapes = shapes(svg);
    let drawn = || shapes.iter().filter(|one| !one.is_background() && is(one));
    let above = drawn().filter(|one| one.middle().1 < 400.0).count();
    (above, drawn().count() - above)
}

/// Two lines differ in how they are drawn and not in colour, and bars are no line.
#[test]
fn what_two_panels_show_differs_by_its_form() {
    let person = person_trend().svg().unwrap();
    let is_open = |shape: &Shape<'_>| {
        shape.name == "circle" && shape.colour("fill").is_some_and(|fill| lightness(fill) > 99.0)
    };
    let values = person_trend().stress.iter().filter(|week| week.value.is_some()).count();
    assert_eq!(above_and_below(&person, is_open), (0, values), "stress has open points");
    let is_dark_line = |shape: &Shape<'_>| {
        shape.name == "polyline"
            && shape.colour("stroke").is_some_and(|stroke| contrast(stroke) >= 3.0)
    };
    let (lines, dashes) = above_and_below(&person, is_dark_line);
    assert!(dashes > 4 * lines, "{lines} lines of mood, {dashes} dashes of stress");
    let couple = couple_trend().svg().unwrap();
    let bars = above_and_below(&couple, |shape| shape.name == "rect");
    let given = couple_trend().gestures.iter().filter(|week| week.value.is_some()).count();
    assert_eq!(bars, (given, 0), "kindnesses are bars");
    let (points, _) = above_and_below(&couple, |shape| shape.name == "circle");
    assert_eq!(points, 0, "and nothing else");
}

/// Every figure of a picture stands in its words too, whether or not there was room to print it.
#[test]
fn the_text_alternative_has_every_figure() {
    let desc = |svg: &str| {
        let (_, rest) = svg.split_once("<desc").unwrap();
        rest.split_once('>').unwrap().1.split_once("</desc>").unwrap().0.to_owned()
    };
    let year = calendar(&STORY.repeat(26), 52, Reader::Clinicians);
    let text = desc(&year.svg().unwrap());
    assert_eq!(text.matches("Week of ").count(), 52);
    for week in &year.weeks {
        assert!(text.contains(&format!(": {}.", week.figure.label)), "{}", week.figure.label);
    }
    let (person, couple) = (person_trend(), couple_trend());
    for (svg, lists) in [
        (person.svg().unwrap(), [&person.mood, &person.stress]),
        (couple.svg().unwrap(), [&couple.gestures, &couple.reactivity]),
    ] {
        let text = desc(&svg);
        let weeks: Vec<&str> = text.split(" Week of ").skip(1).collect();
        assert_eq!(weeks.len(), lists[0].len());
        for (number, week) in weeks.iter().enumerate() {
            for value in lists.map(|list| list[number].value) {
                let said = value.map_or("no data".to_owned(), |value| {
                    format!("{value:.1}").trim_end_matches(".0").to_owned()
                });
                assert!(week.contains(&format!(" {said}")), "{said} in {week}");
            }
        }
    }
}
