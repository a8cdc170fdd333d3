"""A mail server on loopback that keeps what it is sent: enough of SMTP (RFC 5321) for a client that means it."""

from __future__ import annotations

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage


@dataclass
class Mailbox:
    """What came: sender, receivers and message of each. `answers` says what to answer a command instead of yes."""

    port: int = 0
    messages: list[tuple[str, list[str], EmailMessage]] = field(default_factory=list)
    answers: dict[str, str] = field(default_factory=dict)


@contextmanager
def mail_server() -> Iterator[Mailbox]:
    """Listens until the block ends."""
    mailbox = Mailbox()

    class Talk(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            sender, receivers = "", []
            self._say("220 test")
            while line := self.rfile.readline().decode().strip():
                word = line.split(" ")[0].upper()
                if word in mailbox.answers:
                    self._say(mailbox.answers[word])
                elif word == "MAIL":
                    sender = line.partition(":")[2].split(">")[0].lstrip("<")
                    self._say("250 ok")
                elif word == "RCPT":
                    receivers.append(line.partition(":")[2].strip("<>"))
                    self._say("250 ok")
                elif word == "DATA":
                    self._say("354 go on")
                    mailbox.messages.append((sender, receivers, self._message()))
                    self._say("250 ok")
                elif word == "QUIT":
                    self._say("221 bye")
                    return
                else:
                    self._say("250 ok")

        def _message(self) -> EmailMessage:
            lines = []
            while (line := self.rfile.readline()) != b".\r\n":
                lines.append(line.removeprefix(b".") if line.startswith(b"..") else line)
            return message_from_bytes(b"".join(lines), policy=policy.default)

        def _say(self, text: str) -> None:
            self.wfile.write(f"{text}\r\n".encode())

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Talk) as server:
        mailbox.port = server.server_address[1]
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield mailbox
        server.shutdown()
