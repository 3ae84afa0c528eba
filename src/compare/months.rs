//! The names of months as documents write them.

/// The number of the month with this name, from 1: English, French, German, Spanish, Italian, Portuguese, Dutch and
/// Polish, in lower case, and the English short forms without their dot.
pub(super) fn month(name: &str) -> Option<u32> {
    let place = MONTHS
        .iter()
        .position(|names| names.split(' ').any(|one| one == name))?;
    u32::try_from(place + 1).ok()
}

const MONTHS: [&str; 12] = [
    "january jan janvier januar jänner enero gennaio janeiro januari stycznia",
    "february feb février februar febrero febbraio fevereiro februari lutego",
    "march mar mars märz marzo março maart marca",
    "april apr avril abril aprile kwietnia",
    "may mai mayo maggio maio mei maja",
    "june jun juin juni junio giugno junho czerwca",
    "july jul juillet juli julio luglio julho lipca",
    "august aug août agosto augustus sierpnia",
    "september sep sept septembre septiembre settembre setembro września",
    "october oct octobre oktober octubre ottobre outubro października",
    "november nov novembre noviembre novembro listopada",
    "december dec décembre dezember diciembre dicembre dezembro grudnia",
];
