//! Bitmaps as PNG files: the smallest part of the format that serves, over the compression that captures need anyway.

use std::io::Write;

use flate2::{Compression, Crc, write::ZlibEncoder};

/// Encodes rows of red, green and blue bytes.
pub fn encode((width, height): (u32, u32), pixels: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut out = b"\x89PNG\r\n\x1a\n".to_vec();
    let mut header = Vec::from(width.to_be_bytes());
    header.extend(height.to_be_bytes());
    // Eight bits for each of three colours; the only compression and filtering there is; rows in order.
    header.extend([8, 2, 0, 0, 0]);
    chunk(&mut out, b"IHDR", &header);
    let mut rows = ZlibEncoder::new(Vec::new(), Compression::new(6));
    for row in pixels.chunks_exact(width.max(1) as usize * 3) {
        // Not filtered: plots are flat areas.
        rows.write_all(&[0])?;
        rows.write_all(row)?;
    }
    chunk(&mut out, b"IDAT", &rows.finish()?);
    chunk(&mut out, b"IEND", &[]);
    Ok(out)
}

fn chunk(out: &mut Vec<u8>, kind: &[u8; 4], data: &[u8]) {
    out.extend((data.len() as u32).to_be_bytes());
    out.extend(kind);
    out.extend(data);
    let mut checksum = Crc::new();
    checksum.update(kind);
    checksum.update(data);
    out.extend(checksum.sum().to_be_bytes());
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    #[test]
    fn holds_every_pixel() {
        let pixels: Vec<u8> = (0..2 * 3 * 3).collect();
        let file = super::encode((2, 3), &pixels).unwrap();
        // Signature, then a header of 25 bytes with its frame.
        assert_eq!(&file[..16], b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR");
        assert_eq!(&file[16..29], [0, 0, 0, 2, 0, 0, 0, 3, 8, 2, 0, 0, 0]);
        let length = u32::from_be_bytes(file[33..37].try_into().unwrap()) as usize;
        let mut rows = Vec::new();
        flate2::read::ZlibDecoder::new(&file[41..41 + length]).read_to_end(&mut rows).unwrap();
        let expected: Vec<u8> = pixels.chunks(6).flat_map(|row| [&[0], row].concat()).collect();
        assert_eq!(rows, expected);
        // The checksum of an empty IEND is the same in every PNG file there is.
        assert!(file.ends_with(b"IEND\xae\x42\x60\x82"));
    }
}
