use std::{process::{Child, Command}, time::{Duration, Instant}};
use phat_chain_client::*;
use phat_primitives::*;
use phat_target_evm::{deploy::Deployer, EvmConfig, U256};
use phat_worker_client::WorkerClient;

const SCRIPT: &str = r#"
let n = 0;
export default async function (request) {
  const text = new TextDecoder().decode(request.input);
  if (text.includes("throw")) throw new Error("thrown on purpose");
  const out = new Uint8Array(64); out[63] = 42; return out;
}"#;

struct W { child: Child, client: WorkerClient }
async fn start(node: &str, evm: &str, extra: &[&str]) -> W {
    let dir = "/tmp/wk/w";
    let _ = std::fs::remove_file("/tmp/wk/w/http.addr");
    let log = std::fs::OpenOptions::new().append(true).create(true).open("/tmp/wk/e2e.log").unwrap();
    let child = Command::new("/tmp/t2/debug/phat-worker")
        .args(["--data-dir", dir, "--chain-rpc", node, "--operator-suri", "//Alice", "--confirmations", "0", "--target", &format!("eip155:31337={evm}")])
        .args(extra).stderr(log).spawn().unwrap();
    loop {
        if let Ok(a) = std::fs::read_to_string("/tmp/wk/w/http.addr") {
            let client = WorkerClient::new(&format!("http://{}", a.trim())).unwrap();
            if client.health().await.map(|h| h.ready).unwrap_or(false) { return W { child, client }; }
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}
impl W {
    async fn step(&self, id: U256, step: &str) {
        let t = Instant::now();
        loop {
            let rs = self.client.requests(None).await.unwrap().requests;
            if rs.iter().any(|r| r.number == id.to_string() && r.step == step) { return; }
            if t.elapsed() > Duration::from_secs(60) { panic!("{id} never {step}: {rs:#?}"); }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
    fn kill(mut self) { self.child.kill().unwrap(); self.child.wait().unwrap(); }
}

#[tokio::test]
#[ignore = "scratch"]
async fn e2e() {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let node = std::env::var("NODE").unwrap();
    let evm = std::env::var("EVM").unwrap();
    let mut key = [0u8; 32];
    hex::decode_to_slice("ac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80", &mut key).unwrap();
    let deployer = Deployer::new(&EvmConfig::new(31337, evm.parse().unwrap(), key)).unwrap();
    let consumer = deployer.deploy_lens_stats(deployer.address(), vec![]).await.unwrap();
    println!("consumer {}", consumer.address);
    let chain = ChainClient::connect(&node).await.unwrap();
    let alice = Signer::from_uri("//Alice").unwrap();
    let manifest = format!("name=\"e2e\"\nentry=\"x.js\"\n[[triggers]]\nkind=\"anchor\"\nchain_id=31337\naddress=\"{:?}\"\nfrom_block={}\n", consumer.address, consumer.sent.block.number);
    let mut salt = [0u8; 32]; salt[..20].copy_from_slice(consumer.address.as_slice());
    let d = chain.deploy(&alice, NewContract { cluster: ClusterId(0), code: SCRIPT.into(), manifest, salt }).await.unwrap();
    let w = start(&node, &evm, &[]).await;
    let info = w.client.contract(d.contract).await.unwrap();
    println!("{info:?}");
    let relay = w.client.info().await.unwrap().targets[0].relay_account.clone();
    let fund = format!("{{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"anvil_setBalance\",\"params\":[\"{relay}\",\"0xde0b6b3a7640000\"]}}");
    Command::new("curl").args(["-s", "-XPOST", "-H", "content-type: application/json", "-d", &fund, &evm]).status().unwrap();
    // wrong attestor first
    let r = deployer.request_lens_stats(consumer.address, "0x01").await.unwrap();
    let t = Instant::now();
    loop {
        let rs = w.client.requests(Some(d.contract)).await.unwrap().requests;
        if let Some(e) = rs.first().and_then(|r| r.error.clone()) { println!("error shown after {:?}: {e}", t.elapsed()); break; }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    deployer.set_attestor(consumer.address, info.attestors["eip155:31337"].parse().unwrap(), true).await.unwrap();
    w.step(r.id, "settled").await;
    println!("{:?}", deployer.lens_answer(consumer.address, r.id).await.unwrap());
    let t = Instant::now();
    let r = deployer.request_lens_stats(consumer.address, "0x02").await.unwrap();
    w.step(r.id, "settled").await;
    println!("settled after {:?}", t.elapsed());
    let r = deployer.request_lens_stats(consumer.address, "throw").await.unwrap();
    w.step(r.id, "settled").await;
    println!("{:?}", deployer.lens_answer(consumer.address, r.id).await.unwrap());
    w.kill();
    for step in ["seen", "executed", "prepared", "sent"] {
        let w = start(&node, &evm, &["--pause-after", step]).await;
        let r = deployer.request_lens_stats(consumer.address, step).await.unwrap();
        w.step(r.id, step).await;
        w.kill();
        let t = Instant::now();
        let w = start(&node, &evm, &[]).await;
        w.step(r.id, "settled").await;
        let e = w.client.requests(Some(d.contract)).await.unwrap().requests.remove(0);
        println!("{step}: settled {:?} after restart, runs {} attempts {} {:?}", t.elapsed(), e.runs, e.attempts, deployer.lens_answer(consumer.address, r.id).await.unwrap());
        w.kill();
    }
    let w = start(&node, &evm, &[]).await;
    // a burst
    let t = Instant::now();
    let mut ids = vec![];
    for n in 0..20 { ids.push(deployer.request_lens_stats(consumer.address, &n.to_string()).await.unwrap().id); }
    println!("asked in {:?}", t.elapsed());
    for id in ids { w.step(id, "settled").await; }
    println!("burst settled after {:?}", t.elapsed());
    println!("{}", w.client.metrics().await.unwrap());
    for r in w.client.requests(Some(d.contract)).await.unwrap().requests { println!("{} {} req {} set {:?} gas {:?} att {} err {:?}", r.number, r.step, r.block_requested, r.block_settled, r.gas_used, r.attempts, r.error); }
    let mut w = w;
    Command::new("kill").arg("-TERM").arg(w.child.id().to_string()).status().unwrap();
    println!("{:?}", w.child.wait());
}
