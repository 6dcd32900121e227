import http.server, sys, time
class Broken(http.server.BaseHTTPRequestHandler):
	def do_GET(self):
		print(self.path, flush=True)
		if self.path.startswith("/silent"):
			time.sleep(60)
		body = open("debug/other", "rb").read()
		self.send_response(200)
		self.send_header("Content-Length", str(len(body)))
		self.end_headers()
		self.wfile.write(body)
	def log_message(self, *_):
		pass
server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Broken)
print(server.server_port, flush=True)
server.serve_forever()
