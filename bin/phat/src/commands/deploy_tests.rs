use crate::{
    chain::fake::{FakeChain, OWNER, stakes::PHA},
    output::Format,
};

use super::*;

fn plan() -> Plan {
    Plan {
        cluster: ClusterId(0),
        salt: Salt::default(),
        code: b"export default () => ''".to_vec(),
        manifest: "name = \"a\"\nentry = \"a.js\"\n".into(),
    }
}

/// Runs `deploy`, or `update` of `id`, and gives its text or error, and progress.
async fn text(plan: &Plan, id: Option<ContractId>, chain: &FakeChain) -> (String, String) {
    let (mut result, mut progress) = (Vec::new(), Vec::new());
    let mut output = Output::new(Format::Text, &mut result, &mut progress);
    let done = match id {
        Some(id) => update(plan, id, chain, &mut output).await,
        None => deploy(plan, chain, &mut output).await,
    };
    let text = match done {
        Ok(deployed) => deployed.to_string(),
        Err(error) => format!("error: {error:#}"),
    };
    (text, String::from_utf8(progress).unwrap())
}

fn id_of(plan: &Plan) -> ContractId {
    ContractId::derive(
        &OWNER,
        plan.cluster,
        &CodeHash::of(&plan.code),
        &plan.salt.0,
    )
}

#[tokio::test]
async fn a_first_deployment_uploads_and_creates_and_a_second_does_nothing() {
    let chain = FakeChain::default();
    let plan = plan();
    let (id, code) = (id_of(&plan), CodeHash::of(&plan.code));
    let (shown, progress) = text(&plan, None, &chain).await;
    assert_eq!(
        shown,
        format!(
            "contract   {id}\nstate      created\ncode       {code} (uploaded)\n\
             cluster    0\nblock      1\n"
        )
    );
    assert_eq!(
        progress,
        "Uploading 23 bytes of code and creating the contract…\n"
    );

    let (shown, progress) = text(&plan, None, &chain).await;
    assert_eq!(
        shown,
        format!(
            "contract   {id}\nstate      deployed already, nothing to do\ncode       {code}\n\
             cluster    0\nblock      42\n"
        )
    );
    assert_eq!(progress, "");
    assert_eq!(chain.codes.lock().unwrap().len(), 1);
    assert_eq!(chain.contracts.lock().unwrap().len(), 1);
}

#[tokio::test]
async fn whoever_deploys_is_told_when_it_takes_stake() {
    let chain = FakeChain::default();
    let id = id_of(&plan());
    let shown = async || {
        let (mut result, mut progress) = (Vec::new(), Vec::new());
        let mut output = Output::new(Format::Text, &mut result, &mut progress);
        let mut deployed = deploy(&plan(), &chain, &mut output).await.unwrap();
        deployed.note_stake(&chain, &mut output).await;
        let json = serde_json::to_value(&deployed).unwrap();
        (deployed.to_string(), json)
    };
    let (text, json) = shown().await;
    let advice = format!(
        "stake      none, so no worker runs it: stake to it with `phat stake add {id} AMOUNT`, \
         at least 1 PHA\n"
    );
    assert!(text.contains(&advice), "{text}");
    assert_eq!(json["stake_needed"], PHA.to_string());

    // What is deployed already is told as well, until somebody stakes.
    chain.stakes.lock().unwrap().staked = vec![(id, OWNER, PHA)];
    let (text, json) = shown().await;
    assert!(text.contains("nothing to do"), "{text}");
    assert!(!text.contains("stake"), "{text}");
    assert_eq!(json.get("stake_needed"), None);

    chain.stakes.lock().unwrap().staked.clear();
    assert!(shown().await.0.contains(&advice));
    chain.stakes.lock().unwrap().free_allowance = PHA / 10;
    assert!(!shown().await.0.contains("stake"));
}

#[test]
fn attestors_are_shown_as_the_word_of_a_worker() {
    let block = Block {
        number: 1,
        hash: [0; 32],
    };
    let mut deployed = plan().done(id_of(&plan()), State::Created, true, block);
    deployed.attestors.push(Attestor {
        chain: "eip155:1".into(),
        account: "0xAb".into(),
    });
    let text = deployed.to_string();
    assert!(
        text.contains("attestor   0xAb on eip155:1\n") && text.ends_with("trust that worker.\n"),
        "{text}"
    );
}

#[tokio::test]
async fn another_salt_gives_another_contract_of_the_same_code() {
    let chain = FakeChain::default();
    text(&plan(), None, &chain).await;
    let other = Plan {
        salt: Salt([1; 32]),
        ..plan()
    };
    let (shown, progress) = text(&other, None, &chain).await;
    assert!(shown.contains(&id_of(&other).to_string()), "{shown}");
    assert_eq!(
        progress,
        "The code is on the chain already. Creating the contract…\n"
    );
}

#[test]
fn code_that_merges_no_outputs_is_not_to() {
    let manifest = |more: &str| {
        let text = format!("name = \"a\"\nentry = \"a.js\"\n{more}");
        Manifest::parse(&text).unwrap()
    };
    let plain = manifest("[verification]\nquorum = 2\nof = 3\n");
    let merging = manifest("[verification]\nquorum = 2\nof = 3\naggregate = true\n");
    let component = b"\0asm\x0d\0\x01\0aggregate";
    let error = check_aggregate(&merging, component).unwrap_err();
    assert!(error.to_string().contains("for JavaScript"), "{error}");
    let script = b"export default () => ''";
    let error = check_aggregate(&merging, script).unwrap_err();
    assert!(error.to_string().contains("exports no function"), "{error}");
    let bundled = b"var a=o=>o[0];export{b as default,a as aggregate}";
    check_aggregate(&merging, bundled).unwrap();
    for code in [&component[..], script, bundled] {
        check_aggregate(&plain, code).unwrap();
        check_aggregate(&manifest(""), code).unwrap();
    }
}

#[tokio::test]
async fn another_manifest_needs_an_update() {
    let chain = FakeChain::default();
    let id = id_of(&plan());
    text(&plan(), None, &chain).await;
    let changed = Plan {
        manifest: "name = \"b\"\nentry = \"a.js\"\n".into(),
        ..plan()
    };
    let (shown, _) = text(&changed, None, &chain).await;
    assert!(shown.contains(&format!("use --update {id}")), "{shown}");

    let (shown, progress) = text(&changed, Some(id), &chain).await;
    assert!(shown.contains("state      updated"), "{shown}");
    assert_eq!(progress, "Replacing the manifest…\n");
    let (shown, _) = text(&changed, Some(id), &chain).await;
    assert!(shown.contains("nothing to do"), "{shown}");
}

#[tokio::test]
async fn an_update_that_cannot_be_is_refused_before_anything_is_sent() {
    let chain = FakeChain::with_contract(id_of(&plan()), CodeHash([9; 32]));
    let (shown, _) = text(&plan(), Some(ContractId([5; 32])), &chain).await;
    assert!(shown.contains("deploy it without --update"), "{shown}");
    let (shown, _) = text(&plan(), Some(id_of(&plan())), &chain).await;
    assert!(shown.contains("never changes"), "{shown}");
    chain.contracts.lock().unwrap()[0].1.owner.0[0] ^= 1;
    let (shown, _) = text(&plan(), Some(id_of(&plan())), &chain).await;
    assert!(shown.contains("give its owner with --suri"), "{shown}");
    assert_eq!(chain.changes.load(std::sync::atomic::Ordering::SeqCst), 0);
}

#[test]
fn anchors_are_added_and_replaced_and_the_text_is_else_as_written() {
    let text = "# why\nname = \"a\"\nentry = \"a.js\"\n";
    let manifest = Manifest::parse(text).unwrap();
    let unchanged = with_anchors(manifest.clone(), text.into(), [].iter()).unwrap();
    assert_eq!(unchanged, text);

    let anchor = |from_block| AnchorTrigger {
        chain_id: 1,
        address: format!("0x{}", "ab".repeat(20)).parse().unwrap(),
        consumer: None,
        interface: Default::default(),
        from_block,
    };
    let anchors = [anchor(1), anchor(2)];
    let changed = with_anchors(manifest, text.into(), anchors.iter()).unwrap();
    let read = Manifest::parse(&changed).unwrap();
    assert_eq!(read.anchors().collect::<Vec<_>>(), [&anchor(2)]);
}
