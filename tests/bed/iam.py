"""Answers HTTP on a port of every address with `IAM <the address asked>`. Sent to a guest, so it stands alone."""

import http.server
import socket
import sys


class Answer(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        address = self.connection.getsockname()[0].removeprefix("::ffff:").partition("%")[0]
        body = f"IAM {address}\n".encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_words):
        """Say nothing."""


class Server(http.server.ThreadingHTTPServer):
    address_family = socket.AF_INET6
    daemon_threads = True
    request_queue_size = 128

    def server_bind(self):
        self.socket.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
        super().server_bind()

    def handle_error(self, *_words):
        """A client that goes away early is no news."""


if __name__ == "__main__":
    Server(("::", int(sys.argv[1])), Answer).serve_forever()
