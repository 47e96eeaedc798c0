//! A metric that does wrong what a metric can do wrong: it loops, takes memory, traps, lies. What it does its parameter `do` says.

#[cfg(target_arch = "wasm32")]
mod metric;
