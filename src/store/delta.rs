//! zstd frames of a content alone, or after a base: another content that precedes it in the window.
//!
//! The base is zstd's "prefix" (raw content, no dictionary format): a match may reach back into it, and the frame
//! says nothing of it. Window and tables are sized for both together; with sizes for the content alone, zstd
//! wouldn't find most of what the two have in common.

use zstd::zstd_safe::{self, CCtx, CParameter, DCtx, DParameter};

/// The largest window, as a power of two: what zstd's decoders take without being told.
const MAX_WINDOW_LOG: u32 = 27;
/// The highest level that is for speed.
const FAST: i32 = 12;
/// The largest tables of a match finder, as a power of two of entries of 4 bytes.
const MAX_TABLE_LOG: u32 = 22;

/// Compresses a content at a level of zstd's.
///
/// # Errors
/// What zstd says.
pub(super) fn compress(content: &[u8], base: Option<&[u8]>, level: i32) -> Result<Vec<u8>, String> {
    let run = || {
        // A context borrows its base, so each call has its own.
        let mut encoder = CCtx::create();
        encoder.set_parameter(CParameter::CompressionLevel(level))?;
        // The store knows the length; each frame is some bytes shorter.
        encoder.set_parameter(CParameter::ContentSizeFlag(false))?;
        if let Some(base) = base {
            let window = window_log(base.len() + content.len());
            // At a fast level, tables for half of the window's positions cost next to nothing in size and are cleared in half
            // the time. The slow levels keep a tree of all positions.
            let table = if level <= FAST {
                window - 1
            } else {
                window + 1
            }
            .min(MAX_TABLE_LOG);
            encoder.set_parameter(CParameter::WindowLog(window))?;
            encoder.set_parameter(CParameter::HashLog(table))?;
            encoder.set_parameter(CParameter::ChainLog(table))?;
            encoder.ref_prefix(base)?;
        }
        let mut frame = Vec::with_capacity(zstd_safe::compress_bound(content.len()));
        encoder.compress2(&mut frame, content)?;
        Ok(frame)
    };
    let mut frame = run().map_err(message)?;
    frame.shrink_to_fit();
    Ok(frame)
}

/// Decompresses frames one after another, with one context: to make one takes longer than to decompress a small frame.
pub(super) struct Decoder<'base>(DCtx<'base>);

impl<'base> Decoder<'base> {
    /// A decoder for frames whose bases live as long as it does.
    pub(super) fn new() -> Self {
        Self(DCtx::create())
    }

    /// Gives the content of a frame, which has `size` bytes.
    ///
    /// # Errors
    /// What is wrong, also where it has another length; the decoder is of no use then.
    pub(super) fn decompress(
        &mut self,
        frame: &[u8],
        base: Option<&'base [u8]>,
        size: usize,
    ) -> Result<Vec<u8>, String> {
        let mut run = || {
            self.0
                .set_parameter(DParameter::WindowLogMax(MAX_WINDOW_LOG))?;
            if let Some(base) = base {
                self.0.ref_prefix(base)?;
            }
            let mut content = Vec::with_capacity(size);
            self.0.decompress(&mut content, frame)?;
            Ok(content)
        };
        let content: Vec<u8> = run().map_err(message)?;
        if content.len() == size {
            Ok(content)
        } else {
            Err(format!("{} bytes instead of {size}", content.len()))
        }
    }
}

/// The least window that covers so many bytes.
fn window_log(bytes: usize) -> u32 {
    bytes
        .next_power_of_two()
        .trailing_zeros()
        .clamp(10, MAX_WINDOW_LOG)
}

fn message(code: zstd_safe::ErrorCode) -> String {
    zstd_safe::get_error_name(code).to_owned()
}
