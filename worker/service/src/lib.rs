//! The worker as a service: chain, targets, engine, journal and HTTP API.
//!
//! [`Worker::start`] starts two actors for the Phat chain, three for each target
//! chain and the HTTP API:
//!
//! - the follower reads the cluster's contracts from finalised blocks;
//! - a watcher polls one target chain and finds requests at the contracts' anchors;
//! - a settler owns the requests of that chain, has them run and settles them, where
//!   several workers must agree with the signatures of others;
//! - a purse looks after what the relay account of that chain has;
//! - the clock finds the firings of schedules;
//! - the firer has those firings run whose outcome no anchor takes;
//! - the performer shows the chain how fast the worker is, and answers its challenges;
//! - the keeper sees to the cluster's keys: makes them, gets them, publishes what follows;
//! - the API answers calls, hands the cluster's keys to its other workers, and shows
//!   receipts, requests, logs and metrics.
//!
//! They share the journal, the executor that runs contracts and nothing else;
//! what to do, and whose run is next, is decided by `phat-worker-core`.

pub mod attest;
pub mod backlog;
pub mod batcher;
pub mod chain;
pub mod cluster_keys;
pub mod compute;
pub mod config;
pub mod contracts;
pub mod duties;
pub mod enrol;
pub mod executor;
pub mod firings;
pub mod freshness;
pub mod hardware;
pub mod health;
pub mod http;
pub mod journal;
pub mod keys;
pub mod metrics;
pub mod node;
pub mod operator;
pub mod pace;
pub mod panel;
pub mod peers;
pub mod performance;
pub mod relay;
mod run;
pub mod secrets;
pub mod settler;
pub mod substrate;
pub mod watcher;
mod worker;

pub use run::{RunError, run};
pub use worker::{Parts, Settings, Worker};
