//! Compressed input: gzip as every reader of the format knows it, and zstd and lz4 files, into which captures are often
//! packed afterwards. Output is delivered as it is decompressed, within a limit.

use std::io::{self, BufRead, Read};

use flate2::bufread::MultiGzDecoder;
use lz4_flex::frame::FrameDecoder as Lz4Decoder;
use ruzstd::decoding::BlockDecodingStrategy::UptoBlocks;
use ruzstd::decoding::FrameDecoder as ZstdDecoder;
use ruzstd::decoding::errors::{FrameDecoderError, ReadFrameHeaderError};

use super::input::ReadOptions;
use super::read_ahead::ReadAhead;
use crate::error::{Error, Result};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum InputCompression {
    None,
    Gzip,
    Zstd,
    Lz4,
}

impl InputCompression {
    /// Told by the first bytes. A capture starts with 0x0A, so two bytes of gzip's magic are enough.
    pub fn of(start: &[u8]) -> InputCompression {
        match start {
            [0x1F, 0x8B, ..] => InputCompression::Gzip,
            [0x28, 0xB5, 0x2F, 0xFD, ..] => InputCompression::Zstd,
            [0x04, 0x22, 0x4D, 0x18, ..] => InputCompression::Lz4,
            _ => InputCompression::None,
        }
    }

    /// The bytes of `input`, decompressed. Memory is bounded by the formats' windows: 32 KiB for gzip, 4 MiB for lz4,
    /// and the 128 MiB that the zstd decoder accepts.
    ///
    /// # Errors
    /// When the thread that reads ahead cannot be started.
    pub fn inflate<R>(self, input: R, options: &ReadOptions) -> Result<Box<dyn Read + Send>>
    where
        R: BufRead + Send + 'static,
    {
        match self {
            InputCompression::None => Ok(Box::new(input)),
            InputCompression::Gzip => limited(MultiGzDecoder::new(input), options),
            InputCompression::Zstd => limited(Zstd { input, decoder: ZstdDecoder::new() }, options),
            InputCompression::Lz4 => limited(Lz4(Lz4Decoder::new(input)), options),
        }
    }
}

fn limited<R: Read + Send + 'static>(inner: R, options: &ReadOptions) -> Result<Box<dyn Read + Send>> {
    let limited = Limited { inner, left: options.max_inflated_bytes };
    if !options.read_ahead {
        return Ok(Box::new(limited));
    }
    match ReadAhead::start(limited) {
        Ok(ahead) => Ok(Box::new(ahead)),
        Err(error) => Err(Error::io("cannot start a thread for decompression", error)),
    }
}

/// Delivers the `left` bytes that may come out of a decompressor, and fails if there are more.
struct Limited<R> {
    inner: R,
    left: u64,
}

impl<R: Read> Read for Limited<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.left == 0 {
            return match self.inner.read(&mut [0])? {
                0 => Ok(0),
                _ => Err(io::ErrorKind::QuotaExceeded.into()),
            };
        }
        let most = usize::try_from(self.left).map_or(buffer.len(), |left| buffer.len().min(left));
        let len = self.inner.read(&mut buffer[..most])?;
        self.left -= len as u64;
        Ok(len)
    }
}

/// All frames of a zstd file, one after the other.
struct Zstd<R> {
    input: R,
    decoder: ZstdDecoder,
}

impl<R: BufRead> Zstd<R> {
    /// Goes on to the next frame with data; false at the end of the input.
    fn next_frame(&mut self) -> io::Result<bool> {
        let promised = self.decoder.get_checksum_from_data();
        if promised.is_some() && promised != self.decoder.get_calculated_checksum() {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "a zstd checksum does not match"));
        }
        while !self.input.fill_buf()?.is_empty() {
            match self.decoder.reset(&mut self.input) {
                Ok(()) => return Ok(true),
                Err(FrameDecoderError::ReadFrameHeaderError(ReadFrameHeaderError::SkipFrame {
                    length,
                    ..
                })) => {
                    let skipped = io::copy(&mut (&mut self.input).take(length.into()), &mut io::sink())?;
                    if skipped < u64::from(length) {
                        return Err(io::ErrorKind::UnexpectedEof.into());
                    }
                }
                Err(error) => return Err(self.failed(error)),
            }
        }
        Ok(false)
    }

    /// The decoder does not tell damaged input from input that ends too early; the input does.
    fn failed(&mut self, error: FrameDecoderError) -> io::Error {
        match self.input.fill_buf() {
            Ok([]) => io::Error::new(io::ErrorKind::UnexpectedEof, error),
            Ok(_) => io::Error::new(io::ErrorKind::InvalidData, error),
            Err(input) => input,
        }
    }
}

impl<R: BufRead> Read for Zstd<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.decoder.can_collect() == 0 {
            if !self.decoder.is_finished() {
                if let Err(error) = self.decoder.decode_blocks(&mut self.input, UptoBlocks(1)) {
                    return Err(self.failed(error));
                }
            } else if !self.next_frame()? {
                return Ok(0);
            }
        }
        self.decoder.read(buffer)
    }
}

/// All frames of an lz4 file, one after the other.
struct Lz4<R: BufRead>(Lz4Decoder<R>);

impl<R: BufRead> Read for Lz4<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            match self.0.read(buffer) {
                // The decoder stops at the end of each frame.
                Ok(0) if !buffer.is_empty() && !self.0.get_mut().fill_buf()?.is_empty() => {}
                Err(error) if error.kind() == io::ErrorKind::Other => {
                    return Err(io::Error::new(io::ErrorKind::InvalidData, error));
                }
                read => return read,
            }
        }
    }
}
