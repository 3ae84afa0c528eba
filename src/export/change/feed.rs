//! Many changes, one after the other, in forms that people and feed readers read.
//!
//! A [`FeedWriter`] takes one change after the other, so that it never holds more than one.

use std::fmt;
use std::io::{self, Write};

use super::{atom, html, markdown};
use crate::export::numbers::counted;
use crate::export::shape::ChangeLine;
use crate::model::Instant;

/// How changes are listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FeedForm {
    /// A Markdown document.
    Markdown,
    /// One HTML page that stands alone.
    Html,
    /// An Atom feed (RFC 4287).
    Atom,
}

/// What a list of changes is of.
#[derive(Debug, Clone, Copy)]
pub struct FeedHead<'a> {
    /// What it lists: `Changes of Glimmerfold/Privacy Policy`.
    pub title: &'a str,
    /// The name of the log.
    pub origin: &'a str,
    /// How many events the log has.
    pub size: u64,
    /// When the log took the newest of them.
    pub updated: Instant,
    /// What the address of a change's page begins with, where there are such pages; its id and `.html` follow.
    pub pages: Option<&'a str>,
}

impl FeedHead<'_> {
    fn page(&self, line: &ChangeLine) -> Option<String> {
        self.pages.map(|pages| format!("{pages}{}.html", line.id))
    }
}

/// Changes that are not in a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LeftOut<'a> {
    /// How many.
    pub changes: u64,
    /// Why: `presentational`, `before the dates asked for`.
    pub why: &'a str,
}

impl fmt::Display for LeftOut<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "Left out: {}, {}.",
            counted(self.changes, "change"),
            self.why
        )
    }
}

/// Writes changes in one of the forms.
#[derive(Debug)]
pub struct FeedWriter<'a, W> {
    out: W,
    form: FeedForm,
    head: FeedHead<'a>,
    changes: u64,
}

impl<'a, W: Write> FeedWriter<'a, W> {
    /// Begins a list.
    ///
    /// # Errors
    /// Those of `out`.
    pub fn begin(mut out: W, form: FeedForm, head: FeedHead<'a>) -> io::Result<Self> {
        match form {
            FeedForm::Markdown => markdown::begin_list(&mut out, &head)?,
            FeedForm::Html => html::begin_list(&mut out, &head)?,
            FeedForm::Atom => atom::begin(&mut out, &head)?,
        }
        Ok(Self {
            out,
            form,
            head,
            changes: 0,
        })
    }

    /// Writes a change.
    ///
    /// # Errors
    /// Those of the output.
    pub fn change(&mut self, line: &ChangeLine) -> io::Result<()> {
        self.changes += 1;
        let page = self.head.page(line);
        match self.form {
            FeedForm::Markdown => markdown::list(&mut self.out, line),
            FeedForm::Html => html::list(&mut self.out, line, page.as_deref()),
            FeedForm::Atom => atom::entry(&mut self.out, line, page.as_deref()),
        }
    }

    /// Ends the list with what it leaves out, and gives back what it was written to.
    ///
    /// # Errors
    /// Those of the output.
    pub fn end(mut self, left_out: &[LeftOut<'_>]) -> io::Result<W> {
        match self.form {
            FeedForm::Markdown => markdown::end_list(&mut self.out, self.changes, left_out)?,
            FeedForm::Html => html::end_list(&mut self.out, self.changes, left_out)?,
            FeedForm::Atom => atom::end(&mut self.out, left_out)?,
        }
        self.out.flush()?;
        Ok(self.out)
    }
}
