//! Makes a running application of a manifest. Blocks: reads files and may compile.

use std::{
    collections::{BTreeSet, HashMap},
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use wasmtime::Engine;
use wasmtime::component::Component as Code;
use wasmtime_wasi_http::{handler::ProxyHandler, p3::bindings::ServicePre};

use crate::{
    AppInfo, ComponentSummary, Limits, Options, StartError,
    aot::{Cache, Loaded},
    app::{App, ComponentInfo, Services},
    engine::{self, Clock},
    error::one_line,
    key_value::{Backend, Embedded, Redis},
    manifest::{Component, Manifest},
    outbound::{AllowedHosts, Client, NetworkPolicy},
    postgres::Pools,
    router::Router,
    runtime_config::{KeyValueStore, RuntimeConfig, SqliteDatabase},
    server::routes_of,
    sqlite::database::Database,
    state,
    variables::Values,
    worker::Factory,
};

/// An application that is ready to serve.
pub(crate) struct Prepared {
    pub(crate) app: Arc<App>,
    pub(crate) info: AppInfo,
    pub(crate) limits: Arc<Limits>,
}

/// One component's compilation, as [`precompile`] reports it.
#[derive(Clone, Debug)]
pub struct Progress {
    /// The component.
    pub component: String,
    /// Whether it was compiled or already there.
    pub loaded: Loaded,
    /// How many are done, this one included.
    pub done: usize,
    /// How many there are.
    pub total: usize,
}

/// Compiles what the cache lacks, so that the next start is quick. Blocks.
pub fn precompile(options: &Options, mut progress: impl FnMut(Progress)) -> Result<(), StartError> {
    let manifest = Manifest::read(&options.manifest)?;
    let engine = engine::build(&options.limits)?;
    let cache = Cache::open(&options.cache_dir());
    let total = manifest.components.len();
    // One after the other: the compiler itself uses all cores.
    for (index, component) in manifest.components.iter().enumerate() {
        let (_, loaded) = read_component(options, &engine, &cache, component)?;
        progress(Progress {
            component: component.id.clone(),
            loaded,
            done: index + 1,
            total,
        });
    }
    Ok(())
}

pub(crate) fn application(options: &Options) -> Result<Prepared, StartError> {
    let manifest = Manifest::read(&options.manifest)?;
    let config = RuntimeConfig::read(options.runtime_config.as_deref())?;
    let environment = |name: &str| std::env::var(name).ok();
    let values = Values::resolve(
        &manifest,
        &options.variables,
        &config.variables(),
        environment,
    )?;
    let bad_manifest = |message: String| StartError::Manifest {
        path: options.manifest.clone(),
        message,
    };
    let (router, router_warnings) = Router::build(&manifest.triggers).map_err(bad_manifest)?;
    let policy = NetworkPolicy::new(&options.networks, &config.outbound_networking)
        .map_err(StartError::Options)?;
    let limits = Arc::new(options.limits.clone());

    let ids: Vec<String> = manifest.components.iter().map(|c| c.id.clone()).collect();
    let infos = manifest
        .components
        .iter()
        .map(|component| component_info(component, &values, &ids).map(Arc::new))
        .collect::<Result<Vec<_>, _>>()?;

    let engine = engine::build(&limits)?;
    let codes = load_all(options, &engine, &manifest.components)?;
    let linker =
        state::linker(&engine).map_err(|e| StartError::Engine(one_line(format!("{e:#}"))))?;
    let mut pres = Vec::new();
    for (component, code) in manifest.components.iter().zip(&codes) {
        let pre = linker
            .instantiate_pre(code)
            .and_then(ServicePre::new)
            .map_err(|e| StartError::Component {
                component: component.id.clone(),
                reason: one_line(format!("{e:#}")),
            })?;
        pres.push(pre);
    }
    let services = Arc::new(services(options, &manifest, config, policy)?);
    let bounded: Vec<Arc<Limits>> = manifest
        .components
        .iter()
        .map(|component| Arc::new(limits.within(&component.bounds)))
        .collect();
    let clock = Arc::new(Clock::start(&engine).map_err(|e| StartError::Engine(e.to_string()))?);

    let mut routes = routes_of(&router);
    let info = AppInfo {
        name: manifest.name.clone(),
        version: manifest.version.clone(),
        components: manifest
            .components
            .iter()
            .map(|c| ComponentSummary {
                id: c.id.clone(),
                description: c.description.clone(),
                routes: routes.remove(&c.id).unwrap_or_default(),
            })
            .collect(),
        warnings: manifest
            .warnings
            .iter()
            .chain(&router_warnings)
            .cloned()
            .collect(),
    };
    let app = App::new(
        manifest.name,
        manifest.version,
        router,
        services.clone(),
        clock.clone(),
        limits.clone(),
        |app| {
            infos
                .into_iter()
                .zip(pres)
                .zip(bounded)
                .map(|((component, pre), limits)| {
                    let id = component.id.clone();
                    let factory = Factory {
                        pre,
                        component,
                        services: services.clone(),
                        app: app.clone(),
                        clock: clock.clone(),
                        limits,
                        crowd: Arc::default(),
                    };
                    (id, ProxyHandler::new(factory))
                })
                .collect()
        },
    );
    Ok(Prepared { app, info, limits })
}

fn component_info(
    component: &Component,
    values: &Values,
    ids: &[String],
) -> Result<ComponentInfo, StartError> {
    let hosts = component
        .allowed_outbound_hosts
        .iter()
        .map(|host| host.resolve(|name| values.get(name)))
        .collect::<Result<Vec<_>, _>>();
    let allowed_hosts = hosts
        .and_then(|hosts| AllowedHosts::parse(&hosts, ids))
        .map_err(|e| {
            StartError::Options(format!(
                "component.{}: allowed_outbound_hosts: {e}",
                component.id
            ))
        })?;
    Ok(ComponentInfo {
        id: component.id.as_str().into(),
        key_value_stores: component.key_value_stores.clone(),
        sqlite_databases: component.sqlite_databases.clone(),
        variables: values.of(component)?,
        environment: component
            .environment
            .iter()
            .map(|(k, v)| (k.clone(), v.clone()))
            .collect(),
        allowed_hosts,
    })
}

/// Reads and checks compiled components on all cores: at a warm start, digests are most of the work.
fn load_all(
    options: &Options,
    engine: &Engine,
    components: &[Component],
) -> Result<Vec<Code>, StartError> {
    let cache = Cache::open(&options.cache_dir());
    let next = AtomicUsize::new(0);
    let threads = std::thread::available_parallelism()
        .map_or(1, std::num::NonZero::get)
        .min(components.len())
        .max(1);
    let mut loaded: Vec<(usize, Result<Code, StartError>)> = std::thread::scope(|scope| {
        let work = || {
            let mut mine = Vec::new();
            loop {
                let index = next.fetch_add(1, Ordering::Relaxed);
                let Some(component) = components.get(index) else {
                    return mine;
                };
                let code = read_component(options, engine, &cache, component).map(|(code, _)| code);
                mine.push((index, code));
            }
        };
        let threads: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        threads
            .into_iter()
            .flat_map(|thread| match thread.join() {
                Ok(mine) => mine,
                Err(panic) => std::panic::resume_unwind(panic),
            })
            .collect()
    });
    loaded.sort_by_key(|(index, _)| *index);
    loaded.into_iter().map(|(_, code)| code).collect()
}

fn read_component(
    options: &Options,
    engine: &Engine,
    cache: &Cache,
    component: &Component,
) -> Result<(Code, Loaded), StartError> {
    let path = source_path(options, &component.source);
    let wasm = std::fs::read(&path).map_err(|e| StartError::ComponentFile {
        component: component.id.clone(),
        path: path.clone(),
        reason: e.to_string(),
    })?;
    cache
        .load(engine, &wasm)
        .map_err(|e| StartError::Component {
            component: component.id.clone(),
            reason: one_line(format!("{}: {e:#}", path.display())),
        })
}

fn source_path(options: &Options, source: &str) -> PathBuf {
    let folder = options
        .component_dir
        .as_deref()
        .or_else(|| options.manifest.parent())
        .unwrap_or(Path::new("."));
    folder.join(source)
}

fn services(
    options: &Options,
    manifest: &Manifest,
    config: RuntimeConfig,
    policy: NetworkPolicy,
) -> Result<Services, StartError> {
    // Two labels may name one file: it is opened once, so that its writers share one queue.
    let mut files: HashMap<PathBuf, Arc<Database>> = HashMap::new();
    let mut open = |path: PathBuf| -> Result<Arc<Database>, StartError> {
        if let Some(file) = files.get(&path) {
            return Ok(file.clone());
        }
        let error = |reason: String| StartError::Database {
            path: path.clone(),
            reason,
        };
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder).map_err(|e| error(e.to_string()))?;
        }
        let file = Database::open(&path).map_err(|e| error(one_line(e)))?;
        files.insert(path.clone(), file.clone());
        Ok(file)
    };

    let used = |pick: fn(&Component) -> &BTreeSet<String>| -> BTreeSet<String> {
        manifest
            .components
            .iter()
            .flat_map(|c| pick(c).iter().cloned())
            .collect()
    };
    let mut stores: HashMap<String, Arc<dyn Backend>> = HashMap::new();
    let mut configured = config.key_value_store;
    for label in used(|c| &c.key_value_stores) {
        let backend: Arc<dyn Backend> = match configured.remove(&label) {
            Some(KeyValueStore::Redis { url }) => Arc::new(
                // The message could repeat the URL, which may hold a password.
                Redis::new(&url).map_err(|_| {
                    StartError::Options(format!(
                        "key_value_store.{label}: `url` is not a Redis URL"
                    ))
                })?,
            ),
            Some(KeyValueStore::Spin { path }) => Arc::new(embedded(&mut open, path, &label)?),
            None if label == "default" => Arc::new(embedded(
                &mut open,
                options.data_dir.join("sqlite_key_value.db"),
                &label,
            )?),
            None => return Err(unknown("key_value_store", &label)),
        };
        stores.insert(label, backend);
    }
    let mut databases = HashMap::new();
    let mut configured = config.sqlite_database;
    for label in used(|c| &c.sqlite_databases) {
        let path = match configured.remove(&label) {
            Some(SqliteDatabase::Spin { path }) => path,
            None if label == "default" => options.data_dir.join("sqlite_db.db"),
            None => return Err(unknown("sqlite_database", &label)),
        };
        databases.insert(label, open(path)?);
    }
    Ok(Services {
        key_value: stores,
        sqlite: databases,
        postgres: Pools::new(policy.clone()),
        client: Client::new(policy),
    })
}

fn embedded(
    open: &mut impl FnMut(PathBuf) -> Result<Arc<Database>, StartError>,
    path: PathBuf,
    label: &str,
) -> Result<Embedded, StartError> {
    let database = open(path.clone())?;
    Embedded::prepare(&database).map_err(|e| StartError::Database {
        path,
        reason: one_line(e),
    })?;
    Ok(Embedded::new(database, label))
}

/// As in Spin: only `default` exists without configuration.
fn unknown(kind: &str, label: &str) -> StartError {
    StartError::Options(format!(
        "`{label}` is granted to a component, but the runtime config has no [{kind}.{label}]"
    ))
}
