"""A kernel's WebSocket as plain as can be, in both protocols, for what no client sends."""

from __future__ import annotations

import itertools
import json
import uuid
from types import TracebackType
from typing import Any

import websocket
from server import Server

V1 = "v1.kernel.websocket.jupyter.org"
Message = dict[str, Any]


class Channels:
    def __init__(self, server: Server, kernel: str, *, v1: bool = False, key: str | None = None) -> None:
        key = server.key if key is None else key
        url = f"{server.api('jupyter')}/api/kernels/{kernel}/channels?token={key}".replace("http", "ws", 1)
        self.v1 = v1
        self.socket = websocket.create_connection(url, subprotocols=[V1] if v1 else None, timeout=60)
        assert self.socket.getsubprotocol() == (V1 if v1 else None)

    def __enter__(self) -> Channels:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.socket.close()

    def send(self, kind: str, channel: str = "shell", **content: Any) -> str:
        name = uuid.uuid4().hex
        header = {"msg_id": name, "msg_type": kind, "username": "", "session": "s", "date": "", "version": "5.3"}
        if self.v1:
            parts = [channel.encode(), *(json.dumps(part).encode() for part in (header, {}, {}, content))]
            self.socket.send_binary(framed(parts))
        else:
            message = {"header": header, "parent_header": {}, "metadata": {}, "content": content, "channel": channel}
            self.socket.send(json.dumps(message))
        return name

    def receive(self) -> Message:
        frame = self.socket.recv()
        if not self.v1:
            assert isinstance(frame, str)
            return dict(json.loads(frame))
        assert isinstance(frame, bytes)
        words = [int.from_bytes(frame[i : i + 8], "little") for i in range(0, 8 * (1 + int(frame[0])), 8)]
        parts = [frame[start:end] for start, end in itertools.pairwise(words[1:])]
        header, parent, metadata, content = (json.loads(part) for part in parts[1:])
        named = {"parent_header": parent, "metadata": metadata, "content": content, "channel": parts[0].decode()}
        return {"header": header, "msg_type": header["msg_type"], **named}

    def about(self, name: str) -> list[Message]:
        """Returns the messages about a request, to the last one."""
        messages = []
        while True:
            message = self.receive()
            if message["parent_header"].get("msg_id") == name:
                messages.append(message)
                if message["content"].get("execution_state") == "idle":
                    return messages

    def ask(self, kind: str, channel: str = "shell", **content: Any) -> Message:
        """Returns the content of the reply to a request."""
        for message in self.about(self.send(kind, channel, **content)):
            if message["msg_type"].endswith("_reply"):
                assert message["channel"] == channel
                return dict(message["content"])
        return {}

    def run(self, code: str) -> list[Message]:
        return self.about(self.send("execute_request", code=code))

    def ends(self) -> None:
        """Waits until the server closes it."""
        try:
            while self.socket.recv():
                pass
        except (websocket.WebSocketConnectionClosedException, ConnectionError):
            pass


def framed(parts: list[bytes]) -> bytes:
    """Puts parts into a binary frame."""
    places = [8 * (len(parts) + 2)]
    for part in parts:
        places.append(places[-1] + len(part))
    words = [len(places), *places]
    return b"".join(word.to_bytes(8, "little") for word in words) + b"".join(parts)


def printed(messages: list[Message]) -> str:
    return "".join(m["content"]["text"] for m in messages if m["msg_type"] == "stream")


def contents(messages: list[Message], kind: str) -> list[Message]:
    return [m["content"] for m in messages if m["msg_type"] == kind]
