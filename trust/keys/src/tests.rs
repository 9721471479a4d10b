use std::os::unix::fs::PermissionsExt;

use super::*;

#[test]
fn keys_are_made_once_and_kept() {
    let folder = tempfile::tempdir().unwrap();
    let open = || KeyStore::open(folder.path().join("keys")).unwrap();
    let first = open();
    let contract = phat_primitives::ContractId([1; 32]);
    let key = |store: &KeyStore, cluster| {
        *store
            .cluster_secret(ClusterId(cluster))
            .unwrap()
            .secp256k1(contract)
            .expose()
    };
    let again = open();
    assert_eq!(first.worker_id(), again.worker_id());
    assert_eq!(first.encryption_key(), again.encryption_key());
    assert_eq!(key(&first, 0), key(&again, 0));
    assert_ne!(key(&first, 0), key(&first, 1));
    assert_eq!(
        *first.relay_secret().unwrap(),
        *again.relay_secret().unwrap()
    );

    let other = tempfile::tempdir().unwrap();
    let other = KeyStore::open(other.path()).unwrap();
    assert_ne!(first.worker_id(), other.worker_id());
    assert_ne!(key(&first, 0), key(&other, 0));
}

#[test]
fn key_files_are_for_the_owner_alone() {
    let folder = tempfile::tempdir().unwrap();
    let keys = folder.path().join("keys");
    KeyStore::open(&keys).unwrap();
    for entry in fs::read_dir(&keys).unwrap() {
        let path = entry.unwrap().path();
        let mode = fs::metadata(&path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode, 0o600, "{}", path.display());
    }
    let identity = keys.join(IDENTITY);
    fs::set_permissions(&identity, fs::Permissions::from_mode(0o644)).unwrap();
    let error = KeyStore::open(&keys).err().unwrap().to_string();
    assert!(error.contains("chmod 600"), "{error}");
}

#[test]
fn a_damaged_key_is_never_replaced() {
    let folder = tempfile::tempdir().unwrap();
    let identity = folder.path().join(IDENTITY);
    KeyStore::open(folder.path()).unwrap();
    let good = fs::read_to_string(&identity).unwrap();
    for bad in [
        String::new(),
        good[..63].into(),
        format!("{}0", good.trim_end()),
        "é".repeat(32),
    ] {
        fs::write(&identity, &bad).unwrap();
        let error = KeyStore::open(folder.path()).err().unwrap().to_string();
        assert!(error.contains("is damaged"), "{error}");
        assert_eq!(fs::read_to_string(&identity).unwrap(), bad);
    }
    fs::write(&identity, good).unwrap();
    KeyStore::open(folder.path()).unwrap();
}

#[test]
fn a_chain_signature_verifies_in_the_chain_s_context() {
    let folder = tempfile::tempdir().unwrap();
    let store = KeyStore::open(folder.path()).unwrap();
    let signature = schnorrkel::Signature::from_bytes(&store.sign_for_chain(b"hello")).unwrap();
    let public = schnorrkel::PublicKey::from_bytes(&store.worker_id().0).unwrap();
    public
        .verify_simple(b"substrate", b"hello", &signature)
        .unwrap();
}
