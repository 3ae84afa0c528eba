//! The log's tree and notes, held against the RFCs' vectors, foreign implementations and mischief.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::convert::Infallible;
use std::io::Write as _;
use std::process::Command;

use base64::prelude::{BASE64_STANDARD, Engine as _};
use proptest::prelude::*;
use proptest::sample::Index;
use recension::model::{Sha256, to_hex};
use recension::prove::{
    Checkpoint, KeyError, MAX_NOTE_BYTES, MAX_SIGNATURES, MAX_SIZE, Note, NoteError, ProofError,
    RightEdge, SigningKey, TILE_WIDTH, Tile, Tiles, Tree, TreeError, VerifierKey, leaf_hash,
    parse_tile, tree_hash, verify_consistency, verify_inclusion,
};
use signed_note::{StandardSigner, StandardVerifier, VerifierList};

/// Tiles in memory, as a store would keep them: a blob a tile.
#[derive(Default)]
struct Memory {
    rows: BTreeMap<(u32, u64), Vec<u8>>,
}

#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("no tile")]
struct Missing;

impl Tiles for Memory {
    type Error = Missing;

    fn tile(&self, level: u32, index: u64) -> Result<Vec<Sha256>, Missing> {
        self.rows
            .get(&(level, index))
            .map(|blob| parse_tile(blob).unwrap())
            .ok_or(Missing)
    }
}

impl Memory {
    fn put(&mut self, tile: &Tile) {
        self.rows.insert((tile.level, tile.index), tile.to_bytes());
    }

    /// Appends a batch the way a store does, from nothing but the rows.
    fn append(&mut self, size: u64, leaves: &[Sha256]) -> RightEdge {
        let mut edge = RightEdge::load(self, size).unwrap();
        for leaf in leaves {
            edge.append(*leaf).iter().for_each(|tile| self.put(tile));
        }
        edge.partial().for_each(|tile| self.put(&tile));
        edge
    }
}

/// A log of whatever size whose leaves are all alike, which counts the tiles read.
struct Uniform {
    hashes: Vec<Sha256>,
    reads: Cell<usize>,
}

impl Uniform {
    fn new() -> Self {
        let above = |hash: &Sha256| Some(tree_hash(&[*hash; TILE_WIDTH]));
        let hashes = std::iter::successors(Some(leaf_hash(b"")), above)
            .take(8)
            .collect();
        Self {
            hashes,
            reads: Cell::new(0),
        }
    }
}

impl Tiles for Uniform {
    type Error = Infallible;

    fn tile(&self, level: u32, _: u64) -> Result<Vec<Sha256>, Infallible> {
        self.reads.update(|reads| reads + 1);
        Ok(vec![self.hashes[level as usize]; TILE_WIDTH])
    }
}

fn contents(count: u64) -> Vec<Vec<u8>> {
    (0..count)
        .map(|n| format!("leaf {n}").into_bytes())
        .collect()
}

fn leaves(count: u64) -> Vec<Sha256> {
    contents(count)
        .iter()
        .map(|content| leaf_hash(content))
        .collect()
}

/// The log of the cloudflare/azul project, a port of Go's sumdb/tlog.
#[derive(Default)]
struct Azul {
    hashes: Vec<tlog_tiles::Hash>,
    size: u64,
}

impl tlog_tiles::HashReader for Azul {
    fn read_hashes(&self, indexes: &[u64]) -> Result<Vec<tlog_tiles::Hash>, tlog_tiles::Error> {
        Ok(indexes
            .iter()
            .map(|&at| self.hashes[usize::try_from(at).unwrap()])
            .collect())
    }
}

impl Azul {
    fn of(contents: &[Vec<u8>]) -> Self {
        let mut log = Self::default();
        for content in contents {
            let hashes = tlog_tiles::stored_hashes(log.size, content, &log).unwrap();
            log.hashes.extend(hashes);
            log.size += 1;
        }
        log
    }
}

fn ours(theirs: &[tlog_tiles::Hash]) -> Vec<Sha256> {
    theirs.iter().map(|hash| Sha256(hash.0)).collect()
}

fn theirs(ours: &[Sha256]) -> Vec<tlog_tiles::Hash> {
    ours.iter().map(|hash| tlog_tiles::Hash(hash.0)).collect()
}

const FEW: u64 = 257;

/// The sizes whose every proof is tried.
fn sizes() -> impl Iterator<Item = u64> + Clone {
    0..=FEW
}

#[test]
fn roots_are_those_of_certificate_transparency() {
    // The test data of certificate-transparency's merkletree.
    let leaves: [&[u8]; 8] = [
        b"",
        &[0x00],
        &[0x10],
        &[0x20, 0x21],
        &[0x30, 0x31],
        &[0x40, 0x41, 0x42, 0x43],
        &[0x50, 0x51, 0x52, 0x53, 0x54, 0x55, 0x56, 0x57],
        &[
            0x60, 0x61, 0x62, 0x63, 0x64, 0x65, 0x66, 0x67, 0x68, 0x69, 0x6a, 0x6b, 0x6c, 0x6d,
            0x6e, 0x6f,
        ],
    ];
    let roots = [
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
        "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
        "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    ];
    let mut edge = RightEdge::default();
    let mut hashes = Vec::new();
    assert_eq!(edge.root().to_string(), roots[0]);
    for (leaf, root) in leaves.into_iter().zip(&roots[1..]) {
        hashes.push(leaf_hash(leaf));
        assert!(edge.append(leaf_hash(leaf)).is_empty());
        assert_eq!(edge.root().to_string(), *root);
        assert_eq!(tree_hash(&hashes).to_string(), *root);
    }
}

#[test]
fn inclusion_proofs_are_those_of_tlog_tiles() {
    let (contents, leaves) = (contents(FEW), leaves(FEW));
    let azul = Azul::of(&contents);
    let mut memory = Memory::default();
    memory.append(0, &leaves);
    for size in sizes() {
        let tree = Tree::new(&memory, size);
        let root = tree.root().unwrap();
        let their_root = tlog_tiles::tree_hash(size, &azul).unwrap();
        assert_eq!(root, Sha256(their_root.0));
        for (index, leaf) in (0..size).zip(&leaves) {
            let proof = tree.inclusion_proof(index).unwrap();
            let their_proof = tlog_tiles::prove_record(size, index, &azul).unwrap();
            assert_eq!(proof, ours(&their_proof), "leaf {index} of {size}");
            verify_inclusion(leaf, index, size, &proof, &root).unwrap();
            let leaf = tlog_tiles::Hash(leaf.0);
            tlog_tiles::check_record(&theirs(&proof), size, their_root, index, leaf).unwrap();
        }
    }
}

#[test]
fn consistency_proofs_are_those_of_tlog_tiles() {
    let azul = Azul::of(&contents(FEW));
    let mut memory = Memory::default();
    memory.append(0, &leaves(FEW));
    let roots: Vec<_> = (0..=FEW)
        .map(|size| Tree::new(&memory, size).root().unwrap())
        .collect();
    for new in sizes() {
        let tree = Tree::new(&memory, new);
        for old in sizes().skip(1).take_while(|&old| old <= new) {
            let proof = tree.consistency_proof(old).unwrap();
            let their_proof = tlog_tiles::prove_tree(new, old, &azul).unwrap();
            assert_eq!(proof, ours(&their_proof), "{old} in {new}");
            let [old_root, new_root] = [old, new].map(|size| roots[usize::try_from(size).unwrap()]);
            verify_consistency(old, &old_root, new, &new_root, &proof).unwrap();
            let [old_root, new_root] = [old_root, new_root].map(|root| tlog_tiles::Hash(root.0));
            tlog_tiles::check_tree(&theirs(&proof), new, new_root, old, old_root).unwrap();
        }
    }
}

#[test]
fn proofs_are_those_of_ct_merkle() {
    use ct_merkle::mem_backed_tree::MemoryBackedTree;
    let digest = |root: Sha256| root.0.into();
    let mut memory = Memory::default();
    memory.append(0, &leaves(FEW));
    let mut foreign = MemoryBackedTree::<sha2::Sha256, Vec<u8>>::new();
    let mut roots = vec![foreign.root()];
    for content in contents(FEW) {
        foreign.push(content);
        roots.push(foreign.root());
        let new = foreign.len();
        if !sizes().any(|size| size == new) {
            continue;
        }
        let tree = Tree::new(&memory, new);
        let root = tree.root().unwrap();
        assert_eq!(foreign.root().as_bytes()[..], root.0);
        let their_root = ct_merkle::RootHash::<sha2::Sha256>::new(digest(root), new);
        for (index, content) in (0..).zip(foreign.items()) {
            let proof = tree.inclusion_proof(index).unwrap();
            let their_proof = foreign.prove_inclusion(usize::try_from(index).unwrap());
            assert_eq!(
                their_proof.as_bytes(),
                proof.iter().flat_map(|h| h.0).collect::<Vec<_>>()
            );
            their_root
                .verify_inclusion(content, index, &their_proof)
                .unwrap();
        }
        for old in sizes().skip(1).take_while(|&old| old <= new) {
            let proof = tree.consistency_proof(old).unwrap();
            let their_proof = foreign.prove_consistency(usize::try_from(new - old).unwrap());
            assert_eq!(
                their_proof.as_bytes(),
                proof.iter().flat_map(|h| h.0).collect::<Vec<_>>()
            );
            let old_root = &roots[usize::try_from(old).unwrap()];
            their_root
                .verify_consistency(old_root, &their_proof)
                .unwrap();
        }
    }
}

#[test]
fn proofs_in_huge_logs_read_two_tiles_a_level() {
    let leaf = leaf_hash(b"");
    for size in [1, 100_000_000, (1 << 40) + 12_345, MAX_SIZE, u64::MAX] {
        let tiles = Uniform::new();
        let tree = Tree::new(&tiles, size);
        let root = tree.root().unwrap();
        let levels = usize::try_from(size.ilog2() / 8 + 1).unwrap();
        for index in [0, size / 3, size / 2, size - 1] {
            tiles.reads.set(0);
            let proof = tree.inclusion_proof(index).unwrap();
            assert!(tiles.reads.get() <= 2 * levels, "{size}");
            verify_inclusion(&leaf, index, size, &proof, &root).unwrap();

            tiles.reads.set(0);
            let old = index + 1;
            let proof = tree.consistency_proof(old).unwrap();
            assert!(tiles.reads.get() <= 2 * levels, "{size}");
            let old_root = Tree::new(&tiles, old).root().unwrap();
            verify_consistency(old, &old_root, size, &root, &proof).unwrap();
        }
        match RightEdge::load(&tiles, size) {
            Ok(mut edge) => {
                assert_eq!(edge.root(), root);
                let _full = edge.append(leaf);
                assert_eq!(edge.root(), Tree::new(&tiles, size + 1).root().unwrap());
            }
            Err(error) => assert_eq!((error, size), (TreeError::Size { size }, u64::MAX)),
        }
    }
}

#[test]
fn trees_refuse_what_they_have_not() {
    let mut memory = Memory::default();
    memory.append(0, &leaves(300));
    let tree = Tree::new(&memory, 300);
    assert_eq!(
        tree.inclusion_proof(300),
        Err(TreeError::Leaf {
            index: 300,
            size: 300
        })
    );
    assert_eq!(
        tree.consistency_proof(0),
        Err(TreeError::Prefix { old: 0, size: 300 })
    );
    assert_eq!(
        tree.consistency_proof(301),
        Err(TreeError::Prefix {
            old: 301,
            size: 300
        })
    );
    assert_eq!(tree.consistency_proof(300), Ok(vec![]));
    let short = TreeError::Short {
        level: 0,
        index: 1,
        found: 44,
        needed: 45,
    };
    assert_eq!(Tree::new(&memory, 301).root(), Err(short.clone()));
    assert_eq!(RightEdge::load(&memory, 301), Err(short));
    let missing = TreeError::Read {
        level: 0,
        index: 2,
        source: Missing,
    };
    assert_eq!(Tree::new(&memory, 513).root(), Err(missing.clone()));
    assert_eq!(RightEdge::load(&memory, 513), Err(missing));
    assert_eq!(Tree::new(&memory, 0).root(), Ok(Sha256::of(&[])));
    for length in [0, 31, 33, 257 * 32] {
        assert_eq!(parse_tile(&vec![0; length]).unwrap_err().found, length);
    }
}

#[test]
fn verifiers_refuse_senseless_sizes() {
    let [leaf, root] = [leaf_hash(b"leaf"), leaf_hash(b"root")];
    let many = vec![leaf; 1000];
    for (index, size) in [(0, 0), (1, 1), (u64::MAX, u64::MAX), (5, 3)] {
        let refused = verify_inclusion(&leaf, index, size, &many, &root);
        assert_eq!(refused, Err(ProofError::Leaf { index, size }));
    }
    for (old, new) in [(0, 0), (0, 1), (2, 1), (u64::MAX, 1)] {
        let refused = verify_consistency(old, &leaf, new, &root, &many);
        assert_eq!(refused, Err(ProofError::Prefix { old, new }));
    }
    let length = |found| Err(ProofError::Length { found });
    for size in [1, 2, 1 << 63, (1 << 63) + 1, u64::MAX] {
        assert_eq!(
            verify_inclusion(&leaf, size - 1, size, &many, &root),
            length(1000)
        );
        assert_eq!(
            verify_consistency(size, &leaf, size, &leaf, &many),
            length(1000)
        );
        assert_eq!(
            verify_consistency(1, &leaf, size, &root, &many),
            length(1000)
        );
        assert_eq!(verify_consistency(size, &leaf, size, &leaf, &[]), Ok(()));
        assert!(verify_consistency(size, &leaf, size, &root, &[]).is_err());
    }
    // Inner nodes don't pass for roots.
    assert_eq!(verify_inclusion(&leaf, 0, 2, &[], &leaf), length(0));
    let pair = tree_hash(&[leaf, root]);
    assert_eq!(verify_inclusion(&leaf, 0, 4, &[root], &pair), length(1));
    assert_eq!(verify_consistency(3, &leaf, 7, &root, &[]), length(0));
    assert_eq!(verify_consistency(4, &leaf, 7, &root, &[]), length(0));
}

/// Spoils a proof in one of the ways there are; tells whether it came out different.
fn spoil(proof: &mut Vec<Sha256>, how: u8, at: Index, other: Index) -> bool {
    let before = proof.clone();
    if proof.is_empty() {
        proof.push(leaf_hash(b"stray"));
        return true;
    }
    let (i, j) = (at.index(proof.len()), other.index(proof.len()));
    match how {
        0 => proof[i].0[other.index(32)] ^= 1 << (at.index(8)),
        1 => drop(proof.remove(i)),
        2 => proof.insert(i, before[j]),
        3 => proof.push(before[j]),
        _ => proof.swap(i, j),
    }
    *proof != before
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn batches_make_the_same_tree_as_all_at_once(batches in prop::collection::vec(0..1500_u64, 1..5)) {
        let size: u64 = batches.iter().sum();
        let leaves = leaves(size);
        let (mut batched, mut whole) = (Memory::default(), Memory::default());
        let mut done = 0;
        for batch in batches {
            let end = done + batch;
            let range = usize::try_from(done).unwrap()..usize::try_from(end).unwrap();
            let edge = batched.append(done, &leaves[range]);
            let root = tree_hash(&leaves[..usize::try_from(end).unwrap()]);
            prop_assert_eq!(edge.size(), end);
            prop_assert_eq!(edge.root(), root);
            prop_assert_eq!(Tree::new(&batched, end).root().unwrap(), root);
            prop_assert_eq!(RightEdge::load(&batched, end).unwrap(), edge);
            done = end;
        }
        whole.append(0, &leaves);
        prop_assert_eq!(batched.rows, whole.rows);
    }

    #[test]
    fn spoilt_inclusion_proofs_never_verify(
        size in 1..4000_u64, index: Index, how in 0..5_u8, at: Index, other: Index,
    ) {
        let leaves = leaves(size);
        let mut memory = Memory::default();
        memory.append(0, &leaves);
        let tree = Tree::new(&memory, size);
        let (index, root) = (index.index(leaves.len()), tree.root().unwrap());
        let leaf = leaves[index];
        let index = index as u64;
        let mut proof = tree.inclusion_proof(index).unwrap();
        prop_assert!(verify_inclusion(&leaf, index, size, &proof, &root).is_ok());
        prop_assert!(verify_inclusion(&root, index, size, &proof, &leaf).is_err() || size == 1);
        prop_assert!(verify_inclusion(&leaf, index ^ 1, size, &proof, &root).is_err());
        if spoil(&mut proof, how, at, other) {
            prop_assert!(verify_inclusion(&leaf, index, size, &proof, &root).is_err());
        }
    }

    #[test]
    fn spoilt_consistency_proofs_never_verify(
        size in 1..4000_u64, old: Index, how in 0..5_u8, at: Index, other: Index,
    ) {
        let leaves = leaves(size);
        let mut memory = Memory::default();
        memory.append(0, &leaves);
        let tree = Tree::new(&memory, size);
        let old = old.index(leaves.len()) as u64 + 1;
        let (old_root, root) = (Tree::new(&memory, old).root().unwrap(), tree.root().unwrap());
        let mut proof = tree.consistency_proof(old).unwrap();
        prop_assert!(verify_consistency(old, &old_root, size, &root, &proof).is_ok());
        let stray = leaf_hash(b"stray");
        prop_assert!(verify_consistency(old, &stray, size, &root, &proof).is_err());
        prop_assert!(verify_consistency(old, &old_root, size, &stray, &proof).is_err());
        if spoil(&mut proof, how, at, other) {
            prop_assert!(verify_consistency(old, &old_root, size, &root, &proof).is_err());
        }
    }

    #[test]
    fn verifiers_never_panic(
        index: u64, size: u64, proof in prop::collection::vec(any::<[u8; 32]>(), 0..70),
    ) {
        let proof: Vec<_> = proof.into_iter().map(Sha256).collect();
        let hash = leaf_hash(b"");
        let _ = verify_inclusion(&hash, index, size, &proof, &hash);
        let _ = verify_consistency(index, &hash, size, &hash, &proof);
    }
}

const SEED: [u8; 32] = [7; 32];

fn key(name: &str) -> SigningKey {
    SigningKey::from_seed(name, &SEED).unwrap()
}

/// The example of the `signed_note` crate, which is that of Go's sumdb/note.
const NEUMANN: &str = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
const NEUMANN_NOTE: &str = "If you think cryptography is the answer to your problem,
then you don't know what your problem is.

— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=
";

#[test]
fn notes_are_those_of_go() {
    let neumann: VerifierKey = NEUMANN.parse().unwrap();
    assert_eq!(
        (neumann.name(), neumann.id()),
        ("PeterNeumann", 0xc74f_20a3)
    );
    assert_eq!(neumann.to_string(), NEUMANN);
    let note = Note::parse(NEUMANN_NOTE.as_bytes()).unwrap();
    assert_eq!(note.to_string(), NEUMANN_NOTE);
    assert!(
        note.verify(&neumann)
            .unwrap()
            .ends_with("what your problem is.\n")
    );

    let seed = "FALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz";
    let seed = BASE64_STANDARD.decode(["AYEK", seed].concat()).unwrap();
    let signer = SigningKey::from_seed("PeterNeumann", seed[1..].try_into().unwrap()).unwrap();
    assert_eq!(signer.verifier(), &neumann);
    assert_eq!(signer.sign(note.text()).unwrap(), note);
    assert_eq!(format!("{signer:?}"), format!("SigningKey({NEUMANN})"));
}

#[test]
fn notes_are_those_of_signed_note() {
    let ours = key("example.com/log");
    let vkey = ours.verifier().to_string();
    let text = "example.com/log\n\nand an empty line\n";
    let note = ours.sign(text).unwrap();

    let verifiers = VerifierList::new(vec![Box::new(StandardVerifier::new(&vkey).unwrap())]);
    let their_note = signed_note::Note::from_bytes(note.to_string().as_bytes()).unwrap();
    let (verified, _) = their_note.verify(&verifiers).unwrap();
    assert_eq!(verified[0].id(), ours.verifier().id());

    let secret = BASE64_STANDARD.encode([&[1], &SEED[..]].concat());
    let skey = format!(
        "PRIVATE+KEY+example.com/log+{:08x}+{secret}",
        ours.verifier().id()
    );
    let mut their_note = signed_note::Note::new(text.as_bytes(), &[]).unwrap();
    their_note
        .add_sigs(&[&StandardSigner::new(&skey).unwrap()])
        .unwrap();
    let read = Note::parse(&their_note.to_bytes()).unwrap();
    assert_eq!(read.verify(ours.verifier()).unwrap(), text);
    assert_eq!(read, note);
}

#[test]
fn verification_heeds_only_the_key_asked_for() {
    let (ours, namesake) = (key("log"), SigningKey::from_seed("log", &[8; 32]).unwrap());
    let (note, other) = (
        ours.sign("text\n").unwrap(),
        namesake.sign("text\n").unwrap(),
    );
    let (name, id) = ("log".to_owned(), ours.verifier().id());
    let stranger = NoteError::Stranger {
        name: name.clone(),
        id,
    };
    assert_eq!(other.verify(ours.verifier()), Err(stranger.clone()));
    let renamed = note.to_string().replace("— log", "— fog");
    let renamed = Note::parse(renamed.as_bytes()).unwrap();
    assert_eq!(renamed.verify(ours.verifier()), Err(stranger));

    let both = format!("{note}{}\n", other.signatures()[0]);
    let both = Note::parse(both.as_bytes()).unwrap();
    assert_eq!(both.verify(ours.verifier()), Ok("text\n"));
    assert_eq!(both.verify(namesake.verifier()), Ok("text\n"));

    // A second signature by the same key that is wrong spoils the note.
    let wrong = ours.sign("another text\n").unwrap();
    let forged = format!("{note}{}\n", wrong.signatures()[0]);
    let forged = Note::parse(forged.as_bytes()).unwrap();
    assert_eq!(
        forged.verify(ours.verifier()),
        Err(NoteError::Forged { name, id })
    );
}

#[test]
fn malformed_notes_are_refused() {
    use NoteError::{Control, Line, Signatures, Size, Unended, Unsigned, Utf8};
    let line = key("log").sign("text\n").unwrap().signatures()[0].to_string();
    let refusal = |note: &str| Note::parse(note.as_bytes()).unwrap_err();
    for note in [
        "",
        "\n",
        "\n\n",
        "text\n",
        "text\n\n",
        &format!("text\n{line}\n"),
    ] {
        assert_eq!(refusal(note), Unsigned, "{note:?}");
    }
    assert_eq!(refusal(&format!("text\n\n{line}")), Unsigned);
    assert_eq!(
        refusal(&format!("te\txt\n\n{line}\n")),
        Control {
            found: b'\t',
            at: 2
        }
    );
    for bad in [
        "",
        "-- log AAAAAAA=",
        "— log",
        "— log ",
        "— log AAAAAA==",
        "— log AAAAAAA",
        "— log AAAAAAB=",
        "— lo+g AAAAAAA=",
        "—  AAAAAAA=",
        "— log AAAAAAA= ",
    ] {
        let note = format!("text\n\n{line}\n{bad}\n");
        let expected = if bad.is_empty() {
            Unsigned
        } else {
            Line {
                line: bad.to_owned(),
            }
        };
        assert_eq!(refusal(&note), expected, "{bad:?}");
    }
    assert!(matches!(Note::parse(b"\xff\n\n"), Err(Utf8(_))));
    assert!(Note::parse(format!("\n\n{line}\n").as_bytes()).is_ok());
    let lines = format!("{line}\n").repeat(MAX_SIGNATURES);
    assert!(Note::parse(format!("text\n\n{lines}").as_bytes()).is_ok());
    assert_eq!(refusal(&format!("text\n\n{lines}{line}\n")), Signatures);
    let found = MAX_NOTE_BYTES + 1;
    assert_eq!(refusal(&"x".repeat(found)), Size { found });

    let key = key("log");
    assert_eq!(key.sign("text"), Err(Unended));
    assert_eq!(key.sign(""), Err(Unended));
    assert_eq!(
        key.sign("a\r\n"),
        Err(Control {
            found: b'\r',
            at: 1
        })
    );
    let room = MAX_NOTE_BYTES - line.len() - "\n\n\n".len();
    let longest = key.sign(&format!("{}\n", "x".repeat(room))).unwrap();
    assert_eq!(Note::parse(longest.to_string().as_bytes()), Ok(longest));
    assert_eq!(
        key.sign(&format!("{}\n", "x".repeat(room + 1))),
        Err(Size { found })
    );
}

#[test]
fn malformed_keys_are_refused() {
    for name in ["", "a b", "a+b", "a\u{a0}b", "a\nb", "a\u{1}b"] {
        let refused = SigningKey::from_seed(name, &SEED).unwrap_err();
        assert_eq!(
            refused,
            KeyError::Name {
                name: name.to_owned()
            }
        );
    }
    let refusal = |text: &str| text.parse::<VerifierKey>().unwrap_err();
    for text in [
        "",
        "name",
        "name+c74f20a3",
        "name+c74f20a3+A",
        &format!("{NEUMANN}\n"),
    ] {
        assert_eq!(
            refusal(text),
            KeyError::Form {
                text: text.to_owned()
            }
        );
    }
    let with = |bytes: &[u8]| format!("log+00000000+{}", BASE64_STANDARD.encode(bytes));
    let weak = [&[1, 1][..], &[0; 31]].concat();
    let no_point = [&[1, 2][..], &[0; 31]].concat();
    for bytes in [
        &[][..],
        &[1],
        &[1; 32],
        &[1; 34],
        &[2; 33],
        &weak,
        &no_point,
    ] {
        assert_eq!(
            refusal(&with(bytes)),
            KeyError::PublicKey {
                name: "log".to_owned()
            }
        );
    }
    let (name, found) = ("PeterNeumann".to_owned(), "c74f20a4".to_owned());
    let expected = KeyError::Id {
        name,
        expected: 0xc74f_20a3,
        found,
    };
    assert_eq!(refusal(&NEUMANN.replace("c74f20a3", "c74f20a4")), expected);
}

#[test]
fn checkpoints_are_those_of_the_specification() {
    let text =
        "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n";
    let checkpoint: Checkpoint = text.parse().unwrap();
    assert_eq!(checkpoint.origin(), "example.com/behind-the-sofa");
    assert_eq!(checkpoint.size(), 20_852_163);
    assert!(to_hex(checkpoint.root().as_bytes()).starts_with("0ac5186a9186"));
    assert_eq!(checkpoint.to_string(), text);
    let theirs = tlog_tiles::Checkpoint::from_bytes(text.as_bytes()).unwrap();
    assert_eq!(theirs.to_bytes(), text.as_bytes());

    let extended = checkpoint
        .with_extension("one")
        .unwrap()
        .with_extension("two")
        .unwrap();
    let text = format!("{text}one\ntwo\n");
    assert_eq!(extended.to_string(), text);
    assert_eq!(text.parse(), Ok(extended));
    assert_eq!(
        tlog_tiles::Checkpoint::from_bytes(text.as_bytes())
            .unwrap()
            .extension(),
        "one\ntwo\n"
    );
}

#[test]
fn malformed_checkpoints_are_refused() {
    let root = BASE64_STANDARD.encode([9; 32]);
    assert!(format!("log\n0\n{root}\n").parse::<Checkpoint>().is_ok());
    for size in [
        "",
        "+1",
        "-1",
        "01",
        "00",
        "1 ",
        "0x1",
        "18446744073709551616",
        "١",
    ] {
        assert!(
            format!("log\n{size}\n{root}\n")
                .parse::<Checkpoint>()
                .is_err(),
            "{size}"
        );
    }
    for bad in [
        "",
        &root[1..],
        &root[..43],
        &BASE64_STANDARD.encode([9; 31]),
        "~",
    ] {
        assert!(
            format!("log\n1\n{bad}\n").parse::<Checkpoint>().is_err(),
            "{bad}"
        );
    }
    for text in [
        format!("log\n1\n{root}"),
        format!("log\n1\n{root}\n\n"),
        format!("log\n1\n{root}\n\nextension\n"),
        format!("log\n1\n{root}\nexten\tsion\n"),
        format!("\n1\n{root}\n"),
        format!("log\r\n1\n{root}\n"),
        "log\n1\n".to_owned(),
        String::new(),
    ] {
        assert!(text.parse::<Checkpoint>().is_err(), "{text:?}");
    }
    assert!(Checkpoint::new("two\nlines", 0, Sha256([0; 32])).is_err());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1024))]

    #[test]
    fn notes_read_as_written(text in "([^\\x00-\\x1f]{0,40}\n){1,4}", name in "[^\\s+\\x00-\\x1f]{1,12}") {
        let key = key(&name);
        let note = key.sign(&text).unwrap();
        let read = Note::parse(note.to_string().as_bytes()).unwrap();
        prop_assert_eq!(read.verify(key.verifier()).unwrap(), &text);
        prop_assert_eq!(read, note);
        let vkey = key.verifier().to_string();
        prop_assert_eq!(&vkey.parse::<VerifierKey>().unwrap(), key.verifier());
    }

    #[test]
    fn checkpoints_read_as_written(
        origin in "[^\\x00-\\x1f]{1,20}", size: u64, root: [u8; 32],
        extensions in prop::collection::vec("[^\\x00-\\x1f]{1,9}", 0..3),
    ) {
        let bare = Checkpoint::new(&origin, size, Sha256(root)).unwrap();
        let checkpoint = extensions.iter().try_fold(bare, |c, line| c.with_extension(line)).unwrap();
        let text = checkpoint.to_string();
        prop_assert!(tlog_tiles::Checkpoint::from_bytes(text.as_bytes()).is_ok());
        prop_assert_eq!(checkpoint.extensions(), extensions);
        prop_assert_eq!(text.parse(), Ok(checkpoint));
    }

    #[test]
    fn mutated_notes_never_verify(at: Index, bit in 0..8_u8) {
        let key = key("log");
        let checkpoint = Checkpoint::new("log", 42, Sha256([3; 32])).unwrap();
        let mut bytes = key.sign(&checkpoint.to_string()).unwrap().to_string().into_bytes();
        let at = at.index(bytes.len());
        bytes[at] ^= 1 << bit;
        let verified = Note::parse(&bytes).and_then(|note| note.verify(key.verifier()).map(drop));
        prop_assert!(verified.is_err());
    }

    #[test]
    fn readers_never_panic(bytes: Vec<u8>, text: String, junk in "[—log +=A\n]{0,60}") {
        let _ = parse_tile(&bytes);
        let _ = Note::parse(&bytes);
        for text in [text, junk] {
            if let Ok(note) = Note::parse(text.as_bytes()) {
                prop_assert_eq!(note.to_string(), text.as_str());
            }
            if let Ok(checkpoint) = text.parse::<Checkpoint>() {
                prop_assert_eq!(checkpoint.to_string(), text.as_str());
            }
            let _ = text.parse::<VerifierKey>();
        }
    }
}

#[test]
fn openssl_verifies_a_checkpoint() {
    if Command::new("openssl").arg("version").output().is_err() {
        eprintln!("skipped: there is no openssl on PATH");
        return;
    }
    let key = key("example.com/log");
    let checkpoint = Checkpoint::new("example.com/log", 1, leaf_hash(b"first")).unwrap();
    let note = key.sign(&checkpoint.to_string()).unwrap();
    let folder = std::env::temp_dir().join(format!("recension-openssl-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let write = |name: &str, bytes: &[u8]| {
        let path = folder.join(name);
        std::fs::File::create(&path)
            .unwrap()
            .write_all(bytes)
            .unwrap();
        path
    };
    let pem = write("key.pem", key.verifier().to_pem().as_bytes());
    let signature = write("signature", note.signatures()[0].bytes());
    let verifies = |text: &str| {
        let mut openssl = Command::new("openssl");
        openssl
            .args(["pkeyutl", "-verify", "-pubin", "-rawin", "-inkey"])
            .arg(&pem);
        openssl
            .arg("-in")
            .arg(write("text", text.as_bytes()))
            .arg("-sigfile")
            .arg(&signature);
        openssl.output().unwrap().status.success()
    };
    assert!(verifies(note.text()));
    assert!(!verifies(&note.text().replace('1', "2")));
    std::fs::remove_dir_all(&folder).unwrap();
}
