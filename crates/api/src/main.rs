//! Prints the OpenAPI document, or with `access` the access matrix. `cargo xtask openapi` and `cargo xtask access` write
//! them where they belong.

fn main() {
    if std::env::args().nth(1).as_deref() == Some("access") {
        print!("{}", assay_api::access_matrix());
    } else {
        print!("{}", assay_api::text());
    }
}
