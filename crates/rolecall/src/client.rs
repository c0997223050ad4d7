//! A small client of AWS-form services, for our own commands.
