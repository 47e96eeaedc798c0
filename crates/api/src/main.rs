//! Prints the OpenAPI document. `cargo xtask openapi` writes it where it belongs.

fn main() {
    print!("{}", assay_api::text());
}
