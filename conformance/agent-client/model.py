"""A model endpoint that follows a script: for a real agent program as a client of the gateway.

In: a JSON file, `[{"tool": NAME, "input": {...}} | {"text": TEXT}, ...]`, and the file that what was seen is written to. Prints its
port and answers `POST /v1/messages` (Anthropic's Messages API, streamed or not) with the next step of the script each time the
agent comes back with an answer of a tool. A tool is named by the end of its name; one that the agent does not offer ends the
script with a text that says so. It knows nothing and decides nothing. Used by `cargo xtask agent-client`.
"""

import json
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

STEPS = json.load(open(sys.argv[1], encoding="utf-8"))
SEEN = sys.argv[2]
LOCK = threading.Lock()
RECORD = {"tools": [], "results": []}


def results(messages):
    """Every answer of a tool in a conversation, as text."""
    found = []
    for message in messages:
        content = message.get("content")
        for block in content if isinstance(content, list) else []:
            if block.get("type") == "tool_result":
                inner = block.get("content")
                if isinstance(inner, list):
                    inner = "".join(part.get("text", "") for part in inner)
                found.append({"error": bool(block.get("is_error")), "text": inner or ""})
    return found


def step(request):
    """The next block of the answer."""
    offered = [tool["name"] for tool in request.get("tools", []) if "name" in tool]
    told = results(request["messages"])
    if not offered:
        return {"type": "text", "text": "a title"}
    with LOCK:
        RECORD["tools"] = sorted(set(RECORD["tools"]) | set(offered))
        if len(told) >= len(RECORD["results"]):
            RECORD["results"] = told
        with open(SEEN, "w", encoding="utf-8") as out:
            json.dump(RECORD, out, indent=1)
    wanted = STEPS[len(told)] if len(told) < len(STEPS) else {"text": "the script is over"}
    if "text" in wanted:
        return {"type": "text", "text": wanted["text"]}
    names = [name for name in offered if name.endswith(wanted["tool"])]
    if not names:
        return {"type": "text", "text": f"no tool {wanted['tool']} among {offered}"}
    return {"type": "tool_use", "id": f"toolu_{len(told):04}", "name": names[0], "input": wanted["input"]}


def events(block):
    """The answer as the events of a stream."""
    message = {
        "id": "msg_0001", "type": "message", "role": "assistant", "model": "scripted", "content": [],
        "stop_reason": None, "stop_sequence": None, "usage": {"input_tokens": 1, "output_tokens": 1},
    }
    yield "message_start", {"message": message}
    if block["type"] == "text":
        yield "content_block_start", {"index": 0, "content_block": {"type": "text", "text": ""}}
        yield "content_block_delta", {"index": 0, "delta": {"type": "text_delta", "text": block["text"]}}
        reason = "end_turn"
    else:
        start = {"type": "tool_use", "id": block["id"], "name": block["name"], "input": {}}
        yield "content_block_start", {"index": 0, "content_block": start}
        delta = {"type": "input_json_delta", "partial_json": json.dumps(block["input"])}
        yield "content_block_delta", {"index": 0, "delta": delta}
        reason = "tool_use"
    yield "content_block_stop", {"index": 0}
    yield "message_delta", {"delta": {"stop_reason": reason, "stop_sequence": None}, "usage": {"output_tokens": 1}}
    yield "message_stop", {}


class Model(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def answer(self, status, kind, body):
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_HEAD(self):
        self.answer(200, "text/plain", b"")

    def do_GET(self):
        self.answer(404, "application/json", b"{}")

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        if not self.path.startswith("/v1/messages"):
            return self.answer(404, "application/json", b"{}")
        request = json.loads(body)
        if "count_tokens" in self.path:
            return self.answer(200, "application/json", b'{"input_tokens": 1}')
        block = step(request)
        if request.get("stream"):
            lines = [
                f"event: {name}\ndata: {json.dumps({'type': name, **data})}\n\n" for name, data in events(block)
            ]
            return self.answer(200, "text/event-stream", "".join(lines).encode())
        reason = "end_turn" if block["type"] == "text" else "tool_use"
        whole = {
            "id": "msg_0001", "type": "message", "role": "assistant", "model": "scripted", "content": [block],
            "stop_reason": reason, "stop_sequence": None, "usage": {"input_tokens": 1, "output_tokens": 1},
        }
        return self.answer(200, "application/json", json.dumps(whole).encode())


server = ThreadingHTTPServer(("127.0.0.1", 0), Model)
print(server.server_address[1], flush=True)
# Whoever started it holds its input: it ends with them.
threading.Thread(target=lambda: (sys.stdin.read(), server.shutdown()), daemon=True).start()
server.serve_forever()
