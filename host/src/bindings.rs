//! Types and linker functions for the interfaces in `wit/` at the root.

#![allow(missing_docs, reason = "generated")]

wasmtime::component::bindgen!({
    path: "../wit",
    world: "assay:host/imports",
    imports: { default: async | trappable },
    trappable_error_type: {
        "spin:key-value/key-value@3.0.0.error" => spin::key_value::key_value::Error,
        "spin:sqlite/sqlite@3.1.0.error" => spin::sqlite::sqlite::Error,
        "spin:postgres/postgres@4.2.0.error" => spin::postgres::postgres::Error,
        "spin:variables/variables@3.0.0.error" => spin::variables::variables::Error,
    },
    with: {
        "spin:key-value/key-value@3.0.0.store": crate::key_value::StoreHandle,
        "spin:sqlite/sqlite@3.1.0.connection": crate::sqlite::ConnectionHandle,
        "spin:postgres/postgres@4.2.0.connection": crate::postgres::ConnectionHandle,
        "spin:postgres/postgres@4.2.0.connection-builder": crate::postgres::BuilderHandle,
    },
});
