//! The names of months as documents write them.

/// The number of the month with this name, from 1: English, French, German, Spanish, Italian, Portuguese, Dutch and
/// Polish, in lower case, and the English short forms without their dot.
pub(super) fn month(name: &str) -> Option<u32> {
    match name {
        "january" | "jan" | "janvier" | "januar" | "jänner" | "enero" | "gennaio" | "janeiro"
        | "januari" | "stycznia" => Some(1),
        "february" | "feb" | "février" | "februar" | "febrero" | "febbraio" | "fevereiro"
        | "februari" | "lutego" => Some(2),
        "march" | "mar" | "mars" | "märz" | "marzo" | "março" | "maart" | "marca" => Some(3),
        "april" | "apr" | "avril" | "abril" | "aprile" | "kwietnia" => Some(4),
        "may" | "mai" | "mayo" | "maggio" | "maio" | "mei" | "maja" => Some(5),
        "june" | "jun" | "juin" | "juni" | "junio" | "giugno" | "junho" | "czerwca" => Some(6),
        "july" | "jul" | "juillet" | "juli" | "julio" | "luglio" | "julho" | "lipca" => Some(7),
        "august" | "aug" | "août" | "agosto" | "augustus" | "sierpnia" => Some(8),
        "september" | "sep" | "sept" | "septembre" | "septiembre" | "settembre" | "setembro"
        | "września" => Some(9),
        "october" | "oct" | "octobre" | "oktober" | "octubre" | "ottobre" | "outubro"
        | "października" => Some(10),
        "november" | "nov" | "novembre" | "noviembre" | "novembro" | "listopada" => Some(11),
        "december" | "dec" | "décembre" | "dezember" | "diciembre" | "dicembre" | "dezembro"
        | "grudnia" => Some(12),
        _ => None,
    }
}
