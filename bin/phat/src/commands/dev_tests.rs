use super::*;

fn summary() -> Ready {
    Ready {
        chain: "ws://127.0.0.1:1".into(),
        worker: "http://127.0.0.1:2".into(),
        gateway: "http://127.0.0.1:3".into(),
        data_dir: "/data".into(),
        node_pid: Some(4),
        worker_pid: Some(5),
        logs: ["/data/phat-node.log".into(), "/data/phat-worker.log".into()],
        not_ready: Vec::new(),
    }
}

#[test]
fn the_summary_says_how_to_go_on() {
    let ready = summary();
    assert_eq!(
        ready.to_string(),
        "The network is ready. Ctrl-C stops it.\n\n\
         gateway    http://127.0.0.1:3\n\
         worker     http://127.0.0.1:2\n\
         chain      ws://127.0.0.1:1\n\
         data       /data\n\
         log        /data/phat-node.log\n\
         log        /data/phat-worker.log\n\n\
         For the other commands:\n  export PHAT_CHAIN=ws://127.0.0.1:1 PHAT_WORKER=http://127.0.0.1:3\n"
    );
    let json = serde_json::to_value(&ready).unwrap();
    assert_eq!(json["worker_pid"], 5);
    assert_eq!(json["not_ready"], serde_json::json!([]));
}

#[test]
fn the_summary_names_what_is_not_there_yet() {
    let ready = Ready {
        not_ready: vec!["target eip155:1: it does not answer".into()],
        ..summary()
    };
    let text = ready.to_string();
    assert!(
        text.contains(
            "\nnot yet    target eip155:1: it does not answer\n           The worker tries again"
        ),
        "{text}"
    );
}
