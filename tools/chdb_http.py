#!/usr/bin/env python3
"""A test double: ClickHouse's HTTP interface over one embedded chdb session, on loopback only.

The engine is ClickHouse's own, so SQL behaves as in production; concurrency does not, since statements run one at a
time. Never measure speed against it, and never put it into service. `cargo xtask test` starts and ends it.

usage: chdb_http.py [--dir DIR] [--port 8123 (0 = any)] [--user U] [--password P]
Speaks: GET /ping; GET|POST /?query=&database=&default_format=&param_x=&<setting>= with the body
appended to the query; gzip/deflate/chunked request bodies; X-ClickHouse-User/-Key, ?user=&password=
and Basic auth; X-ClickHouse-Query-Id/-Summary/-Exception-Code. Statements run one at a time.
"""
import argparse, base64, gzip, json, os, re, tempfile, threading, uuid, zlib
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlsplit
from chdb.session import Session

NOT_SETTINGS = {"query", "database", "default_format", "user", "password", "query_id", "session_id", "session_timeout",
                "session_check", "compress", "decompress", "wait_end_of_query", "buffer_size", "quota_key", "role",
                "send_progress_in_http_headers", "enable_http_compression"}
INSERT = re.compile(r"^\s*INSERT\s+INTO\b", re.I)
FORMAT = re.compile(r"\bFORMAT\s+(\w+)\s*$", re.I)
STATUS = {60: 404, 81: 404, 516: 403, 497: 403, 62: 400, 27: 400, 117: 400, 47: 400, 53: 400, 456: 400, 159: 408}
LOCK = threading.Lock()
MAX_BODY = 256 << 20


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # Headers and body go in writes of their own: the second would wait 40 ms for the client's acknowledgement of the first.
    disable_nagle_algorithm = True

    log_message = lambda *a: None

    def reply(self, status, body, headers=()):
        self.send_response(status)
        if "gzip" in self.headers.get("Accept-Encoding", "") and self.p.get("enable_http_compression") == "1":
            body, headers = gzip.compress(body, 1), [*headers, ("Content-Encoding", "gzip")]
        for k, v in [*headers, ("Content-Length", str(len(body)))]:
            self.send_header(k, v)
        self.end_headers()
        self.wfile.write(body)

    def body(self):
        if self.headers.get("Transfer-Encoding", "").lower() == "chunked":
            raw = bytearray()
            while n := int(self.rfile.readline().split(b";")[0], 16):
                raw += self.rfile.read(n)
                self.rfile.readline()
                if len(raw) > MAX_BODY:
                    raise ValueError("body too large")
            while self.rfile.readline().strip():
                pass
        else:
            raw = self.rfile.read(min(int(self.headers.get("Content-Length") or 0), MAX_BODY))
        enc = self.headers.get("Content-Encoding", "").lower()
        return gzip.decompress(raw) if enc == "gzip" else zlib.decompress(raw) if enc == "deflate" else bytes(raw)

    def authorised(self):
        h = self.headers
        user, key = h.get("X-ClickHouse-User") or self.p.get("user"), h.get("X-ClickHouse-Key") or self.p.get("password")
        if h.get("Authorization", "").startswith("Basic "):
            user, _, key = base64.b64decode(h["Authorization"][6:]).decode().partition(":")
        return (user or "default", key or "") == self.server.credentials

    def run(self, sql, fmt, params, settings, database):
        with LOCK:
            s = self.server.session
            if database != self.server.database:
                s.query(f"USE `{database}`")
                self.server.database = database
            try:
                for k, v in settings.items():
                    s.query("SET %s = '%s'" % (re.sub(r"\W", "", k), v.replace("\\", "\\\\").replace("'", "\\'")))
                r = s.query(sql, fmt, params=params)
                return r.bytes() or b"", r.rows_read(), r.bytes_read()
            finally:
                for k in settings:
                    s.query("SET %s = DEFAULT" % re.sub(r"\W", "", k))

    def handle_any(self):
        url = urlsplit(self.path)
        self.p = p = dict(parse_qsl(url.query, keep_blank_values=True))
        data = self.body() if self.command == "POST" else b""
        if url.path == "/ping":
            return self.reply(200, b"Ok.\n")
        if not self.authorised():
            return self.reply(403, b"Code: 516. DB::Exception: Authentication failed. (AUTHENTICATION_FAILED)\n",
                              [("X-ClickHouse-Exception-Code", "516")])
        query, data = (p["query"], data) if "query" in p else (data.decode(), b"")
        sql, tmp = query.strip().rstrip(";"), None
        fmt = p.get("default_format") or self.headers.get("X-ClickHouse-Format") or "TabSeparated"
        params = {k[6:]: v for k, v in p.items() if k.startswith("param_")}
        settings = {k: v for k, v in p.items() if k not in NOT_SETTINGS and not k.startswith("param_")}
        head = [("X-ClickHouse-Query-Id", p.get("query_id") or str(uuid.uuid4()))]
        try:
            m = FORMAT.search(sql)
            if data and INSERT.match(sql) and m:  # binary-safe: hand the body over as a file
                with tempfile.NamedTemporaryFile(dir=self.server.tmp, delete=False) as tmp:
                    tmp.write(data)
                sql = f"{sql[:m.start()]} FROM INFILE '{tmp.name}' FORMAT {m.group(1)}"
            elif data:
                sql += "\n" + data.decode()
            database = p.get("database") or self.headers.get("X-ClickHouse-Database") or "default"
            out, rows, size = self.run(sql, fmt, params, settings, database)
            summary = {"read_rows": str(rows), "read_bytes": str(size), "written_rows": str(rows if tmp else 0)}
            self.reply(200, out, [*head, ("X-ClickHouse-Summary", json.dumps(summary))])
        except Exception as e:
            code = (re.search(r"Code: (\d+)", str(e)) or [0, "0"])[1]
            self.reply(STATUS.get(int(code), 500), str(e).encode() + b"\n", [*head, ("X-ClickHouse-Exception-Code", code)])
        finally:
            if tmp:
                os.unlink(tmp.name)

    do_GET = do_POST = handle_any


if __name__ == "__main__":
    a = argparse.ArgumentParser()
    for name, kind, default in (("dir", str, None), ("port", int, 8123), ("user", str, "default"), ("password", str, "")):
        a.add_argument("--" + name, type=kind, default=default)
    o = a.parse_args()
    srv = ThreadingHTTPServer(("127.0.0.1", o.port), Handler)
    srv.credentials, srv.tmp = (o.user, o.password), tempfile.mkdtemp(prefix="chdb-http-")
    srv.session = Session(o.dir or os.path.join(srv.tmp, "db"))
    srv.database = None
    srv.session.query("CREATE DATABASE IF NOT EXISTS default ENGINE = Atomic")
    print(f"listening on http://127.0.0.1:{srv.server_port}", flush=True)
    srv.serve_forever()
