//! What an instance's store holds, and the linker that connects it with the host interfaces.

use std::sync::{Arc, Weak};

use wasmtime::{
    Engine, StoreLimits, StoreLimitsBuilder,
    component::{HasSelf, Linker, ResourceTable},
};
use wasmtime_wasi::{WasiCtx, WasiCtxBuilder, WasiCtxView, WasiView};
use wasmtime_wasi_http::{WasiHttpCtx, WasiHttpCtxView, WasiHttpView};

use crate::{
    app::{App, ComponentInfo, Services},
    bindings::spin,
    logs::GuestLog,
    outbound::Hooks,
};

/// The data of one instance.
pub(crate) struct State {
    pub(crate) table: ResourceTable,
    pub(crate) limits: StoreLimits,
    pub(crate) component: Arc<ComponentInfo>,
    pub(crate) services: Arc<Services>,
    wasi: WasiCtx,
    http: WasiHttpCtx,
    hooks: Hooks,
}

impl State {
    pub(crate) fn new(
        app: Weak<App>,
        component: Arc<ComponentInfo>,
        services: Arc<Services>,
        memory: usize,
    ) -> Self {
        let mut wasi = WasiCtxBuilder::new();
        wasi.envs(&component.environment)
            .stdout(GuestLog::new(component.id.clone(), false))
            .stderr(GuestLog::new(component.id.clone(), true));
        Self {
            table: ResourceTable::new(),
            limits: StoreLimitsBuilder::new().memory_size(memory).build(),
            wasi: wasi.build(),
            http: WasiHttpCtx::new(),
            hooks: Hooks {
                app,
                component: component.clone(),
            },
            component,
            services,
        }
    }
}

impl WasiView for State {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        WasiCtxView {
            ctx: &mut self.wasi,
            table: &mut self.table,
        }
    }
}

impl WasiHttpView for State {
    fn http(&mut self) -> WasiHttpCtxView<'_> {
        WasiHttpCtxView {
            ctx: &mut self.http,
            table: &mut self.table,
            hooks: &mut self.hooks,
        }
    }
}

/// A linker with WASI 0.2 (what `std` uses), WASI 0.3 (what the SDK uses) and Spin's interfaces.
pub(crate) fn linker(engine: &Engine) -> wasmtime::Result<Linker<State>> {
    let mut linker = Linker::new(engine);
    wasmtime_wasi::p2::add_to_linker_async(&mut linker)?;
    wasmtime_wasi::p3::add_to_linker(&mut linker)?;
    wasmtime_wasi_http::p3::add_to_linker(&mut linker)?;
    spin::key_value::key_value::add_to_linker::<_, HasSelf<State>>(&mut linker, |state| state)?;
    spin::sqlite::sqlite::add_to_linker::<_, HasSelf<State>>(&mut linker, |state| state)?;
    spin::postgres::postgres::add_to_linker::<_, HasSelf<State>>(&mut linker, |state| state)?;
    spin::variables::variables::add_to_linker::<_, HasSelf<State>>(&mut linker, |state| state)?;
    Ok(linker)
}
