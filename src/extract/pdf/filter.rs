//! The bytes of streams: what was done to them, undone (ISO 32000-1, section 7.4). Pictures stay as they are.

use flate2::{Decompress, FlushDecompress, Status};

use super::PdfFault;
use super::budget::Budget;
use super::object::{Dict, Object, is_space, of_hex};

/// The most filters of one stream.
const FILTERS: usize = 4;
/// How much is decompressed at a time.
const STEP: usize = 1 << 16;

/// Undoes one filter. What is damaged gives what came before the damage, as readers do.
pub(super) fn undo(
    filter: &[u8],
    parameters: Option<&Dict>,
    bytes: &[u8],
    budget: &Budget,
) -> Result<Vec<u8>, PdfFault> {
    let number = |key: &[u8], without: usize| {
        let number = parameters.and_then(|all| all.get(key)?.integer());
        number
            .and_then(|one| one.try_into().ok())
            .unwrap_or(without)
    };
    let plain = match filter {
        b"FlateDecode" | b"Fl" => inflate(bytes, budget)?,
        b"LZWDecode" | b"LZW" => lzw(bytes, number(b"EarlyChange", 1) != 0, budget)?,
        b"ASCIIHexDecode" | b"AHx" => {
            budget.spend(bytes.len())?;
            let end = bytes.iter().position(|byte| *byte == b'>');
            return Ok(of_hex(&bytes[..end.unwrap_or(bytes.len())]));
        }
        b"ASCII85Decode" | b"A85" => return ascii85(bytes, budget),
        b"RunLengthDecode" | b"RL" => return run_length(bytes, budget),
        // A picture, or what nobody knows: nothing to read in it.
        _ => return Ok(Vec::new()),
    };
    let columns = number(b"Columns", 1);
    let bits = number(b"Colors", 1).saturating_mul(number(b"BitsPerComponent", 8));
    match number(b"Predictor", 1) {
        0 | 1 => Ok(plain),
        // The only other one (TIFF's) is for pictures.
        2 => Ok(Vec::new()),
        _ => Ok(unpredicted(&plain, columns.saturating_mul(bits), bits)),
    }
}

/// The filters of a stream with their parameters, in the order in which they are undone.
pub(super) fn filters<'d>(
    filter: &'d Object,
    parameters: &'d Object,
) -> Vec<(&'d [u8], Option<&'d Dict>)> {
    match filter {
        Object::Name(name) => vec![(name.as_slice(), parameters.dict())],
        Object::Array(names) => {
            let parameters = parameters.array();
            let each = names.iter().take(FILTERS).enumerate();
            each.map(|(at, name)| (name.name(), parameters.get(at).and_then(Object::dict)))
                .collect()
        }
        _ => Vec::new(),
    }
}

fn inflate(bytes: &[u8], budget: &Budget) -> Result<Vec<u8>, PdfFault> {
    let plain = inflated(bytes, true, budget)?;
    if plain.is_empty() && !bytes.is_empty() {
        // Some writers leave out the header.
        return inflated(bytes, false, budget);
    }
    Ok(plain)
}

fn inflated(bytes: &[u8], has_header: bool, budget: &Budget) -> Result<Vec<u8>, PdfFault> {
    let mut state = Decompress::new(has_header);
    let mut plain = Vec::new();
    loop {
        let read = usize::try_from(state.total_in()).unwrap_or(usize::MAX);
        let rest = bytes.get(read..).unwrap_or_default();
        let before = plain.len();
        plain.reserve(STEP);
        let status = state.decompress_vec(rest, &mut plain, FlushDecompress::None);
        budget.spend(plain.len() - before)?;
        let has_read = usize::try_from(state.total_in()).is_ok_and(|now| now > read);
        match status {
            Ok(Status::Ok) if has_read || plain.len() > before => {}
            _ => return Ok(plain),
        }
    }
}

fn lzw(bytes: &[u8], is_early: bool, budget: &Budget) -> Result<Vec<u8>, PdfFault> {
    const CLEAR: usize = 256;
    const END: usize = 257;
    let mut plain: Vec<u8> = Vec::new();
    // The codes from 258, each as the place and length of its bytes in what was written.
    let mut table: Vec<(usize, usize)> = Vec::new();
    let mut last: Option<(usize, usize)> = None;
    let (mut bits, mut held) = (0_usize, 0_usize);
    for byte in bytes {
        bits = (bits << 8 | usize::from(*byte)) & 0x00ff_ffff;
        held += 8;
        let next = 258 + table.len() + usize::from(is_early);
        let width = match next {
            ..=511 => 9,
            512..=1023 => 10,
            1024..=2047 => 11,
            _ => 12,
        };
        if held < width {
            continue;
        }
        held -= width;
        let code = bits >> held & ((1 << width) - 1);
        if code == CLEAR {
            table.clear();
            last = None;
            continue;
        }
        if code == END {
            break;
        }
        let at = plain.len();
        if let Some((from, length)) = last.filter(|_| table.len() < 4096 - 258) {
            // The bytes of the code before with the first of this one, which are written behind it now.
            table.push((from, length + 1));
        }
        let (from, length) = match code {
            0..=255 => {
                budget.spend(1)?;
                plain.push(code.to_le_bytes()[0]);
                last = Some((at, 1));
                continue;
            }
            _ => match table.get(code - 258) {
                Some(known) => *known,
                None => break,
            },
        };
        budget.spend(length)?;
        for one in from..from + length {
            let Some(byte) = plain.get(one).copied() else {
                return Ok(plain);
            };
            plain.push(byte);
        }
        last = Some((at, length));
    }
    Ok(plain)
}

fn ascii85(bytes: &[u8], budget: &Budget) -> Result<Vec<u8>, PdfFault> {
    budget.spend(bytes.len().saturating_mul(4))?;
    let mut plain = Vec::new();
    let mut group: Vec<u32> = Vec::new();
    let write = |group: &[u32], count: usize, plain: &mut Vec<u8>| {
        let digits = group.iter().copied().chain(std::iter::repeat(84)).take(5);
        let value = digits.fold(0_u32, |all, one| all.wrapping_mul(85).wrapping_add(one));
        plain.extend(&value.to_be_bytes()[..count]);
    };
    for byte in bytes.iter().copied().filter(|byte| !is_space(*byte)) {
        match byte {
            b'z' if group.is_empty() => plain.extend([0; 4]),
            b'!'..=b'u' => group.push(u32::from(byte - b'!')),
            _ => break,
        }
        if group.len() == 5 {
            write(&group, 4, &mut plain);
            group.clear();
        }
    }
    if group.len() > 1 {
        write(&group, group.len() - 1, &mut plain);
    }
    Ok(plain)
}

fn run_length(bytes: &[u8], budget: &Budget) -> Result<Vec<u8>, PdfFault> {
    let (mut plain, mut rest) = (Vec::new(), bytes);
    while let [length, after @ ..] = rest {
        rest = match (length, after) {
            (0..=127, _) => {
                let count = (usize::from(*length) + 1).min(after.len());
                budget.spend(count)?;
                plain.extend(&after[..count]);
                &after[count..]
            }
            (129.., [byte, after @ ..]) => {
                let count = 257 - usize::from(*length);
                budget.spend(count)?;
                plain.extend(std::iter::repeat_n(*byte, count));
                after
            }
            _ => break,
        };
    }
    Ok(plain)
}

/// Undoes the predictors of PNG: each row says in its first byte how it was foretold.
fn unpredicted(bytes: &[u8], row_bits: usize, pixel_bits: usize) -> Vec<u8> {
    let (row, pixel) = (row_bits.div_ceil(8).max(1), pixel_bits.div_ceil(8).max(1));
    let mut plain: Vec<u8> = Vec::with_capacity(bytes.len());
    for coded in bytes.chunks(row.saturating_add(1)) {
        let start = plain.len();
        let Some((kind, coded)) = coded.split_first() else {
            break;
        };
        for (at, byte) in coded.iter().enumerate() {
            let left = at.checked_sub(pixel).map_or(0, |left| plain[start + left]);
            let up = (start + at).checked_sub(row).map_or(0, |up| plain[up]);
            let corner = match at.checked_sub(pixel) {
                Some(_) => (start + at)
                    .checked_sub(row + pixel)
                    .map_or(0, |one| plain[one]),
                None => 0,
            };
            let foretold = match kind {
                1 => left,
                2 => up,
                3 => left.midpoint(up),
                4 => paeth(left, up, corner),
                _ => 0,
            };
            plain.push(byte.wrapping_add(foretold));
        }
    }
    plain
}

fn paeth(left: u8, up: u8, corner: u8) -> u8 {
    let foretold = i16::from(left) + i16::from(up) - i16::from(corner);
    let distance = |one: u8| (foretold - i16::from(one)).abs();
    if distance(left) <= distance(up) && distance(left) <= distance(corner) {
        left
    } else if distance(up) <= distance(corner) {
        up
    } else {
        corner
    }
}
