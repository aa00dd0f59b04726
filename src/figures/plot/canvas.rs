//! The drawing surface: plotters' SVG backend under a head of our own.
//!
//! plotters writes a fixed width and height and no text alternative, and so its first line is replaced. Text
//! is placed by its anchor: without the feature `ttf` plotters opens no font, and the reader's own program
//! sets the words in its sans-serif.

use std::fmt::Write as _;

use plotters::coord::Shift;
use plotters::prelude::*;
use plotters::style::text_anchor::{Pos, VPos};

use super::{Described, NotDrawn};

/// Text and what is most important.
pub(super) const INK: RGBColor = RGBColor(0x26, 0x26, 0x26);
/// Text that explains.
pub(super) const MUTED: RGBColor = RGBColor(0x66, 0x66, 0x66);
/// Grid lines.
pub(super) const GRID: RGBColor = RGBColor(0xDE, 0xDE, 0xDE);
/// The background.
pub(super) const PAPER: RGBColor = RGBColor(0xFF, 0xFF, 0xFF);
/// The accent, dark.
pub(super) const DEEP: RGBColor = RGBColor(0x1D, 0x4E, 0x63);
/// The accent, light.
pub(super) const PALE: RGBColor = RGBColor(0xD3, 0xE2, 0xE9);

/// The width of every picture, in its own units.
pub(super) const WIDTH: i32 = 960;

/// plotters divides the size of text by this before it writes it.
const PLOTTERS_TEXT: f64 = 1.24;

/// Where text stands beside its point.
pub(super) use plotters::style::text_anchor::HPos as Side;

pub(super) type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;

/// What drawing comes to.
pub(super) type Drawn<T = ()> = Result<T, NotDrawn>;

impl<E: std::error::Error + Send + Sync> From<DrawingAreaErrorKind<E>> for NotDrawn {
    fn from(_: DrawingAreaErrorKind<E>) -> Self {
        Self
    }
}

/// A picture: its words, and what is drawn on a white ground of this height.
pub(super) fn picture(
    described: &Described,
    height: i32,
    draw: impl FnOnce(&Area<'_>) -> Drawn,
) -> Drawn<String> {
    let size = (WIDTH.unsigned_abs(), height.unsigned_abs());
    let mut drawn = String::new();
    {
        let area = SVGBackend::with_string(&mut drawn, size).into_drawing_area();
        area.fill(&PAPER)?;
        draw(&area)?;
        area.present()?;
    }
    let (_, body) = drawn.split_once('\n').ok_or(NotDrawn)?;
    Ok(head(described, height) + body)
}

fn head(described: &Described, height: i32) -> String {
    let (title, text) = (escaped(&described.title), escaped(&described.text));
    // Several pictures may stand in one page; their ids must not meet.
    let id = format!("attune-{:016x}", fingerprint(&format!("{title}\n{text}\n{height}")));
    let mut head = String::new();
    // Writing to a string does not fail.
    let _ = write!(
        head,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" role=\"img\" \
         aria-labelledby=\"{id}-title {id}-desc\">\n\
         <title id=\"{id}-title\">{title}</title>\n<desc id=\"{id}-desc\">{text}</desc>\n"
    );
    head
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// FNV-1a: the same in every version of the compiler, which the standard hasher does not promise.
fn fingerprint(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

/// A line of text.
pub(super) struct Words<'a> {
    pub(super) text: &'a str,
    pub(super) at: (i32, i32),
    pub(super) size: u32,
    pub(super) ink: RGBColor,
    pub(super) side: Side,
    pub(super) bold: bool,
}

impl Default for Words<'_> {
    fn default() -> Self {
        Self { text: "", at: (0, 0), size: 24, ink: INK, side: Side::Left, bold: false }
    }
}

impl Words<'_> {
    pub(super) fn draw(&self, on: &Area<'_>) -> Drawn {
        let weight = if self.bold { FontStyle::Bold } else { FontStyle::Normal };
        let size = f64::from(self.size) * PLOTTERS_TEXT;
        let style = TextStyle::from((FontFamily::SansSerif, size, weight))
            .color(&self.ink)
            .pos(Pos::new(self.side, VPos::Center));
        Ok(on.draw_text(self.text, &style, self.at)?)
    }
}
