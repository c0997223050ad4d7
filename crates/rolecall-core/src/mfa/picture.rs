//! A device's seed as authenticator apps read it: a URI, and a QR code of it as a PNG.

use crate::error::Error;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use qrcodegen::{QrCode, QrCodeEcc};

/// `otpauth://totp/NAME@ACCOUNT?secret=SEED` (IAM API Reference, VirtualMFADevice).
pub(crate) fn uri(name: &str, account: &str, base32_seed: &str) -> String {
    let label = |text| utf8_percent_encode(text, NON_ALPHANUMERIC);
    format!("otpauth://totp/{}@{}?secret={base32_seed}", label(name), label(account))
}

/// A text as a QR code: black on white, eight dots a module, with the quiet zone of four modules that
/// ISO/IEC 18004 asks for.
///
/// # Errors
/// When the text is too long for a QR code.
pub(crate) fn png(text: &str) -> Result<Vec<u8>, Error> {
    let code = QrCode::encode_text(text, QrCodeEcc::Medium).map_err(|e| Error::internal(e.to_string()))?;
    let side = (code.size() + 2 * QUIET) * DOTS;
    let dot = |x: i32, y: i32| code.get_module(x / DOTS - QUIET, y / DOTS - QUIET);
    let rows = (0..side).flat_map(|y| (0..side).step_by(8).map(move |x| (x, y)));
    let bytes = rows.map(|(x, y)| (0..8).fold(0, |byte, bit| byte << 1 | u8::from(!dot(x + bit, y))));
    written(side.unsigned_abs(), &bytes.collect::<Vec<u8>>()).map_err(|e| Error::internal(e.to_string()))
}

fn written(side: u32, bits: &[u8]) -> Result<Vec<u8>, png::EncodingError> {
    let mut out = Vec::new();
    let mut encoder = png::Encoder::new(&mut out, side, side);
    encoder.set_color(png::ColorType::Grayscale);
    encoder.set_depth(png::BitDepth::One);
    encoder.write_header()?.write_image_data(bits)?;
    Ok(out)
}

/// Modules around the code that are left white.
const QUIET: i32 = 4;
/// Dots of a module, each way: a row of modules is whole bytes.
const DOTS: i32 = 8;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_cannot_add_to_the_uri() {
        let uri = uri("a?secret=B&x@y/z", "my-alias", "JBSWY3DP");
        assert_eq!(uri, "otpauth://totp/a%3Fsecret%3DB%26x%40y%2Fz@my%2Dalias?secret=JBSWY3DP");
    }

    #[test]
    fn the_picture_is_the_code() {
        let text = "otpauth://totp/d@123456789012?secret=JBSWY3DP";
        let bytes = png(text).unwrap();
        let mut reader = png::Decoder::new(std::io::Cursor::new(bytes)).read_info().unwrap();
        let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
        let info = reader.next_frame(&mut pixels).unwrap();
        let code = QrCode::encode_text(text, QrCodeEcc::Medium).unwrap();
        assert_eq!(info.width, (code.size().unsigned_abs() + 8) * 8);
        assert_eq!(info.width, info.height);
        let side = usize::try_from(code.size()).unwrap() + 8;
        let is_black = |x: usize, y: usize| pixels[y * info.line_size + x / 8] & (0x80 >> (x % 8)) == 0;
        for (y, x) in (0..side * 8).flat_map(|y| (0..side * 8).map(move |x| (y, x))) {
            let at = |dot: usize| i32::try_from(dot / 8).unwrap() - 4;
            assert_eq!(is_black(x, y), code.get_module(at(x), at(y)), "{x} {y}");
        }
    }
}
