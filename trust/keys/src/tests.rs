use std::os::unix::fs::PermissionsExt;

use phat_primitives::{ClusterId, ContractId};

use super::*;
use crate::{ClusterOnChain, ClusterSecret, SimulatedSealing, Unsealed};

const CLUSTER: ClusterOnChain = on_chain(1, 0);

/// A cluster of the chain with this number.
const fn on_chain(chain: u8, cluster: u32) -> ClusterOnChain {
    ClusterOnChain {
        genesis_hash: [chain; 32],
        cluster: ClusterId(cluster),
    }
}

/// The name of the file with the secret of a generation of [`CLUSTER`].
fn key_name(generation: &str, kind: &str) -> String {
    format!("cluster-0-{generation}-{}.{kind}", "01".repeat(32))
}

/// A platform that seals.
fn platform(seed: u8) -> SimulatedSealing {
    SimulatedSealing::new(Zeroizing::new([seed; 32]))
}

fn secret(seed: u8) -> ClusterSecret {
    ClusterSecret::from_bytes(Zeroizing::new([seed; 32]))
}

/// The names of the files in a folder, in order.
fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    let mut names: Vec<_> = entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

/// What every key of a store is for.
fn all(store: &KeyStore) -> (WorkerId, EncryptionKey, [u8; 32], [u8; 32], Vec<[u8; 32]>) {
    let secrets = store.cluster_secrets(CLUSTER).unwrap();
    (
        store.worker_id(),
        store.encryption_key(),
        *store.relay_secret().unwrap(),
        *store.seal_secret().unwrap(),
        secrets.values().map(|secret| *secret.expose()).collect(),
    )
}

#[test]
fn keys_are_made_once_and_kept() {
    for platform in [&Unsealed as &dyn Sealing, &platform(1)] {
        let folder = tempfile::tempdir().unwrap();
        let open = || KeyStore::open(folder.path().join("keys"), platform).unwrap();
        let first = open();
        first.keep_cluster_secret(CLUSTER, 0, &secret(1)).unwrap();
        assert_eq!(all(&first), all(&open()));

        let other = tempfile::tempdir().unwrap();
        let other = KeyStore::open(other.path(), platform).unwrap();
        assert_ne!(first.worker_id(), other.worker_id());
        assert_ne!(first.encryption_key(), other.encryption_key());
        assert!(other.cluster_secrets(CLUSTER).unwrap().is_empty());
    }
}

#[test]
fn what_is_sealed_to_the_encryption_key_opens_with_the_decryption_key() {
    let folder = tempfile::tempdir().unwrap();
    let store = KeyStore::open(folder.path(), &Unsealed).unwrap();
    let sealed = phat_envelope::seal(&store.encryption_key(), b"phat/test/1", b"", b"text");
    let opened = store
        .decryption_key()
        .open(b"phat/test/1", b"", &sealed.unwrap());
    assert_eq!(opened.unwrap().as_slice(), b"text");
    assert_eq!(store.decryption_key().public(), store.encryption_key());
}

#[test]
fn key_files_are_for_the_owner_alone() {
    for platform in [&Unsealed as &dyn Sealing, &platform(1)] {
        let folder = tempfile::tempdir().unwrap();
        let keys = folder.path().join("keys");
        let store = KeyStore::open(&keys, platform).unwrap();
        all(&store);
        store.keep_cluster_secret(CLUSTER, 0, &secret(1)).unwrap();
        store.make_candidate(CLUSTER, 1).unwrap();
        for entry in fs::read_dir(&keys).unwrap() {
            let path = entry.unwrap().path();
            let mode = fs::metadata(&path).unwrap().permissions().mode() & 0o777;
            assert_eq!(mode, 0o600, "{}", path.display());
        }
        let identity = keys.join(IDENTITY);
        fs::set_permissions(&identity, fs::Permissions::from_mode(0o644)).unwrap();
        let error = KeyStore::open(&keys, platform).err().unwrap().to_string();
        assert!(error.contains("chmod 600"), "{error}");
    }
}

#[test]
fn a_damaged_key_is_never_replaced() {
    for platform in [&Unsealed as &dyn Sealing, &platform(1)] {
        let folder = tempfile::tempdir().unwrap();
        let identity = folder.path().join(IDENTITY);
        KeyStore::open(folder.path(), platform).unwrap();
        let good = fs::read(&identity).unwrap();
        for bad in [
            Vec::new(),
            good[..63].into(),
            [good.trim_ascii_end(), b"0"].concat(),
            "é".repeat(32).into_bytes(),
        ] {
            fs::write(&identity, &bad).unwrap();
            let error = KeyStore::open(folder.path(), platform).err().unwrap();
            assert!(error.to_string().contains("is damaged"), "{error}");
            assert_eq!(fs::read(&identity).unwrap(), bad);
        }
        fs::write(&identity, good).unwrap();
        KeyStore::open(folder.path(), platform).unwrap();
    }
}

#[test]
fn a_chain_signature_verifies_in_the_chain_s_context() {
    let folder = tempfile::tempdir().unwrap();
    let store = KeyStore::open(folder.path(), &Unsealed).unwrap();
    let signature = schnorrkel::Signature::from_bytes(&store.sign_for_chain(b"hello")).unwrap();
    let public = schnorrkel::PublicKey::from_bytes(&store.worker_id().0).unwrap();
    public
        .verify_simple(b"substrate", b"hello", &signature)
        .unwrap();
}

// Sealing.

#[test]
fn no_secret_stands_in_a_sealed_file() {
    let folder = tempfile::tempdir().unwrap();
    let store = KeyStore::open(folder.path(), &platform(1)).unwrap();
    store.keep_cluster_secret(CLUSTER, 0, &secret(7)).unwrap();
    let relay = store.relay_secret().unwrap();
    for (name, secret) in [
        ("relay.key".into(), *relay),
        (key_name("0", "key"), [7; 32]),
    ] {
        let contents = fs::read(folder.path().join(&name)).unwrap();
        let digits = hex::encode(secret);
        let holds = |part: &[u8]| contents.windows(part.len()).any(|found| found == part);
        assert!(!holds(&secret) && !holds(digits.as_bytes()), "{name}");
    }
}

#[test]
fn a_copy_of_sealed_keys_is_useless_elsewhere() {
    let folder = tempfile::tempdir().unwrap();
    let store = KeyStore::open(folder.path(), &platform(1)).unwrap();
    all(&store);
    let before = fs::read(folder.path().join(IDENTITY)).unwrap();
    for (elsewhere, part) in [
        (&platform(2) as &dyn Sealing, "sealed on another platform"),
        (&Unsealed, "start it with the same --attestation"),
    ] {
        let error = KeyStore::open(folder.path(), elsewhere).err().unwrap();
        let error = error.to_string();
        assert!(error.contains(part), "{error}");
        assert!(error.contains(IDENTITY), "{error}");
        assert_eq!(fs::read(folder.path().join(IDENTITY)).unwrap(), before);
    }
    // One sealed file among those of another platform does not open either.
    let other = tempfile::tempdir().unwrap();
    let other_store = KeyStore::open(other.path(), &platform(2)).unwrap();
    store.keep_cluster_secret(CLUSTER, 0, &secret(1)).unwrap();
    let name = key_name("0", "key");
    fs::copy(folder.path().join(&name), other.path().join(&name)).unwrap();
    let error = other_store.cluster_secrets(CLUSTER).err().unwrap();
    assert!(
        matches!(&error, KeyStoreError::OtherPlatform(path) if path.ends_with(&name)),
        "{error}"
    );
}

/// Whoever has the disk of a sealing worker could give it keys that he knows: to be attested with,
/// to be handed the cluster's key for, or to seal machine code with.
#[test]
fn a_plain_key_is_refused_where_keys_are_sealed() {
    let planted = hex::encode([7; 32]);
    let plant = |folder: &Path, name: &str| {
        let path = folder.join(name);
        fs::write(&path, &planted).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        path
    };
    let check = |found: Result<(), KeyStoreError>, path: &Path| {
        let error = found.unwrap_err();
        assert!(
            matches!(&error, KeyStoreError::Plain(at) if at == path),
            "{error}"
        );
        assert_eq!(fs::read(path).unwrap(), planted.as_bytes());
    };
    for name in [IDENTITY, ENCRYPTION] {
        let folder = tempfile::tempdir().unwrap();
        let path = plant(folder.path(), name);
        check(KeyStore::open(folder.path(), &platform(1)).map(drop), &path);
    }
    let folder = tempfile::tempdir().unwrap();
    let store = KeyStore::open(folder.path(), &platform(1)).unwrap();
    let path = plant(folder.path(), SEAL);
    check(store.seal_secret().map(drop), &path);
    let path = plant(folder.path(), RELAY);
    check(store.relay_secret().map(drop), &path);
    let path = plant(folder.path(), "cluster-0.key");
    check(store.make_candidate(CLUSTER, 0).map(drop), &path);
    let path = plant(folder.path(), &key_name("1", "candidate"));
    check(store.make_candidate(CLUSTER, 1).map(drop), &path);
    let path = plant(folder.path(), &key_name("0", "key"));
    check(store.cluster_secrets(CLUSTER).map(drop), &path);
    check(store.check_cluster_secrets(), &path);
}

#[test]
fn what_a_crash_has_left_goes_and_no_key_with_it() {
    let folder = tempfile::tempdir().unwrap();
    let before = all(&KeyStore::open(folder.path(), &platform(1)).unwrap());
    let files = names(folder.path());
    // A plain key that was to be linked to its name, and a sealed one of which half is there.
    fs::write(folder.path().join("relay.123.new"), "00".repeat(32)).unwrap();
    fs::write(folder.path().join("identity.123.new"), b"phat sealed").unwrap();
    let after = all(&KeyStore::open(folder.path(), &platform(1)).unwrap());
    assert_eq!(after, before);
    assert_eq!(names(folder.path()), files);
}

// Generations.

#[test]
fn generations_are_kept_side_by_side() {
    let folder = tempfile::tempdir().unwrap();
    let store = KeyStore::open(folder.path(), &platform(1)).unwrap();
    for generation in [0, 1, 10] {
        let secret = secret(generation as u8);
        store
            .keep_cluster_secret(CLUSTER, generation, &secret)
            .unwrap();
        // The same once more changes nothing.
        store
            .keep_cluster_secret(CLUSTER, generation, &secret)
            .unwrap();
    }
    store
        .keep_cluster_secret(on_chain(1, 1), 0, &secret(9))
        .unwrap();
    for stray in ["01", "x", "999", "1-1", ""] {
        fs::write(folder.path().join(key_name(stray, "key")), "no key").unwrap();
    }
    for stray in ["cluster-0-2.key", "cluster-0-2-01.key"] {
        fs::write(folder.path().join(stray), "no key").unwrap();
    }
    store.check_cluster_secrets().unwrap();
    let kept = store.cluster_secrets(CLUSTER).unwrap();
    let generations: Vec<_> = kept.keys().copied().collect();
    assert_eq!(generations, [0, 1, 10]);
    assert_eq!(kept[&10].expose(), &[10; 32]);

    let error = store.keep_cluster_secret(CLUSTER, 1, &secret(7));
    assert!(matches!(error, Err(KeyStoreError::Conflict(_))));
    assert_eq!(
        store.cluster_secrets(CLUSTER).unwrap()[&1].expose(),
        &[1; 32]
    );
}

/// On another chain, others say who the members of the cluster are.
#[test]
fn a_secret_is_of_its_chain_alone() {
    let folder = tempfile::tempdir().unwrap();
    let store = KeyStore::open(folder.path(), &platform(1)).unwrap();
    store.keep_cluster_secret(CLUSTER, 0, &secret(1)).unwrap();
    let elsewhere = on_chain(2, 0);
    assert!(store.cluster_secrets(elsewhere).unwrap().is_empty());
    assert_ne!(
        store.make_candidate(elsewhere, 0).unwrap().expose(),
        &[1; 32]
    );

    // No other name makes it one of that chain.
    let own = store.cluster_secret_path(CLUSTER, 0);
    let other = store.cluster_secret_path(elsewhere, 0);
    fs::copy(&own, &other).unwrap();
    let error = store.cluster_secrets(elsewhere).err().unwrap();
    assert!(
        matches!(&error, KeyStoreError::SealedDamaged(path) if *path == other),
        "{error}"
    );
    assert_eq!(
        store.cluster_secrets(CLUSTER).unwrap()[&0].expose(),
        &[1; 32]
    );
}

#[test]
fn a_candidate_is_made_once_until_it_is_accepted_or_dropped() {
    for platform in [&Unsealed as &dyn Sealing, &platform(1)] {
        let folder = tempfile::tempdir().unwrap();
        let open = || KeyStore::open(folder.path(), platform).unwrap();
        let store = open();
        assert!(store.candidate(CLUSTER, 0).unwrap().is_none());
        let made = *store.make_candidate(CLUSTER, 0).unwrap().expose();
        // After a crash it is the same, and still nothing but a candidate.
        let store = open();
        assert_eq!(*store.make_candidate(CLUSTER, 0).unwrap().expose(), made);
        assert!(store.cluster_secrets(CLUSTER).unwrap().is_empty());

        store.accept_candidate(CLUSTER, 0).unwrap();
        let store = open();
        assert_eq!(*store.cluster_secrets(CLUSTER).unwrap()[&0].expose(), made);
        assert!(store.candidate(CLUSTER, 0).unwrap().is_none());

        // One for a generation whose secret is there is not made that.
        let other = *store.make_candidate(CLUSTER, 0).unwrap().expose();
        assert_ne!(other, made);
        let error = store.accept_candidate(CLUSTER, 0);
        assert!(matches!(error, Err(KeyStoreError::Conflict(_))));
        store.drop_candidate(CLUSTER, 0).unwrap();
        store.drop_candidate(CLUSTER, 0).unwrap();
        assert!(store.candidate(CLUSTER, 0).unwrap().is_none());
        assert_eq!(*store.cluster_secrets(CLUSTER).unwrap()[&0].expose(), made);
    }
}

/// Consumers on chain hold the addresses that follow from it.
#[test]
fn the_secret_of_before_is_the_first_candidate() {
    let folder = tempfile::tempdir().unwrap();
    let store = KeyStore::open(folder.path(), &Unsealed).unwrap();
    crate::secret_file(&folder.path().join("cluster-0.key")).unwrap();
    let before = crate::secret_file(&folder.path().join("cluster-0.key")).unwrap();
    let address = |secret: &ClusterSecret| secret.secp256k1(ContractId([1; 32])).public_key();
    let candidate = store.make_candidate(CLUSTER, 0).unwrap();
    assert_eq!(
        address(&candidate),
        address(&ClusterSecret::from_bytes(before.clone()))
    );
    assert_ne!(store.make_candidate(CLUSTER, 1).unwrap().expose(), &*before);
    store.drop_candidate(CLUSTER, 0).unwrap();
    // It was the candidate that went.
    assert!(folder.path().join("cluster-0.key").exists());
}
