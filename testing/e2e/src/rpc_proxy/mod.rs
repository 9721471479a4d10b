//! A JSON-RPC endpoint with faults: it passes calls on to a real node and, as a test
//! tells it, drops, delays, repeats or changes them.

mod forge;

use std::{
    collections::BTreeMap,
    net::SocketAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use anyhow::{Context, bail};
use http_body_util::{BodyExt, Full};
use hyper::{
    Request, Response,
    body::{Bytes, Incoming},
    header::CONTENT_TYPE,
    server::conn::http1,
    service::service_fn,
};
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use tokio::{
    net::{TcpListener, TcpStream},
    task::{JoinHandle, JoinSet},
};
use url::Url;

pub use forge::Lie;

use crate::network::install_tls_provider;

/// How an endpoint does not do as it should.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// It closes the connection; the node hears nothing of the call.
    Drops,
    /// It closes the connection in place of the answer; the node has done what was asked.
    LosesAnswers,
    /// The node has done what was asked, and no answer ever comes.
    NeverAnswers,
    /// Each call takes so much longer.
    Delays(Duration),
    /// The node gets each call twice; the answer is the second one.
    Repeats,
    /// It is so many blocks behind.
    Stale(u64),
    /// It says what is not so.
    Lies(Lie),
}

/// Which calls a fault is for.
#[derive(Clone, Copy, Debug)]
pub struct Plan {
    fault: Fault,
    method: Option<&'static str>,
    every: usize,
    times_max: usize,
    /// The calls that it could have been for so far.
    calls: usize,
}

impl Plan {
    /// For all calls that it can be for.
    pub fn of(fault: Fault) -> Self {
        Self {
            fault,
            method: None,
            every: 1,
            times_max: usize::MAX,
            calls: 0,
        }
    }

    /// For every so-many-th call only.
    pub fn every(self, calls: usize) -> Self {
        Self {
            every: calls.max(1),
            ..self
        }
    }

    /// For calls of this method only.
    pub fn only(self, method: &'static str) -> Self {
        Self {
            method: Some(method),
            ..self
        }
    }

    /// For so many calls only.
    pub fn times(self, times_max: usize) -> Self {
        Self { times_max, ..self }
    }

    /// Whether it is for the next call, which is of this method.
    fn is_for(&mut self, method: &str) -> bool {
        if self.method.is_some_and(|only| only != method) {
            return false;
        }
        self.calls += 1;
        self.calls.is_multiple_of(self.every) && self.calls / self.every <= self.times_max
    }
}

/// Listens on a loopback port. It ends when dropped.
pub struct RpcProxy {
    address: SocketAddr,
    proxy: Arc<Proxy>,
    task: JoinHandle<()>,
}

/// What all its connections share.
struct Proxy {
    node: Url,
    client: reqwest::Client,
    plan: Mutex<Option<Plan>>,
    /// How many calls of each method a fault was for.
    hits: Mutex<BTreeMap<String, usize>>,
}

impl RpcProxy {
    /// Before the node at `url`, with no fault.
    pub async fn start(url: &str) -> anyhow::Result<Self> {
        install_tls_provider();
        let proxy = Arc::new(Proxy {
            node: url.parse()?,
            client: reqwest::Client::builder().no_proxy().build()?,
            plan: Mutex::default(),
            hits: Mutex::default(),
        });
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let task = tokio::spawn(listen(listener, Arc::clone(&proxy)));
        Ok(Self {
            address,
            proxy,
            task,
        })
    }

    /// The URL of the endpoint.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// What a worker calls it in messages.
    pub fn name(&self) -> String {
        self.address.to_string()
    }

    /// Has it behave so from the next call on.
    pub fn set(&self, plan: Plan) {
        *lock(&self.proxy.plan) = Some(plan);
    }

    /// Has it behave as it should from the next call on.
    pub fn mend(&self) {
        *lock(&self.proxy.plan) = None;
    }

    /// How many calls there were that a fault has truly changed.
    pub fn hits(&self) -> usize {
        lock(&self.proxy.hits).values().sum()
    }

    /// The same of one method.
    pub fn hits_of(&self, method: &str) -> usize {
        lock(&self.proxy.hits).get(method).copied().unwrap_or(0)
    }
}

impl Drop for RpcProxy {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Proxy {
    /// The fault that is for this call.
    fn fault(&self, method: &str) -> Option<Fault> {
        let mut plan = lock(&self.plan);
        let plan = plan.as_mut()?;
        plan.is_for(method).then_some(plan.fault)
    }

    fn hit(&self, method: &str) {
        *lock(&self.hits).entry(method.to_owned()).or_default() += 1;
    }

    /// Passes a call on. Gives the whole answer.
    async fn pass(&self, call: &Value) -> anyhow::Result<Value> {
        let answer = self.client.post(self.node.clone()).json(call).send();
        Ok(answer.await?.json().await?)
    }

    /// Asks the node something by itself.
    async fn ask(&self, method: &str, params: Value) -> anyhow::Result<Value> {
        let call = json!({"jsonrpc": "2.0", "id": 1, "method": method, "params": params});
        let answer = self.pass(&call).await?;
        let result = answer.get("result").cloned();
        result.with_context(|| format!("the node refuses {method}: {answer}"))
    }

    /// The answer to a call; an error closes the connection.
    async fn answer(&self, call: Value) -> anyhow::Result<Value> {
        let method = call["method"].as_str().unwrap_or_default().to_owned();
        let Some(fault) = self.fault(&method) else {
            return self.pass(&call).await;
        };
        match fault {
            Fault::Stale(blocks) => {
                let (answer, is_changed) = self.stale(&method, call, blocks).await?;
                if is_changed {
                    self.hit(&method);
                }
                return Ok(answer);
            }
            Fault::Lies(lie) => {
                let (answer, is_changed) = self.lie(&method, call, lie).await?;
                if is_changed {
                    self.hit(&method);
                }
                return Ok(answer);
            }
            _ => self.hit(&method),
        }
        match fault {
            Fault::Drops => bail!("{method} is dropped"),
            Fault::LosesAnswers => {
                self.pass(&call).await?;
                bail!("the answer to {method} is lost")
            }
            Fault::NeverAnswers => {
                self.pass(&call).await?;
                std::future::pending::<()>().await
            }
            Fault::Delays(time) => tokio::time::sleep(time).await,
            Fault::Repeats => drop(self.pass(&call).await?),
            Fault::Stale(_) | Fault::Lies(_) => {}
        }
        self.pass(&call).await
    }
}

async fn listen(listener: TcpListener, proxy: Arc<Proxy>) {
    // They end with this task.
    let mut connections = JoinSet::new();
    while let Ok((stream, _)) = listener.accept().await {
        while connections.try_join_next().is_some() {}
        connections.spawn(connection(stream, Arc::clone(&proxy)));
    }
}

async fn connection(stream: TcpStream, proxy: Arc<Proxy>) {
    let service = service_fn(move |request| serve(Arc::clone(&proxy), request));
    let served = http1::Builder::new().serve_connection(TokioIo::new(stream), service);
    // An error is what a fault, or a client that went away, ends it with.
    let _ = served.await;
}

async fn serve(
    proxy: Arc<Proxy>,
    request: Request<Incoming>,
) -> anyhow::Result<Response<Full<Bytes>>> {
    let body = request.into_body().collect().await?.to_bytes();
    let answer = proxy.answer(serde_json::from_slice(&body)?).await?;
    let response = Response::builder().header(CONTENT_TYPE, "application/json");
    Ok(response.body(Full::new(Bytes::from(answer.to_string())))?)
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // Nothing that holds one can be left half done.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plan_is_for_the_calls_that_it_names() {
        let for_each = |mut plan: Plan, methods: &[&str]| {
            let calls = methods.iter().map(|method| plan.is_for(method));
            calls.collect::<Vec<bool>>()
        };
        let plan = Plan::of(Fault::Drops);
        assert_eq!(for_each(plan, &["a", "b"]), [true, true]);
        let calls = ["a", "b", "a", "a", "a"];
        let every = for_each(plan.every(2), &calls);
        assert_eq!(every, [false, true, false, true, false]);
        let only = for_each(plan.only("a").every(2), &calls);
        assert_eq!(only, [false, false, true, false, true]);
        let once = for_each(plan.only("a").times(1), &calls);
        assert_eq!(once, [true, false, false, false, false]);
    }
}
