"""Checks that every line of a timeline in JSON Lines says what the bytes of its event say."""
import base64, datetime, json, sys

def micros(text):  # since 1970, as the events count
    since = datetime.datetime.fromisoformat(text.replace("Z", "+00:00")) - datetime.datetime.fromtimestamp(0, datetime.timezone.utc)
    return since // datetime.timedelta(microseconds=1)

def number(n):  # an unsigned integer in a payload
    sizes = [(251, 2), (252, 4), (253, 8)]
    return bytes([n]) if n < 251 else next(bytes([mark]) + n.to_bytes(size, "little") for mark, size in sizes if n < 256**size)

def text(value):
    return number(len(value.encode())) + value.encode()

def says(line, leaf, stream):
    if line["kind"] == "document":
        name = leaf[114:] == text(line["platform"]) + text(line["document_type"])
        return name and leaf[6:8] == b"\x00\x01" and line["document"] == line["platform"] + "/" + line["document_type"]
    if leaf[92:100] != micros(line["recorded_at"]).to_bytes(8, "big", signed=True):
        return False
    at = micros(line["observed_at"])
    own = leaf[52:68] == stream and leaf[100:108] == at.to_bytes(8, "big", signed=True)
    seen = stream + number(2 * at if at >= 0 else -2 * at - 1)
    if line["look"] == "version":
        own = own and line["version_seq"] == line["seq"] and line["cause"] == ["first", "changed", "re-extracted"][leaf[189]]
        content = bytes.fromhex(line["blob"]) + line["size_bytes"].to_bytes(8, "big")
        return own and leaf[6:8] == b"\x00\x06" and leaf[113:153] == content and leaf[157:189].hex() == line["sha256"]
    if line["look"] == "retired":
        return own and leaf[6:8] == b"\x00\x03" and leaf[114:].startswith(text(line["reason"]))
    outcome = b"\x00" + number(line["version_seq"]) if line["look"] == "unchanged" else b"\x01" + text(line["reason"])
    return leaf[6:8] == b"\x00\x05" and seen + outcome in leaf[114:]

wrong = 0
for line in map(json.loads, open(sys.argv[1], encoding="utf-8")):
    if line["kind"] in ("document", "entry"):
        leaf = base64.b64decode(line["leaf"])
        if line["kind"] == "document":
            name, stream = line["document"], leaf[52:68]
        if line["document"] != name or not says(line, leaf, stream):
            wrong += 1
            print(f"a line of {line['document']} says something else than its event")
print(f"{wrong} lines say something else than their events")
sys.exit(wrong > 0)
