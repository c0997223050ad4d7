# The recipes people type most; each is one line. `just` lists them.
default:
    @just --list
demo:
    cargo run --release -- demo
dev:
    cargo run --release -- dev
test:
    cargo xtask test
bless:
    cargo xtask bless
codegen:
    cargo xtask codegen
bench:
    cargo xtask bench
