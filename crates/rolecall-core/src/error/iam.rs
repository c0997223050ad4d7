//! The sentences of IAM (IAM API Reference; recorded from AWS unless said otherwise).
