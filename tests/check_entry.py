"""Checks that every line of a timeline in JSON Lines is in the tree of the checkpoint in its first line."""
import base64, hashlib, json, sys

def sha256(data):
    return hashlib.sha256(data).digest()

def root_of(index, size, node, proof):  # RFC 9162, section 2.1.3.2
    last = size - 1
    for sibling in map(bytes.fromhex, proof):
        if index % 2 == 1 or index == last:
            node = sha256(b"\x01" + sibling + node)
            while index % 2 == 0 and index > 0:
                index, last = index // 2, last // 2
        else:
            node = sha256(b"\x01" + node + sibling)
        index, last = index // 2, last // 2
    return node if last == 0 else None

head, *lines, end = [json.loads(line) for line in open(sys.argv[1], encoding="utf-8")]
origin, size, root = head["note"].split("\n")[:3]
wrong = 0
for line in lines:
    leaf, seq = base64.b64decode(line["leaf"]), line.get("seq", line.get("declared_seq"))
    reached = root_of(seq, int(size), sha256(b"\x00" + leaf), line["inclusion_proof"])
    of_this_log = leaf[12:44] == sha256(origin.encode()) and leaf[44:52] == seq.to_bytes(8, "big")
    if reached != base64.b64decode(root) or not of_this_log or line["leaf_hash"] != sha256(b"\x00" + leaf).hex():
        wrong += 1
        print(f"event {seq} of {line['document']} is NOT proven")
whole = end == {"kind": "end", "entries": sum(line["kind"] == "entry" for line in lines)}
print(f"{len(lines)} lines, {wrong} not proven; the file is {'whole' if whole else 'NOT WHOLE'}")
sys.exit(wrong > 0 or not whole)
