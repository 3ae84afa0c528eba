//! Signs that a page is not the document: an error, a wall, nothing.

use crate::model::{Clauses, Sign};

/// A page on which a person reads more bytes than this is taken for what it says.
const SHORT: usize = 1_500;

/// How many clauses are the beginning of a page.
const HEAD: usize = 2;
/// Where no more than this comes in place of parts of the document, it may be a notice.
const NOTICE: usize = 300;

/// What shows that a page is not the document, or not all of it, if anything does: it is short, and says what such pages
/// say, or it begins with an error.
#[must_use]
pub fn sign(clauses: &Clauses) -> Option<Sign> {
    let head = clauses.all().len().min(HEAD);
    said(clauses, 0..clauses.all().len(), SHORT).or_else(|| error_among(clauses, 0..head))
}

/// Whether some clauses of a page tell of an error, and of little else.
pub(super) fn error_among(clauses: &Clauses, places: impl Iterator<Item = usize>) -> Option<Sign> {
    said(clauses, places, NOTICE).filter(|sign| *sign == Sign::ErrorPage)
}

fn said(clauses: &Clauses, places: impl Iterator<Item = usize>, most: usize) -> Option<Sign> {
    let mut text = String::new();
    for place in places {
        text.push_str(clauses.reading(&clauses.all()[place]));
        text.push(' ');
        if text.len() > most {
            return None;
        }
    }
    let text = text.to_lowercase();
    if text.starts_with("404") {
        return Some(Sign::ErrorPage);
    }
    SIGNS
        .iter()
        .find(|(_, phrases)| phrases.iter().any(|phrase| text.contains(phrase)))
        .map(|(sign, _)| *sign)
}

/// What such pages say, in lower case.
const SIGNS: &[(Sign, &[&str])] = &[
    (
        Sign::BotWall,
        &[
            "captcha",
            "are you a robot",
            "not a robot",
            "are a human",
            "are human",
            "checking your browser",
            "just a moment",
            "enable javascript",
            "javascript is disabled",
            "javascript is not available",
            "unusual traffic",
            "ddos protection",
            "security check",
            "turn on javascript",
            "browser is not supported",
            "browser isn't supported",
            "unsupported browser",
        ],
    ),
    (
        Sign::ErrorPage,
        &[
            "404 error",
            "error 404",
            "404 not found",
            "403 forbidden",
            "502 bad gateway",
            "503 service",
            "500 internal",
            "access denied",
            "page not found",
            "page isn't available",
            "page is not available",
            "page doesn't exist",
            "page does not exist",
            "can't be found",
            "could not be found",
            "couldn't find",
            "content isn't available",
            "not available in your",
            "something went wrong",
            "an error occurred",
            "error has occurred",
            "error occurred while",
            "service unavailable",
            "temporarily unavailable",
            "request blocked",
            "you have been blocked",
            "you've been blocked",
            "permission to access",
            "under maintenance",
            "try again later",
            "seite nicht gefunden",
            "page introuvable",
            "página no encontrada",
        ],
    ),
    (
        Sign::Login,
        &[
            "log in to continue",
            "sign in to continue",
            "you must log in",
            "please log in",
            "please sign in",
            "log into facebook",
            "forgot password",
            "forgotten password",
        ],
    ),
    (
        Sign::ConsentWall,
        &[
            "accept all cookies",
            "accept cookies",
            "before you continue",
            "alle cookies akzeptieren",
            "accepter les cookies",
        ],
    ),
];
