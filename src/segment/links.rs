//! Where links lead: the page itself, without what is told to it.

/// A run of so many hexadecimal digits and hyphens in a path, with a digit among them, names a build or a visit.
const NONCE: usize = 16;

/// The address of a link as it is compared: without parameters, fragment and the names of builds and visits in it; none
/// for a place in the page itself or an address that says nothing.
pub(super) fn target(address: &str) -> Option<String> {
    let address = address.trim();
    let end = address.find(['#', '?']).unwrap_or(address.len());
    let page = &address[..end];
    // Parameters of an address within the address.
    let page = page
        .find("%3F")
        .or(page.find("%3f"))
        .map_or(page, |end| &page[..end]);
    let page = page.strip_suffix('/').unwrap_or(page);
    if page.is_empty() {
        return None;
    }
    let (scheme, rest) = page.split_once("://").unwrap_or(("", page));
    // The older form of the scheme leads to the same page.
    let scheme = if scheme == "http" { "https" } else { scheme };
    let mut out = match scheme {
        "" => String::new(),
        scheme => format!("{scheme}://"),
    };
    // Capitals in the name of a host say nothing.
    let has_host = !scheme.is_empty() || rest.starts_with("mailto:");
    let host = if has_host {
        rest.find('/').unwrap_or(rest.len())
    } else {
        0
    };
    let (host, path) = rest.split_at(host);
    out.push_str(&host.to_lowercase());
    for piece in path.split_inclusive(|one: char| !(one.is_ascii_hexdigit() || one == '-')) {
        let digits = piece.trim_end_matches(|one: char| !(one.is_ascii_hexdigit() || one == '-'));
        let is_nonce = digits.len() >= NONCE && digits.bytes().any(|byte| byte.is_ascii_digit());
        out.push_str(if is_nonce {
            &piece[digits.len()..]
        } else {
            piece
        });
    }
    Some(out)
}
