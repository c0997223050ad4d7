//! Request ids in the shapes AWS gives them.

use rolecall_core::entropy;
use rolecall_core::id::RequestId;
use rolecall_wire::Service;

/// A fresh id: 16 digits and capitals for S3, a UUID elsewhere.
pub(super) fn of(service: Service) -> RequestId {
    match service {
        Service::S3 => short(),
        Service::Sts | Service::Iam | Service::IamToolbox | Service::Organizations | Service::Rolecall => {
            entropy::uuid()
        }
    }
}

/// 80 random bits, five for each character of the 32 used.
fn short() -> RequestId {
    let bits = entropy::passing::<10>().unwrap_or_default();
    let number = bits.iter().fold(0u128, |number, byte| number << 8 | u128::from(*byte));
    let mut id = RequestId::new();
    for at in 0..16 {
        id.push(DIGITS.get((number >> (at * 5) & 31) as usize).copied().map_or('0', char::from));
    }
    id
}

const DIGITS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_have_awss_shapes_and_differ() {
        let (a, b) = (of(Service::S3), of(Service::S3));
        assert!(a.len() == 16 && a.bytes().all(|c| c.is_ascii_digit() || c.is_ascii_uppercase()), "{a}");
        assert_ne!(a, b);
        assert_eq!(of(Service::Iam).len(), 36);
    }
}
