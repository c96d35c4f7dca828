//! Pages: where a line stands, what it is tagged as, and which page comes next.

use std::num::NonZeroU16;

use krilla::{
    Document, SerializeSettings,
    color::rgb,
    configure::{Accessibility, ConfigurationBuilder},
    destination::XyzDestination,
    geom::Point,
    metadata::{DateTime, Metadata},
    num::NormalizedF32,
    outline::{Outline, OutlineNode},
    page::PageSettings,
    paint::Fill,
    tagging::{Artifact, ArtifactType, ContentTag, SpanTag, Tag, TagGroup, TagTree},
};

use super::{
    Fonts, RenderError, Rendered,
    text::{Line, Shaper},
};
use crate::summary_text::{self, Language};

/// A4, in points.
const PAGE: (f32, f32) = (595.28, 841.89);
const MARGIN: f32 = 48.0;

/// How a paragraph looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Style {
    /// Whose it is.
    Title,
    /// Who that is.
    Lead,
    /// A section's heading.
    Section,
    /// A record's title.
    Record,
    /// Text.
    Body,
    /// What matters less.
    Small,
}

impl Style {
    fn size(self) -> f32 {
        match self {
            Style::Title => 21.0,
            Style::Lead => 13.0,
            Style::Section => 13.0,
            Style::Record | Style::Body => 10.0,
            Style::Small => 8.5,
        }
    }

    fn bold(self) -> bool {
        matches!(self, Style::Title | Style::Section | Style::Record)
    }

    fn before(self) -> f32 {
        match self {
            Style::Section => 9.0,
            Style::Record => 3.0,
            _ => 0.0,
        }
    }

    fn grey(self) -> u8 {
        if self == Style::Small { 80 } else { 0 }
    }
}

/// One line where it stands.
struct Placed {
    line: Line,
    x: f32,
    y: f32,
    size: f32,
    grey: u8,
}

/// What a group of lines is, for those who listen to the page.
#[derive(Clone)]
enum Role {
    Heading(u16, String),
    Paragraph,
}

/// A paragraph: its role and how many lines it has.
struct Block {
    role: Role,
    lines: usize,
}

/// What a document says of itself.
#[derive(Clone, Copy)]
pub(super) struct Cover<'r> {
    /// Its title, on the foot of every page too.
    pub(super) title: &'r str,
    /// BCP 47.
    pub(super) language: &'r str,
    /// When it was made: FHIR instant in UTC.
    pub(super) made: &'r str,
}

/// A document under way. Everything is placed first and drawn at the end, when the number of pages is known.
pub(super) struct Paper<'r> {
    cover: Cover<'r>,
    shaper: Shaper<'r>,
    blocks: Vec<Block>,
    /// The lines of all blocks, each with its page, which never goes back.
    lines: Vec<(usize, Placed)>,
    bookmarks: Vec<(String, usize, f32)>,
    page: usize,
    y: f32,
}

impl<'r> Paper<'r> {
    pub(super) fn new(cover: Cover<'r>, fonts: &'r Fonts) -> Self {
        Paper {
            cover,
            shaper: Shaper::new(fonts),
            blocks: Vec::new(),
            lines: Vec::new(),
            bookmarks: Vec::new(),
            page: 0,
            y: MARGIN,
        }
    }

    pub(super) fn new_page(&mut self) {
        self.page += 1;
        self.y = MARGIN;
    }

    pub(super) fn gap(&mut self, height: f32) {
        self.y += height;
    }

    /// A section's heading on a page of details, found from the bookmarks.
    pub(super) fn bookmarked(&mut self, text: &str) {
        self.make_room(60.0);
        self.bookmarks.push((text.to_owned(), self.page, self.y));
        self.heading(Style::Section, 2, text);
    }

    pub(super) fn heading(&mut self, style: Style, level: u16, text: &str) {
        // A heading does not stand alone at the foot of a page.
        self.make_room(style.size() * 4.0);
        self.y += style.before();
        let title = text.chars().take(200).collect();
        self.set(style, 0.0, text, Role::Heading(level, title));
        self.y += 1.5;
    }

    pub(super) fn paragraph(&mut self, style: Style, indent: f32, text: &str) {
        self.y += style.before();
        self.set(style, indent, text, Role::Paragraph);
    }

    /// A record on the first page: its title, and what else there is on lines of its own below.
    pub(super) fn item(&mut self, title: &str, more: &str) {
        self.y += 2.0;
        self.set(Style::Record, 0.0, title, Role::Paragraph);
        if !more.is_empty() {
            self.set(Style::Body, 10.0, more, Role::Paragraph);
        }
    }

    fn make_room(&mut self, height: f32) {
        if self.y + height > PAGE.1 - MARGIN - 14.0 {
            self.new_page();
        }
    }

    fn set(&mut self, style: Style, indent: f32, text: &str, role: Role) {
        let (size, width) = (style.size(), PAGE.0 - 2.0 * MARGIN - indent);
        let before = self.lines.len();
        for line in self.shaper.lines(text, style.bold(), width / size) {
            self.make_room(size * 1.35);
            let x = if line.rtl { PAGE.0 - MARGIN - indent - line.width * size } else { MARGIN + indent };
            let placed = Placed { line, x, y: self.y + size, size, grey: style.grey() };
            self.lines.push((self.page, placed));
            self.y += size * 1.35;
        }
        let lines = self.lines.len() - before;
        if lines > 0 {
            self.blocks.push(Block { role, lines });
        }
    }

    /// Draws everything.
    pub(super) fn finish(mut self, language: Language) -> Result<Rendered, RenderError> {
        let missing = self.shaper.missing;
        if missing > 0 {
            self.paragraph(Style::Small, 0.0, summary_text::characters_missing(language));
        }
        let wrong = |error: &dyn std::fmt::Debug| RenderError(format!("{error:?}").chars().take(200).collect());
        let configuration = ConfigurationBuilder::new().with_accessibility_validator(Accessibility::UA1).finish();
        let configuration = configuration.map_err(|error| wrong(&error))?;
        let settings = SerializeSettings { configuration, enable_tagging: true, ..SerializeSettings::default() };
        let mut document = Document::new_with(settings);
        document.set_metadata(self.metadata());

        let pages = self.page + 1;
        let mut tags = Vec::with_capacity(self.lines.len());
        let mut lines = self.lines.iter().peekable();
        for number in 0..pages {
            let size = PageSettings::from_wh(PAGE.0, PAGE.1).ok_or_else(|| wrong(&"page size"))?;
            let mut page = document.start_page_with(size);
            let mut surface = page.surface();
            while let Some((_, placed)) = lines.next_if(|(page, _)| *page == number) {
                tags.push(surface.start_tagged(ContentTag::Span(SpanTag::empty())));
                draw(&mut surface, placed);
                surface.end_tagged();
            }
            let footer = format!("{} · {} / {pages}", self.cover.title, number + 1);
            surface.start_tagged(ContentTag::Artifact(Artifact::with_kind(ArtifactType::Footer)));
            for line in self.shaper.lines(&footer, false, 60.0) {
                let (size, y) = (8.0, PAGE.1 - MARGIN + 14.0);
                draw(&mut surface, &Placed { x: PAGE.0 - MARGIN - line.width * size, line, y, size, grey: 80 });
            }
            surface.end_tagged();
            surface.finish();
            page.finish();
        }

        let mut tree = TagTree::new().with_lang(Some(self.cover.language.to_owned()));
        let mut tags = tags.into_iter();
        for block in &self.blocks {
            let mut group = match &block.role {
                Role::Heading(level, title) => {
                    TagGroup::new(Tag::Hn(NonZeroU16::new(*level).unwrap_or(NonZeroU16::MIN), Some(title.clone())))
                }
                Role::Paragraph => TagGroup::new(Tag::P),
            };
            tags.by_ref().take(block.lines).for_each(|tag| group.push(tag));
            tree.push(group);
        }
        document.set_tag_tree(tree);
        let mut outline = Outline::new();
        for (text, page, y) in &self.bookmarks {
            outline.push_child(OutlineNode::new(text.clone(), XyzDestination::new(*page, Point::from_xy(MARGIN, *y))));
        }
        document.set_outline(outline);
        let pdf = document.finish().map_err(|error| wrong(&error))?;
        Ok(Rendered { pdf, missing })
    }

    fn metadata(&self) -> Metadata {
        let number = |from: usize, to: usize| self.cover.made.get(from..to).and_then(|text| text.parse::<u16>().ok());
        let byte = |from, to| number(from, to).and_then(|value| u8::try_from(value).ok()).unwrap_or(1);
        let made = DateTime::new(number(0, 4).unwrap_or(1970)).month(byte(5, 7)).day(byte(8, 10));
        Metadata::new()
            .title(self.cover.title.to_owned())
            .language(self.cover.language.to_owned())
            .creator("Carnet".to_owned())
            .creation_date(made)
    }
}

fn draw(surface: &mut krilla::surface::Surface<'_>, placed: &Placed) {
    surface.set_fill(Some(Fill {
        paint: rgb::Color::new(placed.grey, placed.grey, placed.grey).into(),
        opacity: NormalizedF32::ONE,
        rule: Default::default(),
    }));
    let mut x = placed.x;
    for run in &placed.line.runs {
        surface.draw_glyphs(Point::from_xy(x, placed.y), &run.glyphs, run.font.clone(), &run.text, placed.size, false);
        x += run.width * placed.size;
    }
}
