//! A chart of V and payouts over time, as SVG.

use std::fmt;

use phat_tokenomics::Fixed;

use super::simulation::Row;

/// Blocks at which a chart has a point for each worker, less one.
pub const SAMPLES: u64 = 400;
/// Workers that a chart has; more could not be told apart.
pub const WORKERS_MAX: usize = 10;

const WIDTH: f64 = 960.0;
const PANEL_HEIGHT: f64 = 260.0;
const PANEL_GAP: f64 = 70.0;
const LEFT: f64 = 90.0;
const RIGHT: f64 = 170.0;
const TOP: f64 = 50.0;
/// About how many ticks an axis has.
const TICKS: f64 = 5.0;
/// Okabe and Ito's colours, which colour-blind people can tell apart, and two greys.
const COLOURS: [&str; WORKERS_MAX] = [
    "#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#b8a800", "#000000",
    "#777777", "#aaaaaa",
];

/// A chart: two panels, one above the other, with the same blocks.
pub struct Chart<'a> {
    rows: &'a [Row],
    workers: usize,
    until_block: u32,
}

impl<'a> Chart<'a> {
    /// Of rows for the first [`WORKERS_MAX`] of so many workers in each block.
    pub fn of(rows: &'a [Row], workers: usize, until_block: u32) -> Self {
        Self {
            rows,
            workers: workers.max(1),
            until_block,
        }
    }

    /// The rows of each worker that is shown.
    fn lines(&self) -> impl Iterator<Item = (&'static str, impl Iterator<Item = &'a Row>)> {
        let (rows, shown) = (self.rows, self.workers.min(WORKERS_MAX));
        let colours = COLOURS.into_iter().take(shown).enumerate();
        colours.map(move |(worker, colour)| (colour, rows.iter().skip(worker).step_by(shown)))
    }

    fn x(&self, block: f64) -> f64 {
        let width = WIDTH - LEFT - RIGHT;
        LEFT + width * block / f64::from(self.until_block.max(1))
    }

    fn panel(
        &self,
        f: &mut fmt::Formatter<'_>,
        title: &str,
        top: f64,
        value: fn(&Row) -> Fixed,
    ) -> fmt::Result {
        let values = self.lines().flat_map(|(_, rows)| rows.map(value));
        let (mut least, mut greatest) = (f64::MAX, 0.0_f64);
        for value in values.map(Fixed::to_f64) {
            least = least.min(value);
            greatest = greatest.max(value);
        }
        // A line that does not move is in the middle.
        let margin = ((greatest - least) * 0.05)
            .max(greatest.abs() * 1e-6)
            .max(1e-9);
        let (low, high) = ((least - margin).max(0.0), greatest + margin);
        let y = |value: f64| top + PANEL_HEIGHT * (high - value) / (high - low);
        let (right, bottom) = (WIDTH - RIGHT, top + PANEL_HEIGHT);
        writeln!(
            f,
            "<text x=\"{LEFT}\" y=\"{:.1}\" font-weight=\"bold\">{title}</text>",
            top - 12.0
        )?;
        let step = step((high - low) / TICKS);
        let mut tick = (low / step).ceil();
        while tick * step <= high {
            let at = y(tick * step);
            writeln!(
                f,
                "<line x1=\"{LEFT}\" y1=\"{at:.1}\" x2=\"{right:.1}\" y2=\"{at:.1}\" stroke=\"#dddddd\"/>\
                 <text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\">{:.*}</text>",
                LEFT - 8.0,
                at + 4.0,
                digits(step),
                tick * step
            )?;
            tick += 1.0;
        }
        self.blocks(f, bottom + 18.0)?;
        for (colour, rows) in self.lines() {
            write!(
                f,
                "<polyline fill=\"none\" stroke=\"{colour}\" stroke-width=\"1.5\" points=\""
            )?;
            for row in rows {
                let (x, y) = (self.x(row.block.into()), y(value(row).to_f64()));
                write!(f, "{x:.1},{y:.1} ")?;
            }
            writeln!(f, "\"/>")?;
        }
        Ok(())
    }

    /// Numbers of blocks, below a panel.
    fn blocks(&self, f: &mut fmt::Formatter<'_>, y: f64) -> fmt::Result {
        let step = step(f64::from(self.until_block) / TICKS).max(1.0);
        let mut block = 0.0;
        while block <= f64::from(self.until_block) {
            writeln!(
                f,
                "<text x=\"{:.1}\" y=\"{y:.1}\" text-anchor=\"middle\">{block}</text>",
                self.x(block)
            )?;
            block += step;
        }
        Ok(())
    }

    fn legend(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let x = WIDTH - RIGHT + 14.0;
        let mut y = TOP + 10.0;
        for (colour, mut rows) in self.lines() {
            let name = rows.next().map_or("", |row| row.worker.as_str());
            writeln!(
                f,
                "<line x1=\"{x:.1}\" y1=\"{y:.1}\" x2=\"{:.1}\" y2=\"{y:.1}\" stroke=\"{colour}\" stroke-width=\"3\"/>\
                 <text x=\"{:.1}\" y=\"{:.1}\">{}</text>",
                x + 16.0,
                x + 22.0,
                y + 4.0,
                Escaped(name)
            )?;
            y += 18.0;
        }
        match self.workers.saturating_sub(WORKERS_MAX) {
            0 => Ok(()),
            more => writeln!(
                f,
                "<text x=\"{x:.1}\" y=\"{:.1}\">and {more} more</text>",
                y + 4.0
            ),
        }
    }
}

impl fmt::Display for Chart<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let second = TOP + PANEL_HEIGHT + PANEL_GAP;
        let height = second + PANEL_HEIGHT + 50.0;
        writeln!(
            f,
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" \
             font-family=\"sans-serif\" font-size=\"12\">"
        )?;
        writeln!(f, "<rect width=\"100%\" height=\"100%\" fill=\"white\"/>")?;
        self.panel(f, "Value Promise, PHA, by block", TOP, |row| row.v)?;
        let title = "Paid to the worker since block 0, PHA, by block";
        self.panel(f, title, second, |row| row.paid_worker)?;
        self.legend(f)?;
        writeln!(f, "</svg>")
    }
}

/// The least of 1, 2 and 5 times a power of ten that is not below `least`.
fn step(least: f64) -> f64 {
    let power = 10_f64.powf(least.max(f64::MIN_POSITIVE).log10().floor());
    let factors = [1.0, 2.0, 5.0];
    let factor = factors.into_iter().find(|factor| factor * power >= least);
    power * factor.unwrap_or(10.0)
}

/// Digits behind the point that such a step needs.
fn digits(step: f64) -> usize {
    let digits = (-step.log10()).ceil().clamp(0.0, 12.0);
    // Within 0 and 12.
    digits as usize
}

/// A text within XML, as long as fits beside a chart.
struct Escaped<'a>(&'a str);

/// Characters of a worker's name that are shown.
const NAME_CHARS_MAX: usize = 20;

impl fmt::Display for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for c in self.0.chars().take(NAME_CHARS_MAX) {
            match c {
                '<' => f.write_str("&lt;")?,
                '>' => f.write_str("&gt;")?,
                '&' => f.write_str("&amp;")?,
                '"' => f.write_str("&quot;")?,
                // XML has no control characters.
                c if c.is_control() => write!(f, "{}", char::REPLACEMENT_CHARACTER)?,
                c => write!(f, "{c}")?,
            }
        }
        Ok(())
    }
}
